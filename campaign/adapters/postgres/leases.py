"""Leases of the portfolio limit: a hundredth of it at a time, into the row of the shard that marks pay from."""

import time
from collections import Counter
from collections.abc import Iterable

import asyncpg

from campaign.adapters.postgres.counting import count
from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("portfolios")

# While nothing is left: how often somebody looks whether that is still so. Never in haste, however soon the next person
# falls out of the window: a second's worth of them is leased in one go then.
_SOONEST_SECONDS = 1.0
_LATEST_SECONDS = 5.0

# Counting must not become the main work: a million people take a while.
_COUNTING_SHARE = 20


class Leases:
    """What the shards of one process may count; remembers for each portfolio until when asking is in vain."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._portfolio_of: dict[int, str] = {}
        self._left: dict[str, tuple[str, int]] = {}
        self._full_until: dict[str, float] = {}

    def note(self, shard: str, marked: Iterable[asyncpg.Record]) -> None:
        """Take from a mark's rows which runs are limited, and what the shard has left."""
        self._left.pop(shard, None)
        for row in marked:
            portfolio = row["portfolio"]
            if portfolio is not None:
                self._portfolio_of[row["run"]] = portfolio
                self._left[shard] = portfolio, row["allowance"] or 0

    async def provide(self, shard: str, epoch: int, people: int) -> None:
        """Lease before the mark what it will need, where the last one left less than that."""
        portfolio, left = self._left.get(shard, ("", people))
        if left < people:
            await self._lease(shard, epoch, portfolio, wanted=people - left)

    async def lease(self, shard: str, epoch: int, limited: Iterable[int]) -> bool:
        """Let a shard count more people for the runs of messages that were limited, a portfolio at a time."""
        wanted = Counter(self._portfolio_of[run] for run in limited)
        for portfolio, people in wanted.items():
            if await self._lease(shard, epoch, portfolio, wanted=people):
                return True
        return False

    def rest(self, run: int) -> float:
        """Seconds for which a run that is limited need not ask again."""
        return max(0.0, self._full_until.get(self._portfolio_of.get(run, ""), 0.0) - time.monotonic())

    async def _lease(self, shard: str, epoch: int, portfolio: str, *, wanted: int) -> bool:
        if self._full_until.get(portfolio, 0.0) > time.monotonic():
            return False
        if await self._grant(shard, epoch, portfolio, wanted, partly=False):
            return True
        spare = await self._count(portfolio)
        return spare is None or (spare > 0 and await self._grant(shard, epoch, portfolio, wanted, partly=True))

    async def _grant(self, shard: str, epoch: int, portfolio: str, wanted: int, *, partly: bool) -> bool:
        return bool(await self._pool.fetchval(_SQL["lease"], shard, epoch, portfolio, wanted, partly))

    async def _count(self, portfolio: str) -> int | None:
        """Count how many are free, and how long to wait where nobody is; None where there is no limit."""
        began = time.monotonic()
        found = await count(self._pool, portfolio)
        if found is None:
            return None
        if found["spare"] <= 0:
            now = time.monotonic()
            seconds = _LATEST_SECONDS if found["seconds"] is None else found["seconds"]
            rest = min(_LATEST_SECONDS, max(_SOONEST_SECONDS, seconds))
            self._full_until[portfolio] = now + max(rest, _COUNTING_SHARE * (now - began))
        return int(found["spare"])
