"""The paths under /_simulator: what an experiment asks and changes. They never misbehave."""

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from campaign.simulator.inbound import writing_of
from campaign.simulator.orders import order_of
from campaign.simulator.platform import Platform
from campaign.simulator.profile import ProfileError


class ControlRoutes:
    """Everything `docs/simulator.md` lists. `refuse` stops listening for some seconds."""

    def __init__(self, platform: Platform, *, refuse: Callable[[float], None]) -> None:
        self._platform = platform
        self._refuse = refuse

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/_simulator/summary", self.get_summary),
            web.get("/_simulator/ledger", self.get_ledger),
            web.get("/_simulator/last", self.get_last),
            web.get("/_simulator/faults", self.get_faults),
            web.post("/_simulator/faults", self.change_faults),
            web.post("/_simulator/held", self.settle_held),
            web.post("/_simulator/inbound", self.write),
            web.post("/_simulator/webhooks", self.announce),
            web.post("/_simulator/token", self.change_token),
            web.post("/_simulator/reset", self.reset),
        ]

    async def get_summary(self, _: web.Request) -> web.Response:
        return _json(self._platform.summary())

    async def get_ledger(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for chunk in self._platform.ledger.chunks():
            await response.write(chunk)
        await response.write_eof()
        return response

    async def get_last(self, request: web.Request) -> web.Response:
        """List the bodies accepted last, as they came, the oldest of them first."""
        count = request.query.get("count", "1")
        if not count.isdecimal():
            return _json({"error": "write count as a number"}, status=400)
        kept = list(self._platform.last)
        return _json([orjson.Fragment(raw) for raw in kept[max(0, len(kept) - int(count)) :]])

    async def get_faults(self, _: web.Request) -> web.Response:
        return _json(self._platform.profile.model_dump(mode="json"))

    async def change_faults(self, request: web.Request) -> web.Response:
        """Change the fields named, leave the others; answers with the profile now in force."""
        patch = _object(await request.read())
        try:
            profile = self._platform.profile.changed(patch)
        except ProfileError as error:
            return _json({"error": str(error)}, status=400)
        if profile.refuse:
            self._refuse(profile.refuse_for_s)
            profile = profile.model_copy(update={"refuse": False})
        self._platform.change(profile)
        return _json(profile.model_dump(mode="json"))

    async def settle_held(self, request: web.Request) -> web.Response:
        order = _object(await request.read())
        action, count = order.get("action"), order.get("count")
        if action not in ("release", "drop") or not (count is None or (isinstance(count, int) and count >= 0)):
            return _json({"error": 'write {"action": "release" or "drop", "count": a number or null}'}, status=400)
        return _json({"settled": self._platform.aftermath.settle(drop=action == "drop", count=count)})

    async def write(self, request: web.Request) -> web.Response:
        """Let somebody write to a number; answers with the id of the message."""
        writing = writing_of(_object(await request.read()))
        if isinstance(writing, str):
            return _json({"error": writing}, status=400)
        return _json({"id": self._platform.hear(writing)})

    async def announce(self, request: web.Request) -> web.Response:
        """Post any event to the webhook, now or later."""
        order = order_of(_object(await request.read()))
        wrong = order if isinstance(order, str) else self._platform.announce(order)
        return _json({"ordered": True}) if wrong is None else _json({"error": wrong}, status=400)

    async def change_token(self, request: web.Request) -> web.Response:
        """Take another token, none of those before, or another password."""
        order, access = _object(await request.read()), self._platform.access
        match order:
            case {"revoke": True}:
                access.revoke()
            case {"accept": str() as token}:
                access.accept(token)
            case {"password": str() as password}:
                access.change_password(password)
            case _:
                wanted = 'write {"accept": a token}, {"revoke": true} or {"password": a password}'
                return _json({"error": wanted}, status=400)
        return _json({"changed": True})

    async def reset(self, _: web.Request) -> web.Response:
        self._platform.reset()
        return _json({"reset": True})


def _object(raw: bytes) -> dict[str, Any]:
    """Read a JSON object; anything else answers 400."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text='{"error": "write a JSON object"}', content_type="application/json")
    return value


def _json(value: object, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(value), content_type="application/json")
