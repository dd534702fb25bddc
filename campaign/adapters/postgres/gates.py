"""Runs that wait for something: for quality assessment, or for shards that stand still."""

import asyncpg

from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.ports import GateNews, Stranded


class PostgresGates:
    """The port `Gates`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("gates")

    async def watch_gates(self) -> GateNews:
        """Open gates whose held messages went on; pause what waited too long, or has no shard left to go over."""
        return await patiently(self._watch_once)

    async def _watch_once(self) -> GateNews:
        # Released first: what went on has not waited too long.
        released = await self._pool.fetch(self._queries["release_gates"])
        paused = await self._pool.fetch(self._queries["pause_waiting"])
        await self._pool.execute(self._queries["finish_stranded"])
        stranded = await self._pool.fetch(self._queries["pause_stranded"])
        return GateNews(
            [each["run"] for each in released],
            [(each["run"], each["why"]) for each in paused],
            [Stranded(*each) for each in stranded],
        )
