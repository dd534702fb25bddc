"""The ledger, as `doctor` asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("doctor")


@dataclass(frozen=True, slots=True)
class LedgerHealth:
    """What is noteworthy: unreadable webhooks of a week, unread ones, and WhatsApp's code for each stopped shard."""

    quarantined: int
    unparsed: int
    stopped: Mapping[str, int]
    running: bool


async def look(pool: asyncpg.Pool, shards: Sequence[str]) -> LedgerHealth:
    """Look, and change nothing."""
    row = await ask(lambda: pool.fetchrow(_SQL["findings"], list(shards)))
    return LedgerHealth(**row)
