"""What tests about runs share: a registered process, a run's contract, and a campaign's worth of people."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import asyncpg

from campaign.adapters.postgres.database import open_pool
from campaign.adapters.postgres.plans import PostgresPlans, RehearsedPlans
from campaign.adapters.postgres.process import PostgresWatchman
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.audience import Cleaner, Columns
from campaign.domain.rendering import compile_message
from campaign.plan import Audience, Planned, Terms, plan
from campaign.ports import NewRun

KEY = b"k" * 32
GREETING = compile_message({"type": "text", "text": {"body": "Hello {{ name }}"}})

NEW = NewRun(
    campaign="spring",
    key="once",
    definition={"category": "marketing"},
    fingerprints={"message": "1"},
    portfolio="main",
    template="spring",
    high=False,
    when_held="wait",
    held_limit=timedelta(hours=24),
    duplicate_window=timedelta(days=30),
    own_runs=True,
    tolerate=0.02,
    settle=timedelta(seconds=60),
    rate=None,
    shards=("paris",),
)


class Rows:
    """A source of given cells."""

    def __init__(self, *rows: Sequence[Any], batch: int = 2) -> None:
        self._rows = list(enumerate(rows, start=1))
        self._batch = batch

    async def columns(self) -> Sequence[str]:
        return ["phone", "name"]

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        for start in range(0, len(self._rows), self._batch):
            yield self._rows[start : start + self._batch]


def people(count: int) -> list[tuple[str, str]]:
    return [(f"+3361234{n:04}", f"Name {n}") for n in range(count)]


@dataclass
class Ledger:
    """A ledger, and one process that works on it."""

    pool: asyncpg.Pool
    process: int

    def __post_init__(self) -> None:
        self.runs = PostgresRuns(self.pool, process=self.process)
        self.plans = PostgresPlans(self.pool, process=self.process)
        self.reports = PostgresReports(self.pool)

    async def another(self, *, alive: bool = True) -> "Ledger":
        return Ledger(self.pool, await register(self.pool, alive=alive))

    async def bury(self, process: int) -> None:
        """Find a process dead that has been silent for a while."""
        await self.do("UPDATE process SET heartbeat_at = now() - interval '3 seconds' WHERE id = $1", process)
        assert await PostgresWatchman(self.pool, process=self.process).bury() == [process]

    async def plan(self, *rows: Sequence[Any], **changes: Any) -> tuple[int, Planned]:
        """Open a run and plan it."""
        opened = await self.runs.open(replace(NEW, **changes))
        return opened.id, await self.fill(opened.id, Rows(*rows))

    async def rehearse(self, *rows: Sequence[Any], **changes: Any) -> Planned:
        return await self.fill(0, Rows(*rows), store=RehearsedPlans(self.pool, replace(NEW, **changes)))

    async def fill(self, run: int, source: Any, **more: Any) -> Planned:
        header = await source.columns()
        cleaner = Cleaner(header, Columns("phone", country="FR"), key=KEY, where="spring.yaml:6")
        audience = Audience(source, cleaner.clean, header[1:], "spring.yaml:6")
        more.setdefault("store", self.plans)
        return await plan(run, audience, [GREETING], **{"terms": Terms(lambda _: "paris"), "key": KEY, **more})

    async def value(self, statement: str, *args: Any) -> Any:
        return await self.pool.fetchval(statement, *args)

    async def rows(self, statement: str, *args: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.pool.fetch(statement, *args)]

    async def do(self, statement: str, *args: Any) -> None:
        await self.pool.execute(statement, *args)


async def register(pool: asyncpg.Pool, *, alive: bool = True) -> int:
    """Register a process; a living one has its lock held for as long as the pool lives."""
    queries = load_queries("process")
    process: int = await pool.fetchval(queries["register"], "sender", "sender-1", 4711)
    if alive:
        connection = await pool.acquire()
        await connection.fetchval(queries["hold_lock"], process)
    return process


@asynccontextmanager
async def open_ledger(dsn: str) -> AsyncIterator[Ledger]:
    async with open_pool(dsn, size=8, purpose="test") as pool:
        yield Ledger(pool, await register(pool))
