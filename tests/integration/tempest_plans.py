"""Runs of every kind at random: limited, in hours, on a ramp, under a cap, with a stop-loss, some of them twice."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from campaign.adapters.postgres.hours import PostgresHours
from campaign.domain.calendar import Window
from campaign.domain.numbers import person
from tests.integration.hammering import KEY
from tests.integration.rows import Rows
from tests.integration.tempest_platform import CAP, CAP_SECONDS, Platform, Promise

PEOPLE = [f"+3361234{index:04}" for index in range(300)]
WANTED_NO_MORE, ERASED = PEOPLE[:6], PEOPLE[6:10]
IN_A_RUN = 100
RUNS_AT_ONCE = 10

# Two portfolios; what each shard sends for. One shard changed hands: runs of both go over it.
SHARDS: Mapping[str, Sequence[str]] = {
    "paris": ["main"],
    "lyon": ["main"],
    "nice": ["main", "other"],
    "metz": ["other"],
}

# Open for long enough: a mark leaves the last five seconds alone.
OPEN, SHUT = timedelta(seconds=7), timedelta(seconds=2)

_COLUMNS = "run row person shard content number variables step zone region not_before not_after"


def shards_of(portfolio: str) -> list[str]:
    return [shard for shard, portfolios in SHARDS.items() if portfolio in portfolios]


def windows(begins: datetime, count: int = 5) -> list[Window]:
    """Lay out hours of seconds from a time on."""
    period = OPEN + SHUT
    return [Window(begins + period * each, begins + period * each + OPEN) for each in range(count)]


class Plans:
    """Writes runs into a ledger as a plan does."""

    def __init__(self, rows: Rows, platform: Platform, dice: random.Random) -> None:
        self._rows, self._pool, self._platform, self._dice = rows, rows.pool, platform, dice

    async def plan(self) -> None:
        """Plan one run, and now and then a second one that says the same."""
        going = "SELECT count(*) FROM run WHERE state IN ('running', 'paused')"
        if await self._pool.fetchval(going) > RUNS_AT_ONCE:
            return
        content = b"content of run %d" % len(self._platform.promises)
        for _ in range(self._dice.choice([1, 1, 2])):
            await self._plan_one(content)

    async def _plan_one(self, content: bytes) -> None:
        portfolio = self._dice.choice(["main", "main", "other"])
        capped, timed, ramped = (self._dice.random() < share for share in (0.4, 0.5, 0.5))
        began = datetime.now(UTC)
        run = await self._rows.run(**self._terms(portfolio, began, capped=capped, ramped=ramped))
        public_id = await self._pool.fetchval("SELECT public_id FROM run WHERE id = $1", run)
        zones = {zone: windows(began + timedelta(seconds=zone)) for zone in range(2)} if timed else {}
        hours = [window for each in zones.values() for window in each]
        self._platform.promises[run] = Promise(portfolio, public_id, content, capped, hours)
        await PostgresHours(self._pool, run).add(zones)
        await self._fill(run, zones, steps=3 if ramped else 1)
        await self._pool.execute("UPDATE run SET state = 'running', started_at = now() WHERE id = $1", run)

    def _terms(self, portfolio: str, began: datetime, *, capped: bool, ramped: bool) -> dict[str, Any]:
        shards = shards_of(portfolio)
        return {
            "state": "planning",
            "portfolio": portfolio,
            "shards": sorted(self._dice.sample(shards, self._dice.randint(1, len(shards)))),
            "template": f"sale {len(self._platform.promises) // 3}",
            "launcher": self._rows.process,
            "audience": IN_A_RUN,
            "duplicate_window": self._dice.choice(["30 days", "30 days", None]),
            "own_runs": False,
            "when_limited": self._dice.choice(["wait", "wait", "pause"]),
            "ramp": [0.2, 0.5, 1.0] if ramped else [],
            "stop_if": {"rejected": 0.3, "after": 15} if self._dice.random() < 0.3 else None,
            "until": began + timedelta(seconds=30) if self._dice.random() < 0.2 else None,
            "frequency_at_most": CAP if capped else None,
            "frequency_per": timedelta(seconds=CAP_SECONDS) if capped else None,
        }

    async def _fill(self, run: int, zones: Mapping[int, Sequence[Window]], *, steps: int) -> None:
        shards = await self._pool.fetchval("SELECT shards FROM run WHERE id = $1", run)
        content = self._platform.promises[run].content
        records = []
        for row, number in enumerate(self._dice.sample(PEOPLE, IN_A_RUN), start=1):
            self._platform.people[run, row] = number
            step = self._dice.randrange(steps)
            zone = self._dice.choice(list(zones)) if zones else None
            first = zones[zone][0] if zone is not None else _WHENEVER
            begins = _WHENEVER.closes_at if step else first.opens_at
            whom, shard = person(number, KEY), self._dice.choice(shards)
            records.append((run, row, whom, shard, content, number, {}, step, zone, "FR", begins, first.closes_at))
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.copy_records_to_table("message", records=records, columns=_COLUMNS.split())
            # As a plan does: of the erased nothing is written down.
            await connection.execute(
                """UPDATE message SET state = 'skipped', reason = 'suppressed', number = '', region = '', zone = NULL
                    WHERE run = $1 AND person IN (SELECT person FROM suppression WHERE source = 'erased')""",
                run,
            )


# The driver's constants for the ends of time, which have no zone.
_WHENEVER = Window(datetime.min, datetime.max)  # noqa: DTZ901 - see above
