"""Answers written to a real ledger, whatever came before them."""

import asyncio
from typing import Any

import asyncpg
import pytest

from campaign.domain.outcome import Settlement
from campaign.ports import Answer
from tests.integration.rows import Rows, somebody_waits

ACCEPTED = Settlement("accepted", message_id="wamid.ours")


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def marked(rows: Rows, **more: Any) -> tuple[int, int]:
    run = await rows.run(**more)
    row = await rows.message(run)
    assert await rows.mark(run, row) == ["marked"]
    return run, row


@pytest.mark.parametrize(
    ("settlement", "columns"),
    [
        (ACCEPTED, {"message_id": "wamid.ours", "delivery": "none", "was_held": False}),
        (Settlement("accepted", message_id="wamid.ours", held=True), {"delivery": "held", "was_held": True}),
        (Settlement("rejected", code=131026), {"code": 131026}),
        (Settlement("unknown", code=2, why="http_500"), {"code": 2, "reason": "http_500"}),
        (Settlement("pending", code=131056, wait_seconds=60, pair_wait=True), {"code": 131056, "pair_waits": 1}),
        (Settlement("pending", why="ClientConnectorError"), {"reason": "ClientConnectorError", "pair_waits": 0}),
    ],
)
async def test_an_answer_settles_its_attempt(rows: Rows, settlement: Settlement, columns: dict[str, Any]) -> None:
    run, row = await marked(rows)

    assert await rows.record(run, row, settlement) == set()

    found = await rows.at(run, row)
    assert found["state"] == settlement.state
    assert {name: found[name] for name in columns} == columns
    assert found["settled_at"] is not None


async def test_not_now_waits_for_as_long_as_the_answer_says(rows: Rows) -> None:
    run, row = await marked(rows)

    await rows.record(run, row, Settlement("pending", code=80007, wait_seconds=60))

    seconds = await rows.pool.fetchval("SELECT extract(epoch FROM not_before - now())::float8 FROM message")
    assert 50 < seconds <= 60


async def test_writing_an_answer_again_changes_nothing(rows: Rows) -> None:
    run, row = await marked(rows)
    await rows.record(run, row, ACCEPTED)
    before = await rows.at(run, row)

    assert await rows.record(run, row, ACCEPTED) == set()
    assert await rows.at(run, row) == before


async def test_the_answer_of_an_older_attempt_changes_nothing(rows: Rows) -> None:
    run, row = await marked(rows)
    await rows.record(run, row, Settlement("pending"))
    assert await rows.mark(run, row, attempt=1) == ["marked"]

    await rows.record(run, row, Settlement("rejected", code=131026), attempt=1)

    assert await rows.state(run, row) == "in_flight"


@pytest.mark.parametrize(
    "late", [ACCEPTED, Settlement("rejected", code=131026), Settlement("pending", code=130429, wait_seconds=1)]
)
async def test_a_late_answer_is_the_truth_about_an_unknown_attempt(rows: Rows, late: Settlement) -> None:
    run, row = await marked(rows)
    await rows.record(run, row, Settlement("unknown", why="rescued"))

    await rows.record(run, row, late)

    assert await rows.state(run, row) == late.state


async def test_an_answer_after_its_webhook_is_no_news(rows: Rows) -> None:
    run, row = await marked(rows)
    await by_webhook(rows, run, row, "wamid.ours")

    assert await rows.record(run, row, ACCEPTED) == set()
    assert not (await rows.at(run, row))["multi_id"]


async def test_a_held_answer_after_its_webhook_is_remembered(rows: Rows) -> None:
    run, row = await marked(rows)
    await by_webhook(rows, run, row, "wamid.ours")

    await rows.record(run, row, Settlement("accepted", message_id="wamid.ours", held=True))

    found = await rows.at(run, row)
    assert found["was_held"]
    assert await rows.pool.fetchval("SELECT status FROM fact") == "held_for_quality_assessment"


async def test_an_answer_with_another_id_than_the_webhook_keeps_the_first_and_is_told(rows: Rows) -> None:
    run, row = await marked(rows)
    await by_webhook(rows, run, row, "wamid.theirs")

    assert await rows.record(run, row, ACCEPTED) == {run}

    found = await rows.at(run, row)
    assert (found["message_id"], found["multi_id"]) == ("wamid.theirs", True)


async def test_another_id_is_told_even_when_the_webhook_commits_while_the_answer_waits(rows: Rows) -> None:
    run, row = await marked(rows)
    async with rows.pool.acquire() as webhook:
        transaction = webhook.transaction()
        await transaction.start()
        await webhook.execute(BY_WEBHOOK, run, row, "wamid.theirs")
        record = asyncio.create_task(rows.record(run, row, ACCEPTED))
        await somebody_waits(rows.pool)
        await transaction.commit()

    assert await record == {run}
    assert (await rows.at(run, row))["multi_id"]


async def test_a_rejection_frees_the_content(rows: Rows) -> None:
    run, row = await marked(rows)

    await rows.record(run, row, Settlement("rejected", code=131026))

    assert await rows.claims() == []


async def test_a_late_not_now_over_a_number_the_run_has_left_stays_unknown(rows: Rows) -> None:
    """Nobody sends the run there any more: in line it would be lost."""
    run = await rows.run()
    row = await rows.message(run, "in_flight", shard="lyon")
    await rows.record(run, row, Settlement("unknown", why="rescued"))

    await rows.record(run, row, Settlement("pending", code=130429))

    assert await rows.state(run, row) == "unknown"


@pytest.mark.parametrize("settlement", [ACCEPTED, Settlement("unknown"), Settlement("pending")])
async def test_what_may_have_been_accepted_keeps_its_content(rows: Rows, settlement: Settlement) -> None:
    run, row = await marked(rows)

    await rows.record(run, row, settlement)

    assert await rows.claims() == [(run, row)]


async def test_not_now_in_a_cancelled_run_cancels_the_message_and_frees_its_content(rows: Rows) -> None:
    run, row = await marked(rows)
    await rows.pool.execute("UPDATE run SET state = 'cancelled'")

    await rows.record(run, row, Settlement("pending", code=130429, wait_seconds=1))

    assert await rows.state(run, row) == "cancelled"
    assert await rows.claims() == []


@pytest.mark.parametrize("over", ["finished", "cancelled"])
async def test_a_late_not_now_of_a_run_that_is_over_stays_in_doubt(rows: Rows, over: str) -> None:
    run, row = await marked(rows)
    await rows.record(run, row, Settlement("unknown", why="rescued"))
    await rows.pool.execute("UPDATE run SET state = $1::text::run_state", over)

    await rows.record(run, row, Settlement("pending", code=130429, wait_seconds=1))

    assert (await rows.at(run, row))["state"] == "unknown"


async def test_not_now_beside_a_cancel_leaves_nothing_pending(rows: Rows) -> None:
    run, row = await marked(rows)

    async def cancel() -> None:
        await rows.pool.execute("UPDATE run SET state = 'cancelled' WHERE id = $1", run)
        await rows.pool.execute("UPDATE message SET state = 'cancelled' WHERE run = $1 AND state = 'pending'", run)

    async with rows.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM message WHERE run = $1 FOR UPDATE", run)
        record = asyncio.create_task(rows.record(run, row, Settlement("pending", code=130429)))
        await somebody_waits(rows.pool)
        cancelling = asyncio.create_task(cancel())
        await asyncio.wait([cancelling], timeout=0.5)
        await transaction.commit()
    await asyncio.gather(record, cancelling)

    assert await rows.state(run, row) == "cancelled"


async def test_a_batch_of_answers_is_one_statement_each_with_its_own_end(rows: Rows) -> None:
    run = await rows.run()
    one, other, third = await rows.messages(run, 3)
    await rows.mark(run, one, other, third)

    await rows.ledger.record(
        [
            Answer(run, third, 1, Settlement("unknown")),
            Answer(run, one, 1, ACCEPTED),
            Answer(run, other, 1, Settlement("rejected", code=100)),
        ]
    )

    assert await rows.states(run) == ["accepted", "rejected", "unknown"]
    assert await rows.claims() == [(run, one), (run, third)]


BY_WEBHOOK = "UPDATE message SET state = 'accepted', message_id = $3 WHERE run = $1 AND row = $2"


async def by_webhook(rows: Rows, run: int, row: int, message_id: str) -> None:
    await rows.pool.execute(BY_WEBHOOK, run, row, message_id)
