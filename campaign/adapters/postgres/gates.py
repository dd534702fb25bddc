"""Templates that wait for quality assessment: opened again, or given up."""

import asyncpg

from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.ports import GateNews


class PostgresGates:
    """The port `Gates`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("gates")

    async def watch_gates(self) -> GateNews:
        """Open gates whose held messages went on; pause what waited too long, or waits with nobody listening."""
        return await patiently(self._watch_once)

    async def _watch_once(self) -> GateNews:
        # Released first: what went on has not waited too long.
        released = await self._pool.fetch(self._queries["release_gates"])
        paused = await self._pool.fetch(self._queries["pause_waiting"])
        return GateNews([each["run"] for each in released], [(each["run"], each["why"]) for each in paused])
