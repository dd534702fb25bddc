"""How fast a shard goes, and what it says of its time."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
import structlog

from campaign.domain.outcome import NotNow, Outcome, Scope
from campaign.ports import Post
from tests.fakes import accepting, worst_second
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time


@pytest.mark.parametrize("ceiling", [8, 80, 1000])
@in_virtual_time
async def test_a_shard_uses_its_ceiling_and_never_exceeds_it(ceiling: int) -> None:
    world = World()
    world.store.mark_seconds = world.store.record_seconds = 0.004
    world.store.add_run(ceiling * 10)

    async with world.sending(ceiling=ceiling):
        await world.finished()

    times = [posted.at for posted in world.api.posted]
    assert worst_second(times) <= ceiling
    assert len(times) / (times[-1] - times[0]) >= 0.97 * ceiling


@in_virtual_time
async def test_too_fast_halves_the_shard_once_and_it_climbs_back() -> None:
    world = World()
    world.store.add_run(6000)
    world.answers(*[NotNow(130429, Scope.SHARD, 1.0)] * 5)

    async with world.sending():
        await asyncio.sleep(3)
        lowered = world.store.shards["paris"].lowered
        await asyncio.sleep(60)

    assert lowered is not None
    assert 40 <= lowered < 50
    assert world.store.shards["paris"].lowered is None
    assert worst_second([posted.at for posted in world.api.posted]) <= 80


@in_virtual_time
async def test_one_person_too_often_delays_that_person_alone_and_longer_each_time() -> None:
    world = World()
    world.store.add_run(50)
    world.api.answer_by(
        lambda post: NotNow(131056, Scope.PERSON, 1.0) if post.callback.split(".")[3:] in late else accepting(post)
    )
    late = [["7", "1"], ["7", "2"], ["7", "3"]]

    async with world.sending():
        await world.finished()

    times = [posted.at for posted in world.api.posted if posted.row == 7]
    assert [round(later - earlier) for earlier, later in pairwise(times)] == pytest.approx([1, 4, 16], abs=2)
    assert world.api.posted[48].at < 5


@in_virtual_time
async def test_a_number_that_must_rest_rests() -> None:
    world = World()
    world.store.add_run(500)
    world.answers(NotNow(80007, Scope.NUMBER, 60.0))

    async with world.sending():
        await asyncio.sleep(40)
        early = len(world.api.posted)
        await world.finished()

    assert early < 30
    assert not [posted for posted in world.api.posted if 5 < posted.at < 60]


@in_virtual_time
async def test_a_number_told_again_to_rest_rests_twice_as_long_up_to_its_longest() -> None:
    world = World()
    world.store.add_run(1)
    world.answers(*[NotNow(131057, Scope.NUMBER, 60.0, longest_seconds=150.0)] * 4)

    async with world.sending():
        await world.finished()

    times = [posted.at for posted in world.api.posted]
    assert [round(later - earlier) for earlier, later in pairwise(times)] == pytest.approx([60, 120, 150, 150], abs=3)


@in_virtual_time
async def test_intervals_say_where_all_of_the_time_went_and_count_every_departure() -> None:
    world = World()
    world.store.add_run(1500)
    world.store.mark_seconds = 0.03

    async with world.sending():
        await world.finished()

    intervals: list[Any] = world.store.intervals
    assert sum(interval.departed for interval in intervals) == 1500
    assert sum(interval.accepted for interval in intervals) == 1500
    assert [interval.used + sum(interval.lost.values()) for interval in intervals] == pytest.approx(
        [1.0] * len(intervals), abs=0.001
    )
    assert max(interval.worst_second for interval in intervals) <= 80


@pytest.mark.parametrize("ceiling", [8, 40])
@in_virtual_time
async def test_a_minute_after_a_burst_of_too_fast_a_shard_is_back_and_nobody_was_lost_or_sent_to_twice(
    ceiling: int,
) -> None:
    """A burst so long that the shard goes down to its floor; other shards go on as if nothing had been."""
    world = World()
    shards = ("paris", "lyon")
    run = world.store.add_run(2 * ceiling * 70, shards=shards)

    def burst(post: Post) -> Outcome:
        over = 5 < world.clock.now() < 25 and post.address.endswith("paris")
        return NotNow(130429, Scope.SHARD, 1.0) if over else accepting(post)

    world.api.answer_by(burst)
    with structlog.testing.capture_logs() as logs:
        async with world.sending(ceiling=ceiling, shards=shards):
            await asyncio.sleep(25)
            lowest = world.store.shards["paris"].lowered
            await world.finished()

    times = [posted.at for posted in world.api.posted if run.rows[posted.row].shard == "paris"]
    others = [posted.at for posted in world.api.posted if run.rows[posted.row].shard == "lyon"]
    assert lowest is not None
    assert lowest <= max(1.0, 0.05 * ceiling) + 0.1 * ceiling
    assert len([at for at in times if 85 < at < 95]) >= 0.9 * ceiling * 9.9
    assert worst_second(times) <= ceiling
    assert len(others) / (others[-1] - others[0]) >= 0.97 * ceiling
    assert {row.state for row in run.rows.values()} == {"accepted"}
    assert {each["code"] for each in logs if each["event"] == "shard.slowed"} == {130429}
    assert [each["shard"] for each in logs if each["event"] == "shard.recovered"] == ["paris"]


@in_virtual_time
async def test_a_number_that_rests_and_slows_goes_on_at_half_its_rate() -> None:
    world = World()
    world.store.add_run(4000)
    world.answers(*[NotNow(4, Scope.NUMBER, 60.0, longest_seconds=3600.0, slows=True)] * 5)

    async with world.sending():
        await asyncio.sleep(30)
        # Whoever takes the shard after a crash must start slowly too.
        assert world.store.shards["paris"].lowered == 40.0
        await asyncio.sleep(60)

    times = [posted.at for posted in world.api.posted if posted.at > 55]
    assert times[0] > 60
    assert 38 <= len([at for at in times if at < times[0] + 1]) <= 44


@in_virtual_time
async def test_a_person_put_off_to_another_day_is_tried_three_more_times_and_in_the_us_not_at_all() -> None:
    world = World()
    run = world.store.add_run(2)
    run.rows[0].number, run.rows[1].number = "+12125550123", "+33612345678"
    world.api.answer_by(lambda _: NotNow(131049, Scope.DAY, 300.0))

    async with world.sending():
        await world.finished()

    assert [(row.state, row.code, row.day_waits) for row in run.rows.values()] == [
        ("rejected", 131049, 0),
        ("rejected", 131049, 3),
    ]
    assert [round(posted.at / 300) for posted in world.api.posted if posted.row == 1] == [0, 1, 2, 3]
