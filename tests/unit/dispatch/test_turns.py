"""Whose turn it is, and what a lap finds."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from campaign.domain.outcome import NotNow, Scope
from tests.fakes import worst_second
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time, until


def shares_of(world: World) -> dict[int, float]:
    counted = Counter(posted.run for posted in world.api.posted)
    return {run: count / counted.total() for run, count in counted.items()}


@in_virtual_time
async def test_runs_of_one_priority_share_a_shard_evenly() -> None:
    world = World()
    for _ in range(3):
        world.store.add_run(800)

    async with world.sending():
        await asyncio.sleep(25)

    assert all(share == pytest.approx(1 / 3, abs=0.03) for share in shares_of(world).values())


@in_virtual_time
async def test_high_priority_leaves_a_tenth_that_every_normal_run_shares() -> None:
    world = World()
    world.store.add_run(9000, high=True)
    world.store.add_run(1500)
    world.store.add_run(1500)

    async with world.sending(ceiling=500):
        await asyncio.sleep(20)

    shares = shares_of(world)
    assert shares[1] == pytest.approx(0.9, abs=0.02)
    assert shares[2] == pytest.approx(0.05, abs=0.02)
    assert shares[3] == pytest.approx(0.05, abs=0.02)


@in_virtual_time
async def test_ten_high_runs_share_what_is_theirs() -> None:
    world = World()
    for _ in range(10):
        world.store.add_run(900, high=True)
    world.store.add_run(900)

    async with world.sending(ceiling=500):
        await asyncio.sleep(16)

    assert [shares_of(world).get(run, 0.0) for run in range(1, 11)] == pytest.approx([0.09] * 10, abs=0.02)


@in_virtual_time
async def test_a_waiting_run_costs_no_turn() -> None:
    world = World()
    world.store.add_run(5000, high=True).gated = True
    world.store.add_run(2000)

    async with world.sending():
        await asyncio.sleep(11)

    assert len(world.api.posted) >= 0.97 * 80 * 9.9


@in_virtual_time
async def test_a_run_keeps_its_own_rate_split_over_its_shards_by_weight() -> None:
    world = World()
    world.store.add_run(1500, rate=20.0, shards=("paris", "lyon"))

    async with world.sending(shards=("paris", "lyon")):
        await asyncio.sleep(61)

    assert 0.97 * 20 * 60 <= len(world.api.posted) <= 20 * 61 + 4
    assert worst_second([posted.at for posted in world.api.posted]) <= 20 + 2 * 5


@in_virtual_time
async def test_a_message_that_falls_due_later_is_found_on_a_later_lap() -> None:
    world = World()
    run = world.store.add_run(3)
    run.rows[1].not_before = world.clock.datetime() + timedelta(seconds=42)

    async with world.sending():
        await world.finished()

    assert world.api.rows == [0, 2, 1]
    assert world.api.posted[-1].at == pytest.approx(43, abs=2)


@in_virtual_time
async def test_a_message_that_falls_due_before_the_cursor_is_found_by_the_next_lap() -> None:
    world = World()
    run = world.store.add_run(900)
    world.answers(*[NotNow(131056, Scope.PERSON, 1.0)] * 5)

    async with world.sending():
        await world.finished()

    assert {row.state for row in run.rows.values()} == {"accepted"}
    assert Counter(world.api.rows).total() == 905


@in_virtual_time
async def test_a_run_set_running_is_begun_within_a_second_or_so() -> None:
    world = World()
    run = world.store.add_run(1)
    run.state = "paused"

    async with world.sending() as dispatcher:
        await asyncio.sleep(100)
        run.state = "running"
        dispatcher.wake()
        await until(lambda: bool(world.api.posted), within=1.0)


@in_virtual_time
async def test_nobody_is_asked_for_twice_at_once_when_a_run_leaves_and_comes_back() -> None:
    """A mark of two equal rows in one statement would say `marked` to both."""
    world = World()
    run = world.store.add_run(20)
    for row in range(1, 20):
        run.rows[row].not_before = world.clock.datetime() + timedelta(seconds=1.3)
    world.store.mark_seconds = 3.0

    async with world.sending(ceiling=None) as dispatcher:
        # The first is being marked all the while; the others wait to be.
        await until(lambda: bool(world.store.asked))
        for state in ("running", "paused", "running"):
            await asyncio.sleep(0.5)
            run.state = state
            dispatcher.wake()
        await world.finished()

    assert all(len(set(batch)) == len(batch) for batch in world.store.asked)
    assert Counter(world.api.rows) == Counter(range(20))
