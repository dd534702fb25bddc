"""A run's message is made by the composer: once, beside the sending, and anew when its time is over."""

import asyncio

import pytest
import structlog

from campaign.dispatch.reader import Reader
from campaign.domain.outcome import Halt
from campaign.ports import NotComposed, Route
from tests.unit.dispatch.world import World
from tests.virtual_time import in_virtual_time


@in_virtual_time
async def test_a_message_is_made_once_for_each_number_that_sends_it_and_its_route_goes_along() -> None:
    world = World()
    world.composer.route = Route("marketing_messages", b'"product_policy":"STRICT",')
    world.store.add_run(600, shards=("paris", "lyon"))

    async with world.sending(shards=("paris", "lyon")):
        await world.finished()

    assert sorted(address for _, _, address in world.composer.asked) == ["address of lyon", "address of paris"]
    assert {post.route for post in world.api.posts} == {world.composer.route}


@in_virtual_time
async def test_while_one_runs_message_is_made_the_others_are_sent() -> None:
    world = World()
    world.composer.seconds = 20.0
    slow = world.store.add_run(400)

    async with world.sending():
        await asyncio.sleep(1.5)
        world.composer.seconds = 0.0
        world.store.add_run(400)
        await world.finished(2)
        assert world.clock.now() < 10
        assert {row.state for row in slow.rows.values()} == {"pending"}
        await world.finished(1)


@in_virtual_time
async def test_waiting_for_a_message_to_be_made_costs_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.composer.seconds = 20.0
    world.store.add_run(10)
    rests: list[float] = []
    rest = Reader._rest

    async def counted(reader: Reader) -> None:
        rests.append(world.clock.now())
        await rest(reader)

    monkeypatch.setattr(Reader, "_rest", counted)
    async with world.sending():
        await asyncio.sleep(20)

    assert len(rests) < 25


@in_virtual_time
async def test_a_message_whose_time_is_over_is_made_anew_and_serves_on_meanwhile() -> None:
    world = World()
    world.composer.good_for_seconds = 10.0
    world.store.add_run(80 * 60)

    async with world.sending():
        await asyncio.sleep(5)
        world.composer.seconds = 4.0
        await world.finished()

    asked = [at for at, _, _ in world.composer.asked]
    assert asked == pytest.approx([1, 11, 25, 39, 53], abs=1.5)
    times = [posted.at for posted in world.api.posted]
    assert len(times) / (times[-1] - times[0]) >= 0.97 * 80


@in_virtual_time
async def test_a_message_that_will_never_be_made_pauses_its_run_with_what_the_platform_said() -> None:
    world = World()
    world.composer.made = [NotComposed("the file is no video", refused=True, code=131053)]
    refused, other = world.store.add_run(50), world.store.add_run(50)

    with structlog.testing.capture_logs() as logs:
        async with world.sending():
            await world.finished(2)

    assert (refused.state, refused.reason, refused.code) == ("paused", "template", 131053)
    assert other.state == "finished"
    paused = next(each for each in logs if each["event"] == "run.paused")
    assert (paused["why"], paused["code"]) == ("the file is no video", 131053)


@pytest.mark.parametrize(("halt", "code"), [(Halt.TOKEN, 190), (Halt.ACCOUNT, 10)])
@in_virtual_time
async def test_an_upload_that_finds_the_account_closed_pauses_every_run_of_its_portfolio(halt: Halt, code: int) -> None:
    world = World()
    world.composer.made = [NotComposed(f"refused: {halt.value}", refused=True, code=code, halt=halt)]
    with_file, other, foreign = world.store.add_run(400), world.store.add_run(400), world.store.add_run(400)
    foreign.portfolio = "other"

    with structlog.testing.capture_logs() as logs:
        async with world.sending():
            await world.finished(3)

    assert [(run.state, run.reason, run.code) for run in (with_file, other)] == [("paused", halt.value, code)] * 2
    paused = [each for each in logs if each["event"] == "run.paused"]
    assert [(each["run"], each["why"], each["code"]) for each in paused] == [
        (run, f"refused: {halt.value}", code) for run in (1, 2)
    ]


@in_virtual_time
async def test_an_upload_refused_for_its_number_stops_that_shard_alone() -> None:
    world = World()
    world.composer.made = [NotComposed("refused: number", refused=True, code=133010, halt=Halt.NUMBER)]
    run = world.store.add_run(200, shards=("paris", "lyon"))

    async with world.sending(shards=("paris", "lyon")):
        await asyncio.sleep(20)

    stopped = [shard for shard, row in world.store.shards.items() if row.stopped_code == 133010]
    assert len(stopped) == 1
    assert {row.state for row in run.rows.values() if row.shard in stopped} == {"pending"}
    assert {row.state for row in run.rows.values() if row.shard not in stopped} == {"accepted"}


@in_virtual_time
async def test_a_message_that_cannot_be_made_now_rests_its_run_there_and_is_told_once() -> None:
    world = World()
    world.composer.made = [NotComposed("ClientConnectorError")] * 4
    world.store.add_run(50)

    with structlog.testing.capture_logs() as logs:
        async with world.sending():
            await world.finished()

    assert [at for at, _, _ in world.composer.asked] == pytest.approx([1, 6, 11, 16, 21], abs=0.5)
    assert [each["why"] for each in logs if each["event"] == "message.not_composed"] == ["ClientConnectorError"]
    lost = world.store.intervals[0].lost
    assert lost["whatsapp"] > 0.5 > lost["idle"]


@in_virtual_time
async def test_a_run_resumed_after_a_refusal_has_its_message_made_again() -> None:
    world = World()
    world.composer.made = [NotComposed("no such file", refused=True)]
    run = world.store.add_run(50)

    async with world.sending():
        await asyncio.sleep(10)
        assert run.state == "paused"
        run.state, run.reason = "running", None
        await world.finished()


@in_virtual_time
async def test_a_drain_gives_up_what_is_being_made() -> None:
    world = World()
    world.composer.seconds = 3600.0
    world.store.add_run(50)

    async with world.sending():
        await asyncio.sleep(2)

    assert world.clock.now() < 10
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_virtual_time
async def test_a_composer_that_breaks_is_not_hidden() -> None:
    world = World()
    world.composer.made = [ValueError("a fault of ours")]
    world.store.add_run(50)

    with pytest.raises(ExceptionGroup) as raised:
        async with world.sending():
            await asyncio.sleep(10)

    assert raised.group_contains(ValueError, match="a fault of ours")
