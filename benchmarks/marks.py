"""Marks of 32 shards at once, for a portfolio with a limit and for one without, a few of each by turns.

Budget: 1.1 times as dear. Every person is new to the limit, which is the dearest case. CPU of the database is told
beside the time: on a machine that others use too, the clock tells little.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg

from benchmarks.place import Place, place
from benchmarks.spent import Spent, postmaster_of
from campaign.adapters.postgres.database import open_pool
from campaign.adapters.postgres.embedded import ensure_running
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.domain.portfolio import Limit
from campaign.ports import Asked

SETTINGS = """\
account:
  base_url: http://127.0.0.1:9
  version: v23.0
  business_account_id: "102290129340398"
  access_token: ${WHATSAPP_TOKEN}
shards:
  - {id: one, phone_number_id: "106540352242922", throughput: 80}
"""

SHARDS = [f"shard-{number:02}" for number in range(32)]

# Marks of each shard before the other portfolio has its turn: what else the machine does meets both.
TURN = 2

FILL = """
WITH run AS (
    INSERT INTO run (campaign, key, state, definition, fingerprints, portfolio, template, templates, when_held,
                     held_limit, duplicate_window, tolerate, settle, shards)
    VALUES ('bench', $1::text, 'running', '{"category": "marketing"}', '{}', $4::text, 'sale', '{sale}', 'wait', '24 h',
            '30 d', 0.02, '60 s', $2::text[])
    RETURNING id
), people AS (
    INSERT INTO message (run, row, person, shard, content, number, variables)
    SELECT run.id, n, substr(sha256(($1::text || n)::bytea), 1, 16),
           ($2::text[])[1 + (n - 1) % cardinality($2::text[])],
           substr(sha256((n || $1::text)::bytea), 1, 16), '+1', '{}'
      FROM run, generate_series(1, $3::int) AS n
)
SELECT id FROM run
"""


class Cost(NamedTuple):
    """What marks took, in seconds."""

    clock: float
    database: float

    def __add__(self, other: object) -> "Cost":
        """Add what others took."""
        return Cost(*map(sum, zip(self, other, strict=True))) if isinstance(other, Cost) else NotImplemented


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=32_000)
    parser.add_argument("--limit", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    with place(SETTINGS) as here:
        asyncio.run(measure(here, parser.parse_args()))


async def measure(here: Place, asked: argparse.Namespace) -> None:
    """Run the rounds."""
    ratios = []
    async with marking(here) as bench:
        for number in range(asked.rounds):
            limited, free = await bench.round(str(number), asked)
            ratio = Cost(limited.clock / free.clock, limited.database / free.database)
            ratios.append(ratio)
            told = f"ratio {ratio.clock:.2f}, of the database's CPU {ratio.database:.2f}"
            print(f"round {number + 1}: {free.clock / asked.messages * 1e6:.0f} us a message without a limit; {told}")
    clock, database = (statistics.median(each) for each in zip(*ratios, strict=True))
    print(f"median ratio {clock:.2f}, of the database's CPU {database:.2f} (budget 1.1)")


class Bench:
    """32 owned shards on a durable ledger, which marks for a limited portfolio and for another one."""

    def __init__(self, here: Place, pool: asyncpg.Pool, ledger: PostgresLedger, epochs: dict[str, int]) -> None:
        self._postmaster = postmaster_of(here.folder)
        self._pool = pool
        self._ledger = ledger
        self._epochs = epochs

    async def round(self, key: str, asked: argparse.Namespace) -> tuple[Cost, Cost]:
        """Mark so many new people of each portfolio, all shards at once, a few marks of each by turns."""
        await self._pool.execute("TRUNCATE message, content_claim")
        await PostgresPortfolios(self._pool).keep("free", Limit(None, source="settings"))
        # Another size each time, so that everybody is counted anew.
        await PostgresPortfolios(self._pool).keep("limited", Limit(asked.limit + int(key), source="settings"))
        limited, free = [
            await self._pool.fetchval(FILL, f"{name} {key}", SHARDS, asked.messages, name)
            for name in ("limited", "free")
        ]
        await self._pool.execute("ANALYZE message")
        # Sending as it goes on: a shard that has just been taken leases first.
        starts = range(asked.batch, asked.messages // len(SHARDS), asked.batch * TURN)
        for run in (limited, free):
            await self._turn(run, range(asked.batch), asked)
        cost = {limited: Cost(0, 0), free: Cost(0, 0)}
        for number, start in enumerate(starts):
            for run in (limited, free) if number % 2 else (free, limited):
                cost[run] += await self._turn(run, range(start, start + asked.batch * TURN), asked)
        return cost[limited], cost[free]

    async def _turn(self, run: int, rows: range, asked: argparse.Namespace) -> Cost:
        before, started = Spent.of(0, self._postmaster), time.perf_counter()
        await asyncio.gather(*(self._mark(run, place, rows, asked) for place in range(len(SHARDS))))
        clock = time.perf_counter() - started
        return Cost(clock, Spent.of(0, self._postmaster).database - before.database)

    async def _mark(self, run: int, place: int, rows: range, asked: argparse.Namespace) -> None:
        shard = SHARDS[place]
        numbers = [1 + place + len(SHARDS) * row for row in rows if row < asked.messages // len(SHARDS)]
        for start in range(0, len(numbers), asked.batch):
            batch = [Asked(run, row, 0) for row in numbers[start : start + asked.batch]]
            verdicts = await self._ledger.mark(shard, self._epochs[shard], batch)
            if set(verdicts) != {"marked"}:
                raise SystemExit(f"not marked: {sorted(set(verdicts))}")


@asynccontextmanager
async def marking(here: Place) -> AsyncIterator[Bench]:
    """Own all shards, with a connection for each."""
    dsn = (await ensure_running(here.folder / ".campaign")).dsn
    async with open_pool(dsn, size=len(SHARDS) + 2, purpose="campaign bench") as pool:
        process = await pool.fetchval(
            "INSERT INTO process (purpose, host, pid) VALUES ('sender', 'here', 1) RETURNING id"
        )
        ledger = PostgresLedger(pool, process=process)
        await ledger.introduce_shards(dict.fromkeys(SHARDS, "one number"))
        taken = {shard: await ledger.take(shard, ceiling=80.0) for shard in SHARDS}
        yield Bench(here, pool, ledger, {shard: each.epoch for shard, each in taken.items() if each is not None})


if __name__ == "__main__":
    main()
