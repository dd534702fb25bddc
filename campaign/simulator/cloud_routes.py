"""The paths of the Cloud API: messages, number fields, templates, media."""

from aiohttp import web

from campaign.simulator.cloud_account import CloudAccountRoutes
from campaign.simulator.cloud_media import CloudMedia
from campaign.simulator.dialect import Endpoint
from campaign.simulator.platform import Platform
from campaign.simulator.replying import give, shown, stranger

_VERSION = r"{version:v\d+\.\d+}"


class CloudRoutes:
    """Answers as graph.facebook.com does, faults included."""

    def __init__(self, platform: Platform, *, account: str) -> None:
        self._platform = platform
        self._about = CloudAccountRoutes(platform, account=account)
        self._media = CloudMedia(platform)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{_VERSION}/{{number}}/messages", self.post_message),
            web.post(f"/{_VERSION}/{{number}}/marketing_messages", self.post_marketing_message),
            web.post(f"/{_VERSION}/{{number}}/media", self._media.upload),
            web.get(f"/{_VERSION}/{{account}}/message_templates", self._about.get_templates),
            web.post(f"/{_VERSION}/{{template_id}}/unpause", self.unpause_template),
            web.get(f"/{_VERSION}/{{node}}", self.get_node),
            web.delete(f"/{_VERSION}/{{media_id}}", self._media.delete),
        ]

    async def post_message(self, request: web.Request) -> web.StreamResponse:
        return await self._post(request, "messages")

    async def post_marketing_message(self, request: web.Request) -> web.StreamResponse:
        return await self._post(request, "marketing_messages")

    async def unpause_template(self, request: web.Request) -> web.Response:
        wanted = request.match_info["template_id"]
        if refused := self._stranger(request):
            return refused
        return shown({"success": wanted.isdecimal() and self._platform.aftermath.unpause(int(wanted))})

    async def get_node(self, request: web.Request) -> web.Response:
        """Show a file or, failing that, what has such an id: the API tells nodes apart by their ids alone."""
        node = request.match_info["node"]
        return self._media.found(request, node) or self._about.node(request, node)

    async def _post(self, request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        raw, authorization = await request.read(), request.headers.get("Authorization", "")
        reply = self._platform.submit(request.match_info["number"], authorization, raw, endpoint=endpoint)
        return await give(reply, request, self._platform)

    def _stranger(self, request: web.Request) -> web.Response | None:
        return stranger(request, self._platform)
