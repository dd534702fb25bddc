"""The ledger, as `doctor` asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.receipt import AccountEvent

_SQL = load_queries("doctor")

# As many unreadable webhooks as are told one by one.
LISTED: Final = 20

# More than this many pieces of news in a week are not news any more.
_MOST_NEWS: Final = 1_000


class Unreadable(NamedTuple):
    """A webhook that could not be read in full: where and why, a line each."""

    webhook: int
    received_at: datetime
    why: str


class Overdue(NamedTuple):
    """Messages of a run that are held for longer than it allows."""

    run: str
    messages: int
    since: datetime


class Said(NamedTuple):
    """News of the account, the shards whose number it is about, and when it was said, or else heard."""

    event: AccountEvent
    ours: bool
    shards: Sequence[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """What is noteworthy, of a week where time matters; `stopped`: WhatsApp's code for each stopped shard.

    `waiting_facts` are older than an hour and belong to no message here. `news` is sorted, the newest first.
    """

    quarantined: int
    unparsed: int
    unparsed_seconds: float | None
    waiting_facts: int
    ghosts: int
    doubled: int
    conflicts: int
    stopped: Mapping[str, int]
    unreadable: Sequence[Unreadable] = ()
    overdue: Sequence[Overdue] = ()
    news: Sequence[Said] = ()


async def look(pool: asyncpg.Pool, shards: Sequence[str]) -> LedgerHealth:
    """Look, and change nothing."""
    row = await ask(lambda: pool.fetchrow(_SQL["findings"], list(shards)))
    unreadable = await ask(lambda: pool.fetch(_SQL["unreadable"], LISTED))
    overdue = await ask(lambda: pool.fetch(_SQL["overdue"]))
    news = await ask(lambda: pool.fetch(_SQL["news"], _MOST_NEWS))
    return LedgerHealth(
        **row,
        unreadable=[Unreadable(*each) for each in unreadable],
        overdue=[Overdue(*each) for each in overdue],
        news=[_said(each) for each in news],
    )


def _said(row: asyncpg.Record) -> Said:
    said = (row[key] for key in ("field", "event", "subject", "language", "said_at", "account", "detail"))
    return Said(AccountEvent(*said), row["ours"], row["shards"], row["said_at"] or row["received_at"])
