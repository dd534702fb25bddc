"""Housekeeping goes on for as long as the receiver does, in small steps."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

from structlog.testing import capture_logs

from campaign.domain.errors import Unreachable
from campaign.housekeeping import AGAIN_SECONDS, EVERY_SECONDS, FIRST_SECONDS, PAUSE_SECONDS, Housekeeping
from tests.virtual_time import in_virtual_time

RAW = timedelta(days=30)


class FakeAttic:
    """Has so many rows of each kind; every answer is noted with its time."""

    duties = ("bodies", "windows")

    def __init__(self, **rows: int) -> None:
        self.rows = rows
        self.asked: list[tuple[float, str, int]] = []
        self.fails: Iterator[bool] = iter(())

    async def clear(self, duty: str, *, raw: timedelta, limit: int) -> int:
        assert raw == RAW
        if next(self.fails, False):
            raise Unreachable("the database cannot be reached")
        removed = min(limit, self.rows.get(duty, 0))
        self.rows[duty] = self.rows.get(duty, 0) - removed
        self.asked.append((round(asyncio.get_running_loop().time(), 1), duty, removed))
        return removed

    @property
    def times(self) -> list[float]:
        """When a round began."""
        return [at for at, duty, _ in self.asked if duty == "bodies"]


async def _until(seconds: float, attic: FakeAttic) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    await Housekeeping(attic, raw=RAW).run(stop)


@in_virtual_time
async def test_it_begins_a_minute_after_the_start_and_goes_on_every_hour() -> None:
    attic = FakeAttic()

    await _until(FIRST_SECONDS + 2.5 * EVERY_SECONDS, attic)

    assert attic.times == [FIRST_SECONDS, FIRST_SECONDS + EVERY_SECONDS, FIRST_SECONDS + 2 * EVERY_SECONDS]


@in_virtual_time
async def test_much_goes_in_batches_with_a_pause_for_others() -> None:
    attic = FakeAttic(bodies=2_500, windows=3)

    with capture_logs() as logs:
        await _until(FIRST_SECONDS + 10, attic)

    steps = [(round(at - FIRST_SECONDS, 1), duty, rows) for at, duty, rows in attic.asked]
    assert steps == [
        (0.0, "bodies", 1_000),
        (PAUSE_SECONDS, "bodies", 1_000),
        (2 * PAUSE_SECONDS, "bodies", 500),
        (2 * PAUSE_SECONDS, "windows", 3),
    ]
    assert [log["removed"] for log in logs if log["event"] == "housekeeping.done"] == [{"bodies": 2_500, "windows": 3}]


@in_virtual_time
async def test_a_database_that_is_away_is_asked_again_in_a_minute() -> None:
    attic = FakeAttic()
    attic.fails = iter([True, True, False])

    with capture_logs() as logs:
        await _until(FIRST_SECONDS + 10 * AGAIN_SECONDS, attic)

    assert attic.times == [FIRST_SECONDS + 2 * AGAIN_SECONDS]
    failed = [log for log in logs if log["event"] == "housekeeping.failed"]
    assert [log["reason"] for log in failed] == ["Unreachable"] * 2


@in_virtual_time
async def test_a_stop_ends_it_between_two_batches() -> None:
    attic = FakeAttic(bodies=10**9)

    await _until(FIRST_SECONDS + 0.95, attic)

    assert len(attic.asked) == 10
    assert attic.asked[-1][0] < FIRST_SECONDS + 1
