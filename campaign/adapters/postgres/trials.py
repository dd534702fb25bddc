"""The ledger as a test of a campaign asks it: who may get one, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("trials")


@dataclass(frozen=True, slots=True)
class Became:
    """What became of one message: `reason` of a skipped one, `code` of a rejected or failed one."""

    state: str
    delivery: str
    reason: str | None
    code: int | None


class PostgresTrials:
    """Looks, and changes nothing."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def suppressed(self, people: Sequence[bytes], *, category: str) -> set[bytes]:
        """Find those who must not be contacted with messages of this category."""
        return {row[0] for row in await ask(lambda: self._pool.fetch(_SQL["suppressed"], people, category))}

    async def answerable(self, people: Sequence[bytes], addresses: Sequence[str]) -> set[bytes]:
        """Find those whose customer service window is open with one of these numbers."""
        return {row[0] for row in await ask(lambda: self._pool.fetch(_SQL["answerable"], people, addresses))}

    async def became(self, campaign: str, key: str) -> Mapping[int, Became]:
        """Tell of each row of a run what became of it."""
        rows = await ask(lambda: self._pool.fetch(_SQL["became"], campaign, key))
        return {row: Became(*rest) for row, *rest in rows}
