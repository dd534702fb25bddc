"""A look at a Cloud API account: does the API answer, is the token good, are the numbers there, and how are they."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from campaign.adapters.whatsapp.asking import Reply, ask
from campaign.adapters.whatsapp.grants import FixedToken, Secret
from campaign.adapters.whatsapp.wire import is_code
from campaign.domain.errors import ConfigurationError, Unreachable

# Error codes page, 19 Nov 2025: 0 and 190 are the token, 3, 10 and 200-299 its permissions.
_TOKEN = frozenset({0, 190})
_PERMISSION = frozenset({3, 10, *range(200, 300)})

_FIELDS = "id,status,quality_rating,throughput"


@dataclass(frozen=True, slots=True)
class NumberState:
    """What WhatsApp says of a number, in its own words; empty where it says nothing."""

    status: str
    quality: str
    throughput: str


class CloudAccount:
    """A Cloud API account as commands look at it before they send."""

    def __init__(self, session: aiohttp.ClientSession, *, base_url: str, version: str, token: Secret) -> None:
        self._session = session
        self._prefix = f"{base_url.rstrip('/')}/{version}"
        self._token = FixedToken(token)

    async def numbers(self, numbers: Mapping[str, str]) -> dict[str, NumberState]:
        """Ask for each shard's number (`numbers`: shard -> phone number id); raises CampaignError with the remedy."""
        return {shard: await self._number(shard, number) for shard, number in numbers.items()}

    async def _number(self, shard: str, number: str) -> NumberState:
        reply = await ask(self._session, "GET", f"{self._prefix}/{number}?fields={_FIELDS}", self._token.grant)
        _judge(shard, reply)
        throughput = reply.content.get("throughput")
        level = throughput.get("level") if isinstance(throughput, dict) else None
        return NumberState(_word(reply.content.get("status")), _word(reply.content.get("quality_rating")), _word(level))


def _word(value: Any) -> str:  # noqa: ANN401 - JSON
    return value if isinstance(value, str) else ""


def _judge(shard: str, reply: Reply) -> None:
    if reply.status == 200:  # noqa: PLR2004 - the number is there
        return
    if not reply.status:
        raise away(reply.why)
    error = reply.content.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if code in _TOKEN:
        raise ConfigurationError(
            "WhatsApp does not accept the access token",
            where="account.access_token",
            remedy="make a new one for the system user in Business settings and put it where the settings point",
        )
    if code in _PERMISSION:
        raise ConfigurationError(
            "the access token may not send for this account",
            where="account.access_token",
            remedy="give the system user whatsapp_business_messaging on the account, then make a new token",
        )
    if 400 <= reply.status < 500 and is_code(code):  # noqa: PLR2004 - refused, not unwell
        raise ConfigurationError(
            f"WhatsApp knows no such number for shard '{shard}' (error {code})",
            where="shards",
            remedy="copy its phone_number_id from WhatsApp Manager",
        )
    raise unwell(f"HTTP {reply.status}")


def away(why: str) -> Unreachable:
    """Say that nobody answered."""
    return Unreachable(
        f"WhatsApp's API cannot be reached ({why})",
        where="account.base_url",
        remedy="check the address and the network; nothing was sent, run the command again later",
    )


def unwell(why: str) -> Unreachable:
    """Say that somebody answered, but not with an answer."""
    return Unreachable(
        f"WhatsApp's API is not well ({why})",
        where="account.base_url",
        remedy="nothing was sent; run the command again later",
    )
