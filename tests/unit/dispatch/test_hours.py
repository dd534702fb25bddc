"""What a process does once a second for messages whose hours are over."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from campaign.dispatch.hours import BATCH, LONGEST_SECONDS, Hours
from campaign.ports import HoursTurn
from tests.fakes import ManualClock

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SHARDS = {"paris": 3}


class Ledger:
    """Answers with given turns, the last of them for ever; each takes a while."""

    def __init__(self, clock: ManualClock, *turns: tuple[int, int], seconds: float = 0.0) -> None:
        self.clock = clock
        self.turns = list(turns)
        self.seconds = seconds
        self.asked: list[tuple[Mapping[str, int], Mapping[int, datetime]]] = []

    async def follow_hours(
        self, shards: Mapping[str, int], *, followed: Mapping[int, datetime], limit: int
    ) -> HoursTurn:
        assert limit == BATCH
        self.asked.append((shards, dict(followed)))
        await self.clock.sleep(self.seconds)
        put_off, expired = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        return HoursTurn(put_off, expired, NOON, [7])


def hours(ledger: Any, clock: ManualClock) -> Hours:
    return Hours(ledger, clock)


async def test_a_backlog_is_followed_to_its_end_and_then_not_looked_at_again() -> None:
    clock = ManualClock()
    ledger = Ledger(clock, (BATCH, 0), (BATCH - 5, 5), (3, 0), (0, 0))
    each_second = hours(ledger, clock)

    await each_second.tick(SHARDS)
    await each_second.tick(SHARDS)

    assert [followed for _, followed in ledger.asked] == [{}, {}, {}, {7: NOON}]


async def test_a_large_backlog_lets_the_other_chores_have_their_turn() -> None:
    clock = ManualClock()
    ledger = Ledger(clock, (BATCH, 0), seconds=0.6 * LONGEST_SECONDS)

    await hours(ledger, clock).tick(SHARDS)

    assert len(ledger.asked) == 2


async def test_a_process_without_shards_asks_nothing() -> None:
    clock = ManualClock()
    ledger = Ledger(clock, (0, 0))
    await hours(ledger, clock).tick({})
    assert ledger.asked == []


async def test_over_a_shard_that_came_later_every_hour_that_is_over_is_looked_at() -> None:
    clock = ManualClock()
    ledger = Ledger(clock, (0, 0))
    each_second = hours(ledger, clock)

    for shards in (SHARDS, {**SHARDS, "lyon": 1}, SHARDS, {"paris": 4}):
        await each_second.tick(shards)

    assert [followed for _, followed in ledger.asked] == [{}, {}, {7: NOON}, {}]
