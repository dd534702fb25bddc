"""A look at one contact: the On-Premises client writes only to whom it has looked up.

Source: Meta, On-Premises contacts reference, `POST /v1/contacts`; unnecessary since v2.39.1, and from v2.43 always
valid, but providers speak older versions. Other endpoints than messages take 20 requests a second (rate limits).
"""

import asyncio
from collections import OrderedDict
from typing import Final

import aiohttp
import orjson
from aiolimiter import AsyncLimiter

from campaign.adapters.whatsapp.asking import ASK_SECONDS, Reply, ask
from campaign.adapters.whatsapp.grants import Grant
from campaign.domain.outcome import NotNow, Outcome, Rejected, Scope

UNKNOWN_CONTACT: Final = 1006
NO_USER: Final = 1013

# The client answers a lookup before it has told all its parts.
_WAIT_SECONDS: Final = 2.0

_PER_SECOND: Final = 20
_REMEMBERED: Final = 100_000


class Contacts:
    """Looks a person up once, when the client says that it does not know them."""

    def __init__(self, session: aiohttp.ClientSession, *, base_url: str, no_user: Outcome | None = None) -> None:
        self._session = session
        self._url = f"{base_url.rstrip('/')}/v1/contacts"
        self._no_user = no_user or Rejected(NO_USER)
        self._limiter = AsyncLimiter(_PER_SECOND, 1)
        self._looked_up: OrderedDict[str, None] = OrderedDict()

    async def look_up(self, number: str, refusal: Outcome, grant: Grant) -> Outcome:
        """Say what becomes of a message whose contact was unknown: `refusal` if it was looked up before."""
        if number in self._looked_up:
            return refusal
        self._looked_up[number] = None
        if len(self._looked_up) > _REMEMBERED:
            self._looked_up.popitem(last=False)
        match _status(await self._ask(number, grant)):
            case "invalid":
                return self._no_user
            case "failed":
                return refusal
            case _:
                # Valid, being looked up, or no answer: 1006 says that nothing was taken, so it is tried once more.
                return NotNow(UNKNOWN_CONTACT, Scope.PERSON, _WAIT_SECONDS)

    async def _ask(self, number: str, grant: Grant) -> Reply:
        question = orjson.dumps({"blocking": "wait", "contacts": [f"+{number.removeprefix('+')}"], "force_check": True})
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self._limiter.acquire()
        except TimeoutError:
            return Reply(0, why="TimeoutError")
        return await ask(self._session, "POST", self._url, grant, data=question, content_type="application/json")


def _status(reply: Reply) -> str | None:
    match reply.content.get("contacts"):
        case [{"status": str(status)}] if reply.ok:
            return status
    return None
