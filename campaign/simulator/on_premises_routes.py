"""The paths of the On-Premises client: login, messages, contacts, media, health, shards, settings."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from campaign.simulator.broken import plain
from campaign.simulator.dialect import Refusal
from campaign.simulator.media import objection
from campaign.simulator.on_premises import CLIENT, answered
from campaign.simulator.on_premises_client import SHARD_COUNTS, ClientState
from campaign.simulator.platform import Platform
from campaign.simulator.profile import ProfileError
from campaign.simulator.reading import digits, recipient
from campaign.simulator.reasons import Reason
from campaign.simulator.replying import give, stranger, upload_trouble

Handler = Callable[[web.Request], Awaitable[web.Response]]

_UNAUTHORIZED = 401
_CREATED = 201


class OnPremisesRoutes:
    """Answers as the client does, faults included. `state` outlives its messages."""

    def __init__(self, platform: Platform, state: ClientState) -> None:
        self._platform = platform
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/users/login", self.log_in),
            web.post("/v1/messages", self.post_message),
            web.post("/v1/contacts", self._known(self.check_contacts)),
            web.post("/v1/media", self._known(self.upload)),
            web.get("/v1/media/{media_id}", self._known(self.get_medium)),
            web.delete("/v1/media/{media_id}", self._known(self.delete_medium)),
            web.get("/v1/health", self._known(self.get_health)),
            web.get("/v1/account/shards", self._known(self.get_shards)),
            web.post("/v1/account/shards", self._known(self.set_shards)),
            web.get("/v1/settings/application", self._known(self.get_settings)),
            web.patch("/v1/settings/application", self._known(self.change_settings)),
        ]

    async def log_in(self, request: web.Request) -> web.Response:
        given = self._platform.log_in(request.headers.get("Authorization", ""))
        if given is None:
            refusal = Refusal(1005, "Invalid credentials", _UNAUTHORIZED)
            return plain(self._platform.refused(refusal).answer)
        token, until = given
        expires = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M:%S+00:00")
        return plain(answered({"users": [{"token": token, "expires_after": expires}]}))

    async def post_message(self, request: web.Request) -> web.StreamResponse:
        raw, authorization = await request.read(), request.headers.get("Authorization", "")
        return await give(self._platform.submit(CLIENT, authorization, raw), request, self._platform)

    async def check_contacts(self, request: web.Request) -> web.Response:
        """Call every number valid, as the client does since v2.43; without blocking they are still looked up."""
        body = await _object(request)
        contacts = body.get("contacts")
        if not isinstance(contacts, list) or not contacts:
            return self._refused(Reason.MISSING, "Param contacts is missing.")
        blocking = body.get("blocking", "no_wait")
        if blocking not in ("wait", "no_wait"):
            return self._refused(Reason.WRONG_VALUE, "Param blocking must be one of {wait, no_wait}.")
        self._platform.contacts_checked += len(contacts)
        return plain(answered({"contacts": [_contact(each, waits=blocking == "wait") for each in contacts]}))

    async def upload(self, request: web.Request) -> web.Response:
        size, sha256 = 0, hashlib.sha256()
        async for chunk in request.content.iter_any():
            size += len(chunk)
            sha256.update(chunk)
        mime_type = request.headers.get("Content-Type", "")
        if wrong := objection(mime_type, size):
            return self._refused(Reason.WRONG_VALUE, wrong)
        if refused := await upload_trouble(self._platform):
            return refused
        medium = self._platform.checks.media.put(CLIENT, mime_type, size=size, sha256=sha256.hexdigest())
        return plain(answered({"media": [{"id": medium.media_id}]}))

    async def get_medium(self, request: web.Request) -> web.Response:
        """Say that a file is there; its bytes were not kept."""
        medium = self._platform.checks.media.find(request.match_info["media_id"])
        if medium is None:
            return self._refused(Reason.MEDIA, "The media id is not known.")
        return web.Response(content_type=medium.mime_type.partition(";")[0].strip())

    async def delete_medium(self, request: web.Request) -> web.Response:
        if self._platform.checks.media.delete(request.match_info["media_id"]):
            return plain(answered({}))
        return self._refused(Reason.MEDIA, "The media id is not known.")

    async def get_health(self, _: web.Request) -> web.Response:
        connected = self._platform.profile.can_send_message != "BLOCKED"
        status = "connected" if connected else "disconnected"
        return plain(answered({"health": {"gateway_status": status, "role": "primary_master"}}))

    async def get_shards(self, _: web.Request) -> web.Response:
        return plain(answered({"account": {"shards": self._platform.profile.shards}}))

    async def set_shards(self, request: web.Request) -> web.Response:
        body = await _object(request)
        missing = [name for name in ("cc", "phone_number", "shards", "cert") if not body.get(name)]
        if missing:
            return self._refused(Reason.MISSING, f"Param {missing[0]} is missing.")
        try:
            self._platform.change(self._platform.profile.changed({"shards": body["shards"]}))
        except ProfileError:
            possible = ", ".join(map(str, SHARD_COUNTS))
            return self._refused(Reason.WRONG_VALUE, f"Param shards must be one of {{{possible}}}.")
        return plain(answered({}, status=_CREATED))

    async def get_settings(self, _: web.Request) -> web.Response:
        return plain(answered({"settings": {"application": self._state.settings}}))

    async def change_settings(self, request: web.Request) -> web.Response:
        wrong = self._state.change(await _object(request))
        return self._refused(Reason.WRONG_VALUE, wrong) if wrong else plain(answered({}))

    def _known(self, handler: Handler) -> Handler:
        """Ask for a token before anything else."""

        async def with_token(request: web.Request) -> web.Response:
            return stranger(request, self._platform) or await handler(request)

        return with_token

    def _refused(self, reason: Reason, details: str) -> web.Response:
        return plain(self._platform.refused(Refusal(self._platform.code_of(reason), details)).answer)


def _contact(given: object, *, waits: bool) -> dict[str, Any]:
    if recipient(given, "contacts"):
        return {"input": given, "status": "invalid"}
    if not waits:
        return {"input": given, "status": "processing"}
    return {"input": given, "status": "valid", "wa_id": digits(str(given))}


async def _object(request: web.Request) -> dict[str, Any]:
    """Read a JSON object; anything else is one without members."""
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
