"""A ceiling that follows what others use of it."""

import asyncio

import pytest
import structlog

from campaign.dispatch import Lane
from campaign.domain.pacing import left_over
from tests.fakes import worst_second
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time


@pytest.mark.parametrize(
    ("throughput", "taken", "left"),
    [(80.0, 0.0, 80.0), (80.0, 30.0, 50.0), (80.0, 200.0, 1.0), (0.5, 3.0, 0.5), (None, 30.0, None)],
)
def test_what_is_left_is_at_least_one_a_second_and_never_more_than_there_was(
    throughput: float | None, taken: float, left: float | None
) -> None:
    assert left_over(throughput, taken) == left


@in_virtual_time
async def test_a_fixed_headroom_is_never_used() -> None:
    world = World()
    world.store.add_run(900)

    async with world.sending_over([Lane("paris", "address", 80.0, headroom=30.0)]):
        await world.finished()

    times = [posted.at for posted in world.api.posted]
    assert worst_second(times) <= 50
    assert len(times) / (times[-1] - times[0]) >= 0.97 * 50
    assert world.store.shards["paris"].ceiling == 50.0


@in_virtual_time
async def test_auto_makes_room_for_what_the_number_receives_and_takes_it_back() -> None:
    world = World()
    world.store.add_run(9000)

    with structlog.testing.capture_logs() as logs:
        async with world.sending_over([Lane("paris", "address", 80.0, headroom="auto")]):
            await asyncio.sleep(21)
            world.store.inbound["address"] = 60.0
            await asyncio.sleep(21)
            lowered = world.store.shards["paris"].ceiling
            world.store.inbound["address"] = 0.0
            await asyncio.sleep(30)

    times = [posted.at for posted in world.api.posted]
    assert worst_second([at for at in times if 33 < at < 41]) <= 20
    assert worst_second(times) <= 80
    assert len([at for at in times if 33 < at < 41]) >= 0.97 * 20 * 7.9
    assert len([at for at in times if 56 < at < 70]) >= 0.97 * 80 * 13.9
    assert (lowered, world.store.shards["paris"].ceiling) == (20.0, 80.0)
    assert [each["ceiling"] for each in logs if each["event"] == "shard.ceiling"] == [20.0, 80.0]
    assert {interval.ceiling for interval in world.store.intervals} == {20.0, 80.0}
