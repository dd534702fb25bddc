"""Frequency caps in front of marks: of two that would write to the same person, one waits for the other."""

from collections.abc import Sequence

import asyncpg

from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("dispatch")


class Caps:
    """Knows which runs have a cap, and holds the people of their marks."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        # A run's cap never changes once it is planned.
        self._capped: dict[int, bool] = {}

    async def any_of(self, runs: Sequence[int]) -> bool:
        """Tell whether one of these runs has a cap."""
        unseen = [run for run in set(runs) if run not in self._capped]
        if unseen:
            capped = {row["id"] for row in await self._pool.fetch(_SQL["capped"], unseen)}
            self._capped |= {run: run in capped for run in unseen}
        return any(self._capped[run] for run in runs)

    async def hold(self, connection: asyncpg.Connection, runs: Sequence[int], rows: Sequence[int]) -> None:
        """Keep everybody else from marking the same people under a cap until the transaction ends."""
        await connection.execute(_SQL["keep_to_caps"], runs, rows)
