"""Whom an answer suppresses: left out of every run, in one transaction, and never marked again."""

import asyncio

import asyncpg
import pytest

from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import Settlement, Suppress
from campaign.ports import Answer, Asked
from tests.integration.rows import SHARD, Rows, somebody_waits


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


def unwanted(scope: Suppress = "all") -> Settlement:
    return Settlement("rejected", code=131050, suppress=scope)


async def in_flight(rows: Rows, run: int, person: bytes) -> int:
    row = await rows.message(run, person=person)
    assert await rows.mark(run, row) == ["marked"]
    return row


async def suppressions(rows: Rows) -> list[tuple[bytes, str, str]]:
    return [tuple(row) for row in await rows.pool.fetch("SELECT person, scope, reason FROM suppression ORDER BY 1, 2")]


async def test_a_person_who_is_suppressed_is_left_out_of_every_run_that_is_not_over(rows: Rows) -> None:
    first = await rows.run()
    row = await in_flight(rows, first, b"ana")
    states = {"running": None, "paused": "command", "scheduled": None, "finished": None}
    runs = {state: await rows.run(state=state, reason=reason) for state, reason in states.items()}
    waiting = {state: await rows.message(run, person=b"ana") for state, run in runs.items()}
    other = await rows.message(runs["running"], person=b"bob")

    assert await rows.record(first, row, unwanted()) == set()

    assert await rows.state(first, row) == "rejected"
    found = {state: await rows.at(runs[state], waiting[state]) for state in states}
    assert {state: (each["state"], each["reason"]) for state, each in found.items()} == {
        "running": ("skipped", "suppressed"),
        "paused": ("skipped", "suppressed"),
        "scheduled": ("skipped", "suppressed"),
        "finished": ("pending", None),
    }
    assert await rows.state(runs["running"], other) == "pending"
    assert await suppressions(rows) == [(b"ana", "all", "131050")]


async def test_who_wants_no_marketing_still_gets_the_rest(rows: Rows) -> None:
    marketing, utility = await rows.run(), await rows.run(definition={"category": "utility"})
    row = await in_flight(rows, marketing, b"ana")
    wanted = await rows.message(utility, person=b"ana")

    await rows.record(marketing, row, unwanted("marketing"))

    assert await rows.state(utility, wanted) == "pending"
    assert await rows.mark(utility, wanted) == ["marked"]
    assert await suppressions(rows) == [(b"ana", "marketing", "131050")]


async def test_a_suppression_frees_the_content_its_rows_had_claimed(rows: Rows) -> None:
    first, second = await rows.run(), await rows.run()
    earlier = await in_flight(rows, second, b"ana")
    await rows.record(second, earlier, Settlement("pending", code=131056, wait_seconds=60))
    row = await in_flight(rows, first, b"ana")
    assert await rows.claims() == [(first, row), (second, earlier)]

    await rows.record(first, row, unwanted())

    assert await rows.state(second, earlier) == "skipped"
    assert await rows.claims() == []


async def test_writing_it_again_changes_nothing(rows: Rows) -> None:
    run, other = await rows.run(), await rows.run()
    row = await in_flight(rows, run, b"ana")
    left_out = await rows.message(other, person=b"ana")
    await rows.record(run, row, unwanted())
    before = await rows.at(other, left_out)

    assert await rows.record(run, row, unwanted()) == set()
    assert await rows.at(other, left_out) == before


async def test_one_batch_may_suppress_some_and_accept_others(rows: Rows) -> None:
    run, other = await rows.run(), await rows.run()
    people = [b"ana", b"bob", b"eve"]
    numbers = [await in_flight(rows, run, person) for person in people]
    later = [await rows.message(other, person=person) for person in people]
    settlements = [unwanted(), Settlement("accepted", message_id="wamid.1"), unwanted("marketing")]

    await rows.ledger.record(
        [Answer(run, row, 1, settlement) for row, settlement in zip(numbers, settlements, strict=True)]
    )

    assert await rows.states(run) == ["rejected", "accepted", "rejected"]
    assert [await rows.state(other, row) for row in later] == ["skipped", "pending", "skipped"]
    assert await suppressions(rows) == [(b"ana", "all", "131050"), (b"eve", "marketing", "131050")]


# Promise 6: after a suppression returned, no further intent commits.


async def test_a_mark_that_waits_for_a_suppression_finds_the_person_left_out(rows: Rows) -> None:
    run, other = await rows.run(), await rows.run()
    row = await in_flight(rows, run, b"ana")
    wanted = await rows.message(other, person=b"ana")
    async with rows.pool.acquire() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        # Holds up the suppression after it has left the person out, and before it commits.
        await blocker.execute("SELECT FROM content_claim WHERE run = $1 FOR UPDATE", run)
        suppressing = asyncio.create_task(rows.record(run, row, unwanted()))
        await somebody_waits(rows.pool)
        mark = asyncio.create_task(rows.mark(other, wanted))
        await asyncio.wait([mark], timeout=0.3)
        assert not mark.done()
        await transaction.commit()
        await suppressing

    assert await mark == ["later"]
    assert (await rows.at(other, wanted))["reason"] == "suppressed"


async def test_a_suppression_waits_for_a_mark_under_way(rows: Rows) -> None:
    run, other = await rows.run(), await rows.run()
    row = await in_flight(rows, run, b"ana")
    wanted = await rows.message(other, person=b"ana")
    async with rows.pool.acquire() as marker:
        transaction = marker.transaction()
        await transaction.start()
        await marker.execute(
            "UPDATE message SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now()"
            " WHERE run = $1 AND row = $2",
            other,
            wanted,
        )
        suppressing = asyncio.create_task(rows.record(run, row, unwanted()))
        await somebody_waits(rows.pool)
        assert not suppressing.done()
        await transaction.commit()
        await suppressing

    assert await rows.state(other, wanted) == "in_flight"


async def test_what_goes_back_in_line_beside_a_suppression_is_left_out_before_it_returns(rows: Rows) -> None:
    """The suppression's snapshot is older than the "not now", the mark's is older than the suppression."""
    run, second, third = await rows.run(), await rows.run(), await rows.run()
    row = await in_flight(rows, run, b"ana")
    under_way = await in_flight(rows, third, b"ana")
    first_asked = await rows.message(second, person=b"eve")
    held_up = await rows.message(second, person=b"ana")
    async with rows.pool.acquire() as one, rows.pool.acquire() as other:
        one_transaction, other_transaction = one.transaction(), other.transaction()
        await one_transaction.start()
        await other_transaction.start()
        await one.execute("SELECT FROM message WHERE run = $1 AND row = $2 FOR UPDATE", second, held_up)
        await other.execute("SELECT FROM message WHERE run = $1 AND row = $2 FOR UPDATE", second, first_asked)
        suppressing = asyncio.create_task(rows.record(run, row, unwanted()))
        await somebody_waits(rows.pool)
        await rows.record(third, under_way, Settlement("pending", why="TooLate"))
        mark = asyncio.create_task(
            rows.ledger.mark(SHARD, rows.epoch, [Asked(second, first_asked, 0), Asked(third, under_way, 1)])
        )
        await somebody_waits(rows.pool, sessions=2)
        await one_transaction.commit()
        await suppressing
        assert await rows.state(third, under_way) == "skipped"
        await other_transaction.commit()

    assert list(await mark) == ["marked", "later"]
    assert (await rows.at(third, under_way))["reason"] == "suppressed"


async def test_suppressions_marks_and_answers_over_the_same_people_end_and_leave_nobody_pending(rows: Rows) -> None:
    for _ in range(10):
        runs = [await rows.run() for _ in range(3)]
        people = [b"%d" % number for number in range(8)]
        first = [await in_flight(rows, runs[0], person) for person in people]
        rest = {run: [await rows.message(run, person=person) for person in people] for run in runs[1:]}
        answers = [Answer(runs[0], row, 1, unwanted()) for row in first]

        ends = await asyncio.gather(
            rows.ledger.record(answers[:5]),
            rows.ledger.record(answers[:2:-1]),
            *[rows.mark(run, *reversed(numbers)) for run, numbers in rest.items()],
            return_exceptions=True,
        )

        assert all(isinstance(end, set | list | LedgerAway) for end in ends), ends
        states = {state for run in runs[1:] for state in await rows.states(run)}
        assert states <= {"skipped", "in_flight"}
        await rows.pool.execute("DELETE FROM suppression")
        await rows.pool.execute("DELETE FROM content_claim")
