"""The road of one message over a shard: what each outcome does, and what is never sent."""

import asyncio
from collections import Counter

import pytest

from campaign.domain.outcome import Accepted, NotNow, NotSent, Outcome, Rejected, Scope, Unclear
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time, until


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted("wamid.1"), "accepted"),
        (Accepted("wamid.1", held=True), "accepted"),
        (Rejected(131026), "rejected"),
        (Unclear("TimeoutError"), "unknown"),
        (NotNow(131056, Scope.PERSON, 3600.0), "pending"),
        (NotNow(80007, Scope.NUMBER, 3600.0), "pending"),
    ],
)
@in_virtual_time
async def test_every_outcome_leaves_its_message_in_the_state_it_obliges_to(outcome: Outcome, state: str) -> None:
    world = World()
    world.store.add_run(1)
    world.answers(outcome)

    async with world.sending():
        await asyncio.sleep(30)

    assert world.store.states() == [state]
    assert world.api.rows == [0]


@in_virtual_time
async def test_everybody_gets_one_message_and_the_run_ends() -> None:
    world = World()
    world.store.add_run(500)

    async with world.sending():
        await world.finished()

    assert Counter(world.api.rows) == Counter(range(500))
    assert world.store.count("accepted") == 500


@in_virtual_time
async def test_what_did_not_leave_is_sent_again_at_once() -> None:
    world = World()
    world.store.add_run(1)
    world.answers(NotSent("ClientConnectorError"), NotSent("ClientConnectorError"))

    async with world.sending():
        await world.finished()

    assert [posted.attempt for posted in world.api.posted] == [3]


@in_virtual_time
async def test_what_may_have_been_accepted_is_never_sent_again() -> None:
    world = World()
    world.store.add_run(20)
    world.answers(*[Unclear("ServerDisconnectedError"), accepting_now("a")] * 4)

    async with world.sending():
        await world.finished()

    assert Counter(world.api.rows) == Counter(range(20))
    assert world.store.count("unknown") == 4


def accepting_now(name: str) -> Outcome:
    return Accepted(f"wamid.{name}")


@in_virtual_time
async def test_a_permit_comes_back_only_when_the_ledger_knows() -> None:
    world = World()
    world.store.add_run(10)
    world.store.record_seconds = 20.0

    async with world.sending(in_flight=3):
        await asyncio.sleep(15)

        assert len(world.api.posted) == 3


@in_virtual_time
async def test_no_more_than_max_in_flight_are_ever_in_doubt() -> None:
    world = World()
    world.store.add_run(1000)
    world.store.record_seconds = 0.7
    world.api.seconds = 2.0
    most = 0

    async with world.sending(ceiling=200, in_flight=17):
        for _ in range(1500):
            most = max(most, world.store.count("in_flight"))
            await asyncio.sleep(0.013)

    assert most == 17


@pytest.mark.parametrize("commits", [True, False])
@in_virtual_time
async def test_a_mark_that_was_not_acknowledged_is_never_sent_and_its_message_is_given_back(*, commits: bool) -> None:
    world = World()
    world.store.add_run(1)
    world.store.away, world.store.away_commits = 1, commits

    async with world.sending():
        await world.finished()

    assert [posted.attempt for posted in world.api.posted] == [2 if commits else 1]


@in_virtual_time
async def test_an_intent_that_slept_with_the_machine_is_not_acted_on() -> None:
    world = World()
    world.store.add_run(1)
    world.api.connect_seconds = 2.0

    async with world.sending():
        await until(lambda: world.store.count("in_flight") == 1)
        world.clock.suspend(6)
        await until(lambda: bool(world.api.refused))
        assert world.api.posted == []
        await world.finished()

    assert [posted.attempt for posted in world.api.posted] == [2]


@in_virtual_time
async def test_an_intent_that_grew_old_before_the_gate_is_not_acted_on() -> None:
    world = World()
    world.store.add_run(5)
    world.api.connect_seconds = 5.5

    async with world.sending():
        await asyncio.sleep(60)

    assert world.api.posted == []
    assert world.store.count("pending") == 5


@in_virtual_time
async def test_an_intent_that_slept_at_the_gate_is_not_acted_on() -> None:
    world = World()
    world.store.add_run(2)

    async with world.sending(ceiling=1):
        # The second message is marked, and waits for the second of the first to be over.
        await until(lambda: len(world.store.marks) == 2)
        await asyncio.sleep(0.5)
        world.clock.suspend(6)
        await world.finished()

    assert world.api.refused == ["TooLate"]
    assert [(posted.row, posted.attempt) for posted in world.api.posted] == [(0, 1), (1, 2)]


@in_virtual_time
async def test_a_fenced_shard_sends_nothing_more_and_records_what_it_sent() -> None:
    world = World()
    world.store.add_run(500)
    world.api.seconds = 3.0

    async with world.sending():
        await until(lambda: len(world.api.posted) > 50)
        world.store.shards["paris"].epoch += 1
        world.store.shards["paris"].owner = 2
        marked = len(world.store.marks)
        await asyncio.sleep(20)

    assert len(world.store.marks) == len(world.api.posted) == marked
    assert world.store.count("accepted") == marked
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_a_drain_gives_the_shard_away_first_and_then_finishes_its_answers() -> None:
    world = World()
    world.store.add_run(500)
    world.api.seconds = 4.0

    async with world.sending() as dispatcher:
        await until(lambda: len(world.api.posted) > 50)
        dispatcher.drain()
        await asyncio.sleep(0.5)
        assert world.store.shards["paris"].owner is None
        assert dispatcher.in_flight > 0
        left = len(world.api.posted)

    assert len(world.api.posted) == left
    assert world.store.count("accepted") == left
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_a_drain_in_the_middle_of_a_mark_leaves_nothing_in_doubt() -> None:
    world = World()
    world.store.add_run(50)
    world.store.mark_seconds = 2.0

    async with world.sending():
        await asyncio.sleep(1.5)

    assert len(world.store.marks) == len(world.api.posted) == world.store.count("accepted") > 0
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_a_new_owner_leaves_the_first_second_to_the_old_one() -> None:
    world = World()
    world.store.add_run(3)

    async with world.sending():
        await world.finished()

    assert world.api.posted[0].at >= 1.0
