"""What an answer stops besides its own message: held, templates, tokens, two message IDs."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
import structlog

from campaign.domain.callback import parse_callback
from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected, Scope, Unclear
from campaign.ports import Post
from tests.fakes import accepting
from tests.memory_store import MESSAGE
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


@pytest.mark.parametrize(
    "outcome", [NotNow(190, Scope.NUMBER, 1.0, Halt.TOKEN), Unclear("http_500", 3, 0.0, Halt.ACCOUNT)]
)
@in_virtual_time
async def test_what_stops_an_account_pauses_every_run_of_its_portfolio_within_max_in_flight_requests(
    outcome: NotNow | Unclear,
) -> None:
    world = World()
    ours = [world.store.add_run(1500, shards=("paris", "lyon")) for _ in range(2)]
    foreign = world.store.add_run(10, shards=("paris",))
    foreign.portfolio = "other"
    world.api.seconds = 0.4

    async with world.sending(shards=("paris", "lyon"), in_flight=30):
        await asyncio.sleep(5)
        before = len(world.api.posted)
        world.api.answer_by(lambda _: outcome)
        await asyncio.sleep(5)

    assert [(run.state, run.reason, run.code) for run in ours] == [("paused", outcome.halt.value, outcome.code)] * 2
    assert (foreign.state, foreign.reason) == ("finished", None)
    assert len(world.api.posted) - before <= 2 * 30
    assert world.store.count("in_flight") == 0


@in_virtual_time
async def test_nothing_more_is_marked_over_a_number_that_whatsapp_refuses_until_it_is_released() -> None:
    world = World()
    run = world.store.add_run(600, shards=("paris", "lyon"))

    def refused(post: Post) -> Outcome:
        return NotNow(131048, Scope.NUMBER, 1.0, Halt.NUMBER) if post.address.endswith("paris") else accepting(post)

    world.api.answer_by(refused)
    with structlog.testing.capture_logs() as logs:
        async with world.sending(shards=("paris", "lyon")):
            await asyncio.sleep(30)
            row = world.store.shards["paris"]
            assert (row.stopped_code, world.store.shards["lyon"].stopped_code) == (131048, None)
            assert Counter(each.state for each in run.rows.values()) == {"accepted": 300, "pending": 300}
            assert sum(post.address.endswith("paris") for post in world.api.posts) < 20
            world.api.answer_by(accepting)
            row.stopped_code = None
            await world.finished()

    assert [(each["shard"], each["code"]) for each in logs if each["event"] == "shard.stopped"] == [("paris", 131048)]


@in_virtual_time
async def test_ten_answers_in_a_row_that_blame_the_file_pause_the_run_and_other_runs_go_on() -> None:
    world = World()
    wrong, right = world.store.add_run(500), world.store.add_run(500)

    def judged(post: Post) -> Outcome:
        return accepting(post) if run_of(post) == 2 else Rejected(132018, mistake=True)

    world.api.answer_by(judged)

    async with world.sending():
        await world.finished(2)

    assert (wrong.state, wrong.reason, wrong.code) == ("paused", "template", 132018)
    assert 10 <= world.store.count("rejected") < 30
    assert right.state == "finished"


def run_of(post: Post) -> int:
    named = parse_callback(post.callback)
    assert named is not None
    return named.run.int


@in_virtual_time
async def test_mistakes_over_several_shards_are_one_streak() -> None:
    world = World()
    shards = tuple(f"shard-{number}" for number in range(12))
    run = world.store.add_run(240, shards=shards)
    world.api.answer_by(lambda _: Rejected(132018, mistake=True))

    async with world.sending(ceiling=1, shards=shards):
        await until(lambda: run.state == "paused", within=4)


@in_virtual_time
async def test_now_and_then_a_mistake_pauses_nothing() -> None:
    world = World()
    world.store.add_run(400)
    world.api.answer_by(
        lambda post: accepting(post) if int(post.callback.split(".")[3]) % 8 == 0 else Rejected(100, mistake=True)
    )

    async with world.sending(in_flight=1):
        await world.finished()


@in_virtual_time
async def test_a_suppressed_person_is_left_out_of_every_run_at_once() -> None:
    world = World()
    first = world.store.add_run(1)
    later = world.store.add_run(1)
    utility = world.store.add_run(1, definition={"message": MESSAGE, "category": "utility"})
    for run in (later, utility):
        run.rows[0].not_before = world.clock.datetime() + timedelta(minutes=1)
    world.answers(Rejected(131050, suppress="marketing"))

    async with world.sending():
        await world.finished(1)
        assert (first.rows[0].state, later.rows[0].reason, utility.rows[0].state) == (
            "rejected",
            "suppressed",
            "pending",
        )
        await world.finished(2)
        await world.finished(3)

    assert utility.rows[0].state == "accepted"


def texts(*bodies: str) -> dict[str, object]:
    """Describe a run with a variant for each text."""
    messages = [{"type": "text", "text": {"body": body}} for body in bodies]
    return {"variants": [{"name": message["text"]["body"], "share": 0.5, "message": message} for message in messages]}


@in_virtual_time
async def test_each_row_is_sent_as_the_variant_the_plan_gave_it() -> None:
    world = World()
    run = world.store.add_run(10, definition=texts("short", "long"))
    for number, row in run.rows.items():
        row.variant = number % 2

    async with world.sending():
        await world.finished()

    said = {posted.row: post.content for posted, post in zip(world.api.posted, world.api.posts, strict=True)}
    assert all((b"long" if row % 2 else b"short") in content for row, content in said.items())


@in_virtual_time
async def test_a_held_answer_closes_the_gate_of_its_own_variant() -> None:
    world = World()
    run = world.store.add_run(1, definition=texts("short", "long"))
    run.rows[0].variant = 1
    world.answers(Accepted("wamid.held", held=True))

    async with world.sending():
        await asyncio.sleep(5)

    assert run.gates == [1]


@in_virtual_time
async def test_mistakes_of_one_variant_stop_the_run_although_the_other_is_accepted() -> None:
    world = World()
    run = world.store.add_run(200, definition=texts("good", "bad"))
    for number, row in run.rows.items():
        row.variant = number % 2
    world.api.answer_by(lambda post: Rejected(132018, mistake=True) if b"bad" in post.content else accepting(post))

    async with world.sending():
        await asyncio.sleep(20)

    assert (run.state, run.reason) == ("paused", "template")
