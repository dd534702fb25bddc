"""A look at a Cloud API account: does the API answer, is the token good, are the numbers there, and how are they."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import aiohttp

from campaign.adapters.whatsapp.asking import Reply, ask
from campaign.adapters.whatsapp.grants import FixedToken, Secret
from campaign.adapters.whatsapp.members import objects, own_word, word
from campaign.adapters.whatsapp.refusals import ASKED_TOO_OFTEN, PASSING, PERMISSION, code_of, judge_token, unwell
from campaign.adapters.whatsapp.templates import Listing, Shelf, Untold
from campaign.adapters.whatsapp.wire import is_code
from campaign.domain.errors import ConfigurationError
from campaign.domain.number_state import Ailment, Entity, NumberState, PortfolioLimit, portfolio_limit
from campaign.domain.numbers import mask

_FIELDS: Final = "id,status,quality_rating,throughput,health_status,whatsapp_business_manager_messaging_limit"

# Of before 7 Oct 2025, when the limit was the number's own; older versions of the API know no other.
_OLDER_FIELDS: Final = "id,status,quality_rating,throughput,messaging_limit_tier"

# How the Graph API names a field that this version does not have; the code alone, 100, says many things.
_NO_SUCH_FIELD: Final = "nonexisting field"

_LIMITS: Final = ("whatsapp_business_manager_messaging_limit", "messaging_limit_tier")
_LONGEST_WORDS: Final = 300
_MESSAGE_ID: Final = re.compile(r"wamid\.[\w+/=.-]+")
_NUMBER: Final = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){7,14}")


class CloudAccount:
    """A Cloud API account as commands look at it before they send; `business_account` is the id of its templates."""

    def __init__(
        self, session: aiohttp.ClientSession, *, base_url: str, version: str, token: Secret, business_account: str
    ) -> None:
        self._session = session
        self._prefix = f"{base_url.rstrip('/')}/{version}"
        self._token = FixedToken(token)
        self._account = business_account

    async def numbers(self, numbers: Mapping[str, str]) -> dict[str, NumberState]:
        """Ask for each shard's number (`numbers`: shard -> phone number id); raises CampaignError with the remedy."""
        replies = await asyncio.gather(*(self._number(each) for each in numbers.values()))
        for shard, reply in zip(numbers, replies, strict=True):
            _judge(shard, reply)
        return {shard: _state(reply.content) for shard, reply in zip(numbers, replies, strict=True)}

    async def templates(self, name: str | None = None) -> Listing:
        """List the account's templates, or the languages of one; raises CampaignError as `numbers` does."""
        return await self._shelf().listed(name)

    async def untold_templates(self) -> Untold | None:
        """Say why the templates cannot be listed, None if they can; raises CampaignError as `numbers` does."""
        return await self._shelf().untold()

    def _shelf(self) -> Shelf:
        return Shelf(self._session, f"{self._prefix}/{self._account}/message_templates", self._token.grant)

    async def _number(self, number: str) -> Reply:
        reply = await self._fields(number, _FIELDS)
        return await self._fields(number, _OLDER_FIELDS) if _lacks_a_field(reply) else reply

    async def _fields(self, number: str, fields: str) -> Reply:
        return await ask(self._session, "GET", f"{self._prefix}/{number}?fields={fields}", self._token.grant)


def _lacks_a_field(reply: Reply) -> bool:
    error = reply.content.get("error")
    message = error.get("message") if isinstance(error, dict) else None
    return isinstance(message, str) and _NO_SUCH_FIELD in message


def _judge(shard: str, reply: Reply) -> None:
    judge_token(reply)
    if reply.ok and not reply.content:
        # Such as the page of a guest network, which would take every message, too.
        raise unwell("it answers with something else than JSON")
    if reply.ok:
        return
    code = code_of(reply)
    if code in PERMISSION:
        raise ConfigurationError(
            "the access token may not send for this account",
            where="account.access_token",
            remedy="give the system user whatsapp_business_messaging on the account, then make a new token",
        )
    if code is None or code in PASSING or code in ASKED_TOO_OFTEN:
        raise unwell(f"HTTP {reply.status}" if code is None else f"error {code}")
    raise ConfigurationError(
        f"WhatsApp knows no such number for shard '{shard}' (error {code})",
        where="shards",
        remedy="copy its phone_number_id from WhatsApp Manager",
    )


def _state(said: Mapping[str, Any]) -> NumberState:
    throughput, health = said.get("throughput"), said.get("health_status")
    health = health if isinstance(health, dict) else {}
    return NumberState(
        status=own_word(said.get("status")),
        quality=own_word(said.get("quality_rating")),
        throughput=own_word(throughput.get("level")) if isinstance(throughput, dict) else "",
        can_send=own_word(health.get("can_send_message")),
        entities=tuple(_entities(health.get("entities"))),
        limit=_limit(said),
    )


def _entities(said: Any) -> Iterator[Entity]:  # noqa: ANN401 - JSON
    for each in objects(said):
        told = each.get("additional_info")
        remarks = [Ailment(_words(text)) for text in told if _words(text)] if isinstance(told, list) else []
        ailments = (*(_ailment(error) for error in objects(each.get("errors"))), *remarks)
        yield Entity(own_word(each.get("entity_type")), own_word(each.get("can_send_message")), ailments)


def _ailment(said: Mapping[str, Any]) -> Ailment:
    code = said.get("error_code")
    return Ailment(
        _words(said.get("error_description")), code if is_code(code) else None, _words(said.get("possible_solution"))
    )


def _limit(said: Mapping[str, Any]) -> PortfolioLimit | None:
    return next((limit for name in _LIMITS if (limit := portfolio_limit(said.get(name))) is not None), None)


def _words(value: Any) -> str:  # noqa: ANN401 - JSON
    """Take WhatsApp's own words for people as one line that no terminal obeys and that names no number in full."""
    line = " ".join("".join(each if each.isprintable() else " " for each in word(value)).split())[:_LONGEST_WORDS]
    return _NUMBER.sub(lambda found: mask(found[0]), _MESSAGE_ID.sub("(a message)", line))
