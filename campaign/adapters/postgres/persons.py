"""One person, as the ledger knows them: read-only, and under one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("persons")

# What they wrote, the newest of it.
MOST_WRITTEN: Final = 50


@dataclass(frozen=True, slots=True)
class PersonMessage:
    """One message to the person, or one that was not sent, and what holds it up; `news` is what webhooks said."""

    campaign: str
    run: str
    row: int
    state: str
    delivery: str
    reason: str | None
    code: int | None
    attempt: int
    at: datetime
    waits_until: datetime | None
    run_state: str
    run_reason: str | None
    run_code: int | None
    stopped_code: int | None
    gated: bool
    never_delivered: bool
    held_too_long: bool
    held_limit_seconds: float
    erased: bool
    news: Sequence[dict[str, Any]]
    earlier: Sequence[dict[str, Any]]


class PersonRefusal(NamedTuple):
    """A row of an audience that meant the person and became no message."""

    campaign: str
    run: str
    row: int
    reason: str
    detail: str
    at: datetime


class Suppression(NamedTuple):
    """Who says that the person must not be written to, and what with."""

    scope: str
    source: str
    reason: str
    since: datetime


class Preferred(NamedTuple):
    """What the person last chose in WhatsApp about marketing."""

    stopped: bool
    at: datetime


class Window(NamedTuple):
    """Until when the person may be answered freely, and over which shard."""

    shard: str
    until: datetime


class Written(NamedTuple):
    """Something the person wrote; `text` where there is one and it is kept."""

    kind: str
    at: datetime
    text: str | None


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All of it, the newest first."""

    messages: Sequence[PersonMessage]
    refusals: Sequence[PersonRefusal]
    suppressions: Sequence[Suppression]
    preference: Preferred | None
    windows: Sequence[Window]
    wrote: Sequence[Written]


class PostgresPersons:
    """Looks, and changes nothing."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def facts(self, person: bytes) -> PersonFacts:
        """Read everything that is known of a person."""
        return await ask(lambda: self._once(person))

    async def _once(self, person: bytes) -> PersonFacts:
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            preference = await connection.fetchrow(_SQL["preference"], person)
            return PersonFacts(
                messages=[PersonMessage(**each) for each in await connection.fetch(_SQL["messages"], person)],
                refusals=[PersonRefusal(*each) for each in await connection.fetch(_SQL["refusals"], person)],
                suppressions=[Suppression(*each) for each in await connection.fetch(_SQL["suppressions"], person)],
                preference=Preferred(*preference) if preference is not None else None,
                windows=[Window(*each) for each in await connection.fetch(_SQL["windows"], person)],
                wrote=[Written(*each) for each in await connection.fetch(_SQL["wrote"], person, MOST_WRITTEN)],
            )
