"""The paths of the Cloud API: messages, number fields, templates, media."""

from typing import Any

from aiohttp import web

from campaign.simulator.cloud_media import CloudMedia
from campaign.simulator.dialect import Endpoint
from campaign.simulator.fields import display_number
from campaign.simulator.platform import Platform
from campaign.simulator.replying import give, shown, stranger
from campaign.simulator.template_listing import listed

_HIGH_THROUGHPUT = 1000
_VERSION = r"{version:v\d+\.\d+}"


class CloudRoutes:
    """Answers as graph.facebook.com does, faults included."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._media = CloudMedia(platform)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"/{_VERSION}/{{number}}/messages", self.post_message),
            web.post(f"/{_VERSION}/{{number}}/marketing_messages", self.post_marketing_message),
            web.post(f"/{_VERSION}/{{number}}/media", self._media.upload),
            web.get(f"/{_VERSION}/{{account}}/message_templates", self.get_templates),
            web.post(f"/{_VERSION}/{{template_id}}/unpause", self.unpause_template),
            web.get(f"/{_VERSION}/{{node}}", self.get_node),
            web.delete(f"/{_VERSION}/{{media_id}}", self._media.delete),
        ]

    async def post_message(self, request: web.Request) -> web.StreamResponse:
        return await self._post(request, "messages")

    async def post_marketing_message(self, request: web.Request) -> web.StreamResponse:
        return await self._post(request, "marketing_messages")

    async def get_templates(self, request: web.Request) -> web.Response:
        name, status = request.query.get("name"), request.query.get("status")
        chosen = [
            listed(template)
            for template in self._platform.checks.shelf
            if name in (None, template.name) and status in (None, template.status)
        ]
        cursors = {"before": "QVFI", "after": "QVFI"}
        return self._stranger(request) or shown({"data": chosen, "paging": {"cursors": cursors}})

    async def unpause_template(self, request: web.Request) -> web.Response:
        wanted = request.match_info["template_id"]
        if refused := self._stranger(request):
            return refused
        return shown({"success": wanted.isdecimal() and self._platform.aftermath.unpause(int(wanted))})

    async def get_node(self, request: web.Request) -> web.Response:
        """Show a file or, failing that, a number: the API tells them apart by their ids alone."""
        node = request.match_info["node"]
        return self._media.found(request, node) or self._number(request, node)

    async def _post(self, request: web.Request, endpoint: Endpoint) -> web.StreamResponse:
        raw, authorization = await request.read(), request.headers.get("Authorization", "")
        reply = self._platform.submit(request.match_info["number"], authorization, raw, endpoint=endpoint)
        return await give(reply, request, self._platform)

    def _number(self, request: web.Request, number: str) -> web.Response:
        fields = self._number_fields(number)
        wanted = request.query.get("fields")
        if wanted:
            names = {name.strip() for name in wanted.split(",")} | {"id"}
            fields = {name: value for name, value in fields.items() if name in names}
        return self._stranger(request) or shown(fields)

    def _stranger(self, request: web.Request) -> web.Response | None:
        return stranger(request, self._platform)

    def _number_fields(self, number: str) -> dict[str, Any]:
        profile, ceiling = self._platform.profile, self._platform.checks.rates.ceiling(number)
        high = ceiling is None or ceiling >= _HIGH_THROUGHPUT
        sendable = profile.can_send_message
        entity = {"entity_type": "PHONE_NUMBER", "id": number, "can_send_message": sendable}
        return {
            "id": number,
            "display_phone_number": "+" + display_number(number),
            "verified_name": "Simulated Business",
            "quality_rating": profile.quality_rating,
            "status": "CONNECTED",
            "throughput": {"level": "HIGH" if high else "STANDARD"},
            "name_status": "APPROVED",
            "code_verification_status": "VERIFIED",
            "platform_type": "CLOUD_API",
            "account_mode": "LIVE",
            "health_status": {"can_send_message": sendable, "entities": [entity]},
            "whatsapp_business_manager_messaging_limit": profile.messaging_limit,
        }
