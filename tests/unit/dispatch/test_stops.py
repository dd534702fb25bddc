"""What an answer stops besides its own message: held, templates, tokens, two message IDs."""

import asyncio
from collections import Counter

import pytest

from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected, Scope
from campaign.ports import Post
from tests.fakes import accepting
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time, until


@in_virtual_time
async def test_held_and_wait_keeps_the_run_running_and_sends_nothing_more_until_the_gate_opens() -> None:
    world = World()
    run = world.store.add_run(500)
    world.answers(*[Accepted("wamid.held", held=True)])

    async with world.sending():
        await asyncio.sleep(30)
        sent = len(world.api.posted)
        assert (run.state, run.gated) == ("running", True)
        assert sent < 40
        run.gated = False
        await world.finished()

    assert Counter(world.api.rows) == Counter(range(500))


@in_virtual_time
async def test_held_and_pause_pauses_at_the_first_held_answer() -> None:
    world = World()
    run = world.store.add_run(500, when_held="pause")
    world.answers(Accepted("wamid.held", held=True))

    async with world.sending():
        await asyncio.sleep(10)

    assert (run.state, run.reason) == ("paused", "held")
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_held_and_continue_goes_on() -> None:
    world = World()
    world.store.add_run(100, when_held="continue")
    world.api.answer_by(lambda post: Accepted(f"wamid.{post.callback}", held=True))

    async with world.sending():
        await world.finished()

    assert len(world.api.posted) == 100


@in_virtual_time
async def test_once_a_held_answer_is_here_nothing_more_is_marked_even_while_an_earlier_record_is_under_way() -> None:
    world = World()
    world.store.add_run(500)
    world.store.record_seconds = 1.0
    world.api.answer_by(lambda post: Accepted(post.callback, held=post.callback.endswith(".30.1")))

    async with world.sending():
        await until(lambda: 30 in world.api.rows)
        answered_at = world.clock.now() + world.api.seconds + 0.05
        await asyncio.sleep(20)

    assert [row for at, _, row in world.store.marks if at > answered_at] == []


@in_virtual_time
async def test_a_run_whose_last_answers_are_held_is_finished() -> None:
    world = World()
    world.store.add_run(1)
    world.answers(Accepted("wamid.held", held=True))

    async with world.sending():
        await until(lambda: world.store.runs[1].state == "finished", within=10)


@pytest.mark.parametrize(
    ("outcome", "reason", "state"),
    [
        (Rejected(132001, Halt.TEMPLATE), "template", "rejected"),
        (NotNow(190, Scope.NUMBER, 1.0, Halt.TOKEN), "token", "pending"),
        (NotNow(131031, Scope.NUMBER, 1.0, Halt.ACCOUNT), "account", "pending"),
    ],
)
@in_virtual_time
async def test_an_answer_that_concerns_all_pauses_the_run(outcome: Outcome, reason: str, state: str) -> None:
    world = World()
    run = world.store.add_run(200)
    world.answers(outcome)

    async with world.sending():
        await asyncio.sleep(10)

    assert (run.state, run.reason) == ("paused", reason)
    assert run.rows[0].state == state
    assert len(world.api.posted) < 50


@in_virtual_time
async def test_a_second_message_id_pauses_the_run() -> None:
    world = World()
    run = world.store.add_run(200)

    def webhook_first(post: Post) -> Outcome:
        if post.callback.endswith(".5.1"):
            run.rows[5].state, run.rows[5].message_id = "accepted", "wamid.other"
        return accepting(post)

    world.api.answer_by(webhook_first)

    async with world.sending():
        await asyncio.sleep(10)

    assert (run.state, run.reason, run.rows[5].message_id) == ("paused", "multi_id", "wamid.other")
