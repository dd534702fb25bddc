"""A run that may write to nobody new waits, and asks seldom; or it pauses, if its file says so."""

from campaign.domain.outcome import Rejected
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_a_limited_run_goes_on_by_itself_when_people_fall_out_of_the_window() -> None:
    world = World()
    world.store.limit, world.store.span = 20, 30.0
    world.store.add_run(50)

    async with world.sending():
        await world.finished()

    left = [at for at, _, _ in world.store.marks]
    assert len(left) == 50
    for start in left:
        assert sum(start <= at < start + 30 for at in left) <= 20
    assert left[-1] - left[0] < 2 * 30 + 2 * 10


@in_virtual_time
async def test_a_waiting_run_asks_no_more_than_a_few_times_a_minute() -> None:
    world = World()
    world.store.limit, world.store.span = 20, 3600.0
    world.store.add_run(1000)

    async with world.sending():
        await until(lambda: world.store.count("in_flight", 1) + world.store.count("accepted", 1) == 20)
        started, before = world.clock.now(), len(world.store.asked)
        await world.clock.sleep(60)

    assert len(world.store.marks) == 20
    assert len(world.store.asked) - before <= (world.clock.now() - started) / 5 + 5


@in_virtual_time
async def test_a_limited_run_keeps_nobody_else_waiting() -> None:
    """Those who count already cost nothing, and a run to them is sent as if there were no limit."""
    world = World()
    world.store.limit = 20
    world.store.add_run(20)
    async with world.sending():
        await world.finished()
        world.store.add_run(1000)
        world.store.add_run(20)
        await world.finished(3)

    assert world.store.count("accepted", 3) == 20
    assert world.store.runs[2].state == "running"


@in_virtual_time
async def test_a_run_that_is_not_to_wait_pauses_for_the_limit() -> None:
    world = World()
    world.store.limit = 20
    run = world.store.add_run(50, when_limited="pause")

    async with world.sending():
        await until(lambda: run.state == "paused")
        await world.clock.sleep(5)

    assert run.reason == "limit"
    assert (world.store.count("accepted"), world.store.count("pending")) == (20, 30)


@in_virtual_time
async def test_a_refused_person_makes_room_for_another() -> None:
    world = World()
    world.store.limit = 20
    world.store.add_run(21)
    world.answers(Rejected(131026))

    async with world.sending():
        await world.finished()

    assert (world.store.count("accepted"), world.store.count("rejected")) == (20, 1)
