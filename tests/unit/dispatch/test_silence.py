"""A WhatsApp or a network that does not answer: the breaker at work."""

import asyncio
from collections import Counter
from collections.abc import Callable

from campaign.domain.outcome import NotSent, Outcome, Unclear
from campaign.ports import Post
from tests.fakes import ManualClock, accepting
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time, until


def silent_until(clock: ManualClock, end: float) -> Callable[[Post], Outcome]:
    return lambda post: accepting(post) if clock.now() > end else Unclear("http_502")


@in_virtual_time
async def test_a_minute_of_502_costs_few_messages_and_ends_with_a_probe() -> None:
    world = World()
    world.store.add_run(4000)
    world.api.answer_by(silent_until(world.clock, 60.0))

    async with world.sending():
        await asyncio.sleep(59)
        assert world.store.count("unknown") <= 15 + 96 * 0.1 / 1.2
        await asyncio.sleep(62)
        assert len(world.api.posted) > 100

    assert max(Counter(world.api.rows).values()) == 1


@in_virtual_time
async def test_a_broken_network_costs_no_message() -> None:
    world = World()
    world.store.add_run(200)
    world.api.answer_by(
        lambda post: accepting(post) if world.clock.now() > 30 else NotSent("ClientConnectorError", connection=True)
    )

    async with world.sending():
        await world.finished()

    assert world.store.count("accepted") == 200
    assert Counter(world.api.rows) == Counter(range(200))


@in_virtual_time
async def test_a_probe_whose_mark_was_not_acknowledged_is_followed_by_another() -> None:
    world = World()
    world.store.add_run(200)
    world.api.answer_by(silent_until(world.clock, 2.0))

    async with world.sending(in_flight=8):
        await until(lambda: world.store.count("unknown") >= 5)
        await asyncio.sleep(0.5)
        world.store.away = 1
        await until(lambda: world.store.runs[1].state == "finished", within=120)


@in_virtual_time
async def test_a_whatsapp_silent_for_a_quarter_of_an_hour_pauses_the_run_and_a_resume_is_given_time() -> None:
    world = World()
    run = world.store.add_run(2000)
    world.api.answer_by(silent_until(world.clock, 1000.0))
    world.api.seconds = 3.0

    async with world.sending():
        await until(lambda: run.state == "paused", within=16 * 60)
        assert (run.reason, world.clock.now() > 900) == ("unanswered", True)
        await asyncio.sleep(200)
        run.state, run.reason = "running", None
        await asyncio.sleep(60)

        assert run.state in ("running", "finished")
