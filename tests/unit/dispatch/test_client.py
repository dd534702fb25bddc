"""A client's bucket over all of its shards: one ceiling, used and never exceeded, paced by one process."""

import asyncio
from collections import Counter

import pytest

from campaign.dispatch import Client, Lane, Requests
from campaign.domain.outcome import NotNow, Outcome, Scope
from campaign.ports import Post
from tests.fakes import accepting, worst_second
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time, until


def client_lanes(count: int, throughput: float, *, requests: Requests | None = None) -> list[Lane]:
    each = throughput if count == 1 else min(throughput, max(70.0, throughput / count))
    client = Client("on-premises", throughput, "shard-01", requests)
    return [Lane(f"shard-{number:02}", "on-premises", each, client=client) for number in range(1, count + 1)]


def ids(lanes: list[Lane]) -> tuple[str, ...]:
    return tuple(lane.id for lane in lanes)


@pytest.mark.parametrize(
    ("count", "throughput"), [(1, 70.0), (2, 70.0), (4, 70.0), (8, 80.0), (16, 160.0), (32, 250.0)]
)
@in_virtual_time
async def test_a_client_uses_its_ceiling_over_all_shards_and_never_exceeds_it(count: int, throughput: float) -> None:
    world = World()
    world.store.mark_seconds, world.store.record_seconds = 0.012, 0.008
    lanes = client_lanes(count, throughput)
    world.store.add_run(int(throughput * 20), shards=ids(lanes))

    async with world.sending_over(lanes):
        await world.finished()

    times = [posted.at for posted in world.api.posted]
    assert worst_second(times) <= throughput
    # One per cent below the ceiling: the shard's spread and the client's do not add up.
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.985 * throughput
    assert Counter(world.api.rows) == Counter(range(len(times)))


@in_virtual_time
async def test_a_shard_of_a_client_keeps_its_own_ceiling_too() -> None:
    world = World()
    lanes = client_lanes(32, 250.0)
    world.store.add_run(400, shards=("shard-07",))

    async with world.sending_over(lanes):
        await world.finished()

    times = [posted.at for posted in world.api.posted]
    assert worst_second(times) <= 70
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * 70


@in_virtual_time
async def test_a_slowed_shard_holds_none_of_the_others_up() -> None:
    world = World()
    lanes = client_lanes(32, 250.0)
    run = world.store.add_run(32 * 160, shards=ids(lanes))

    def too_fast_over_the_first(post: Post) -> Outcome:
        first = run.rows[int(post.callback.split(".")[3])].shard == "shard-01"
        return NotNow(130429, Scope.SHARD, 1.0) if first and world.clock.now() < 8 else accepting(post)

    world.api.answer_by(too_fast_over_the_first)

    async with world.sending_over(lanes):
        await asyncio.sleep(12)

    times = [posted.at for posted in world.api.posted if 2 < posted.at < 12]
    assert len(times) >= 0.97 * 250 * 10
    assert world.store.shards["shard-01"].lowered is not None


@in_virtual_time
async def test_shards_of_a_client_get_equal_parts_while_all_have_work() -> None:
    world = World()
    lanes = client_lanes(4, 70.0)
    run = world.store.add_run(4000, shards=ids(lanes))

    async with world.sending_over(lanes):
        await asyncio.sleep(21)

    parts = Counter(run.rows[posted.row].shard for posted in world.api.posted)
    assert max(parts.values()) - min(parts.values()) <= 0.03 * 70 * 20


@in_virtual_time
async def test_requests_are_limited_to_so_many_a_second_after_a_burst() -> None:
    world = World()
    lanes = client_lanes(32, 250.0, requests=Requests(50, 150))
    world.store.add_run(1000, shards=ids(lanes))

    async with world.sending_over(lanes):
        await world.finished()

    times = [posted.at for posted in world.api.posted]
    # What passed the limit may leave a little later, so that a window sees what held a token when it began.
    spans = [(start, end) for start in range(0, 1000, 7) for end in range(start, 1000)]
    most = max(end - start - 50 * (times[end] - times[start]) for start, end in spans)
    assert most <= 150 + 32
    assert times[-1] - times[0] == pytest.approx((1000 - 150) / 50, abs=1)


# Ownership: whoever has the leader has them all.


@in_virtual_time
async def test_shards_of_a_client_are_left_alone_while_somebody_else_has_its_leader() -> None:
    world = World()
    lanes = client_lanes(4, 70.0)
    world.store.add_run(400, shards=ids(lanes))
    await world.store.introduce_shards({"shard-01": "on-premises"})
    world.store.shards["shard-01"].owner = 2

    async with world.sending_over(lanes) as dispatcher:
        await asyncio.sleep(30)
        assert (dispatcher.owned, world.api.posted) == ([], [])
        assert [world.store.shards[shard].epoch for shard in ids(lanes)] == [0] * 4
        world.store.shards["shard-01"].owner = None
        await asyncio.sleep(2)
        assert list(dispatcher.owned) == list(ids(lanes))
        await world.finished()


@in_virtual_time
async def test_a_client_whose_leader_was_lost_is_given_up_even_if_nothing_goes_over_its_leader() -> None:
    world = World()
    lanes = client_lanes(4, 70.0)
    world.store.add_run(4000, shards=ids(lanes)[1:])

    async with world.sending_over(lanes) as dispatcher:
        await until(lambda: len(world.api.posted) > 50)
        world.store.shards["shard-01"].epoch += 1
        world.store.shards["shard-01"].owner = 2
        await asyncio.sleep(3)

        assert [world.store.shards[shard].owner for shard in ids(lanes)] == [2, None, None, None]
        left = len(world.api.posted)
        await asyncio.sleep(30)
        assert (len(world.api.posted), list(dispatcher.owned)) == (left, [])

    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_a_drained_client_gives_its_leader_back_last() -> None:
    world = World()
    lanes = client_lanes(8, 80.0)
    world.store.add_run(2000, shards=ids(lanes))
    world.api.seconds = 3.0

    async with world.sending_over(lanes):
        await until(lambda: len(world.api.posted) > 100)

    assert sorted(world.store.given_back) == sorted(ids(lanes))
    assert world.store.given_back[-1] == "shard-01"
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_a_campaign_over_some_shards_of_a_client_is_paced_by_the_owner_of_its_leader_all_the_same() -> None:
    world = World()
    lanes = client_lanes(4, 70.0)
    world.store.add_run(20, shards=("shard-03",))

    async with world.sending_over(lanes[2:3]) as dispatcher:
        await world.finished()

        assert list(dispatcher.owned) == ["shard-01", "shard-03"]


@in_virtual_time
async def test_a_client_lost_while_its_answers_are_awaited_delays_no_drain() -> None:
    world = World()
    lanes = client_lanes(8, 80.0)
    world.store.add_run(4000, shards=ids(lanes))
    world.api.seconds = 20.0

    async with world.sending_over(lanes):
        await until(lambda: len(world.api.posted) > 50)
        world.store.shards["shard-01"].epoch += 1
        await asyncio.sleep(3)
        began = world.clock.now()

    assert world.clock.now() - began <= 20
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_a_runs_own_rate_is_kept_over_a_leader_that_no_campaign_named() -> None:
    world = World()
    lanes = client_lanes(2, 70.0)
    world.store.add_run(40, shards=ids(lanes), rate=20.0)

    async with world.sending_over(lanes[1:]):
        await world.finished()

    assert len(world.api.posted) == 40


# Figures: shards by themselves, and together.


@in_virtual_time
async def test_what_the_shards_did_is_told_of_each_and_of_the_client() -> None:
    world = World()
    lanes = client_lanes(4, 70.0)
    world.store.add_run(1500, shards=ids(lanes))
    world.store.add_run(500, shards=ids(lanes))

    async with world.sending_over(lanes):
        await world.finished()
        await world.finished(2)

    together = [interval for interval in world.store.intervals if interval.shard == "client"]
    apart = [interval for interval in world.store.intervals if interval.shard != "client"]
    for run, count in ((1, 1500), (2, 500)):
        assert sum(interval.departed for interval in together if interval.run == run) == count
        assert sum(interval.accepted for interval in apart if interval.run == run) == count
    assert {interval.ceiling for interval in together} == {70.0}
    assert 68 <= max(interval.worst_second for interval in together) <= 70
    assert max(interval.worst_second for interval in apart) <= 22
    assert [interval.used + sum(interval.lost.values()) for interval in together] == pytest.approx(
        [1.0] * len(together), abs=0.001
    )


# What the number receives counts against the client.


@in_virtual_time
async def test_headroom_is_taken_off_the_clients_ceiling_once() -> None:
    world = World()
    lanes = [
        Lane(lane.id, lane.address, lane.ceiling, client=lane.client, headroom="auto") for lane in client_lanes(4, 70.0)
    ]
    world.store.add_run(3000, shards=ids(lanes))
    world.store.inbound["on-premises"] = 20.0

    async with world.sending_over(lanes):
        await asyncio.sleep(21)

    times = [posted.at for posted in world.api.posted if posted.at > 2]
    assert worst_second(times) <= 50
    assert len(times) / (times[-1] - times[0]) >= 0.97 * 50
