"""Whom a run leaves out, as the ledger knows it: before the plan is committed, or at any time after."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import asyncpg

from campaign.adapters.postgres.asking import reachable
from campaign.adapters.postgres.queries import load_queries
from campaign.ports import Excluded, SentBefore

_SQL = load_queries("exclusions")

# Rows held at a time, however many there are.
_AHEAD = 2_000


class PostgresExclusions:
    """The port `Exclusions`, on a connection in a transaction."""

    def __init__(self, connection: asyncpg.Connection, run: int) -> None:
        self._connection = connection
        self._run = run

    async def rows(self) -> AsyncIterator[Excluded]:
        async for row in self._connection.cursor(_SQL["left_out"], self._run, prefetch=_AHEAD):
            yield Excluded(*row)

    async def sent_before(self) -> Sequence[SentBefore]:
        return [SentBefore(*row) for row in await self._connection.fetch(_SQL["sent_before"], self._run)]

    async def prefixed(self, regions: Collection[str], prefixes: Collection[str]) -> int:
        found: int = await self._connection.fetchval(_SQL["count_prefixed"], self._run, list(regions), list(prefixes))
        return found


@asynccontextmanager
async def exclusions_of(pool: asyncpg.Pool, run: int) -> AsyncIterator[PostgresExclusions]:
    """Read a run under one snapshot; raises Unreachable."""
    async with (
        reachable(),
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield PostgresExclusions(connection, run)
