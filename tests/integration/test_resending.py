"""Messages sent again by order, on a real ledger: which go back in line, what they claim, what late webhooks do."""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.reports import PostgresReports
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outcome import Settlement
from campaign.domain.resending import Which, WhyNot
from campaign.report import summed
from campaign.resending import send_again
from tests.integration.orders import NOW, ORDERED, Orders
from tests.integration.rows import SHARD, Rows, somebody_waits

DROPPED: Mapping[str, Any] = {"delivery": "dropped", "code": 132015, "was_held": True}

# What a message looks like that waits to be sent; the attempt stays until the mark.
AS_NEW: Mapping[str, Any] = {
    "state": "pending", "delivery": "none", "message_id": None, "code": None, "reason": None, "was_held": False,
    "was_unknown": False, "conflict": False, "settled_at": None, "pair_waits": 0, "day_waits": 0, "attempt": 1,
}  # fmt: skip


@pytest.fixture
async def orders(pool: asyncpg.Pool) -> Orders:
    return Orders(await Rows(pool).start())


# Dropped and failed.


async def test_dropped_messages_go_back_in_line_as_new_ones(orders: Orders) -> None:
    run = await orders.run(state="paused", reason="dropped")
    waits = {"pair_waits": 2, "day_waits": 1, "not_before": "-5 minutes"}
    row = await orders.rows.message(run, "accepted", message_id="old", **waits, **DROPPED)
    await orders.rows.message(run, "accepted", message_id="held", delivery="held", was_held=True)
    await orders.pool.execute(
        "INSERT INTO quality_gate (portfolio, template, run) SELECT portfolio, template, id FROM run WHERE id = $1", run
    )
    await orders.pool.execute("UPDATE shard SET stopped_code = 131048, stopped_at = now() WHERE id = $1", SHARD)

    assert await orders.resend(run, Which.DROPPED) == [row]

    message = await orders.at(run, row)
    assert {name: message[name] for name in AS_NEW} == AS_NEW
    assert await orders.history(run) == [(row, 1, "accepted", "dropped", "old", 132015, *ORDERED)]
    assert await orders.rows.run_state(run) == ("running", None)
    assert await orders.pool.fetchval("SELECT count(*) FROM quality_gate") == 0
    assert await orders.events(run, "shard.released") == [{}]
    assert await orders.rows.mark(run, row, attempt=1) == ["marked"]


async def test_what_is_sent_again_over_a_number_the_run_had_left_has_it_back(orders: Orders) -> None:
    run = await orders.run()
    row = await orders.rows.message(run, "rejected", shard="lyon")

    assert await orders.resend(run, Which.FAILED) == [row]

    assert await orders.pool.fetchval("SELECT shards FROM run WHERE id = $1", run) == [SHARD, "lyon"]
    assert not await orders.rows.ledger.finish_run(run)
    assert [known.id for known in await orders.rows.ledger.runs_with_work("lyon")] == [run]


async def test_a_finished_run_begins_again_and_ends_again(orders: Orders) -> None:
    run = await orders.run(finished_at=NOW)
    row = await orders.rows.message(run, "accepted", **DROPPED)

    await orders.resend(run, Which.DROPPED)
    assert await orders.pool.fetchval("SELECT finished_at FROM run WHERE id = $1", run) is None
    assert not await orders.rows.ledger.finish_run(run)
    await orders.rows.mark(run, row, attempt=1)
    await orders.rows.record(run, row, Settlement("accepted", message_id="new"), attempt=2)
    assert await orders.rows.ledger.finish_run(run)
    report = summed(await PostgresReports(orders.pool).facts(run))
    assert (report.resent, report.send["accepted"], report.delivery["none"]) == (1, 1, 1)


async def test_failed_are_those_refused_and_those_not_delivered_or_those_with_one_code(orders: Orders) -> None:
    run = await orders.run()
    message = orders.rows.message
    refused_one = await message(run, "rejected", code=131026)
    failed = await message(run, "accepted", message_id="f", delivery="failed", code=131049)
    await message(run, "accepted", message_id="d", **DROPPED)
    for each in ("none", "held", "sent", "delivered", "read"):
        await message(run, "accepted", message_id=each, delivery=each)
    for state in ("pending", "skipped", "cancelled", "unknown"):
        await message(run, state)

    assert [each.row for each in (await orders.look(run, Which.FAILED)).ready] == [refused_one, failed]
    assert await orders.resend(run, Which.FAILED, 131049) == [failed]
    assert await orders.rows.state(run, refused_one) == "rejected"


@pytest.mark.parametrize("status", ["delivered", "read", "played"])
async def test_what_a_phone_has_is_never_sent_again(orders: Orders, status: str) -> None:
    run = await orders.run()
    row = await orders.rows.message(run, "accepted", message_id="m", delivery="failed", code=131026)
    # Kept, and not folded yet: the fold would have said so.
    await orders.pool.execute("INSERT INTO fact (message_id, status, at) VALUES ('m', $1, now())", status)

    looked = await orders.look(run, Which.FAILED)

    assert (looked.ready, list(looked.left_out)) == ([], [WhyNot.ARRIVED])
    assert await orders.rows.state(run, row) == "accepted"


async def test_delivered_after_the_question_is_not_sent_again(orders: Orders) -> None:
    run = await orders.run()
    row = await orders.rows.message(run, "accepted", message_id="m", delivery="failed", code=131026)
    looked = await orders.look(run, Which.FAILED)
    await orders.hear(run, row, "m", "delivered", attempt=1)

    with pytest.raises(RefusedByPlan, match="have changed"):
        await send_again(orders.store, looked, ORDERED)
    assert (await orders.at(run, row))["delivery"] == "delivered"


async def test_a_second_order_keeps_both_attempts(orders: Orders) -> None:
    run = await orders.run()
    row = await orders.rows.message(run, "rejected", code=131026)
    await orders.resend(run, Which.FAILED)
    await orders.rows.mark(run, row, attempt=1)
    await orders.rows.record(run, row, Settlement("accepted", message_id="second"), attempt=2)
    await orders.hear(run, row, "second", "failed", attempt=2, code=131049)

    assert await orders.resend(run, Which.FAILED) == [row]

    assert await orders.history(run) == [
        (row, 1, "rejected", "none", None, 131026, *ORDERED),
        (row, 2, "accepted", "failed", "second", 131049, *ORDERED),
    ]
    assert await orders.pool.fetchval("SELECT resent FROM run WHERE id = $1", run) == 2


async def test_one_order_moves_each_row_once_however_many_look(orders: Orders) -> None:
    run = await orders.run()
    for each in range(200):
        await orders.rows.message(run, "accepted", message_id=f"m{each}", **DROPPED)
    looked = await orders.look(run, Which.DROPPED)

    done = await asyncio.gather(*(send_again(orders.store, looked, ORDERED) for _ in range(4)), return_exceptions=True)

    assert sorted(type(each).__name__ for each in done) == ["NoneType", *["RefusedByPlan"] * 3]
    assert len(await orders.history(run)) == 200
    assert await orders.pool.fetchval("SELECT resent FROM run WHERE id = $1", run) == 200


async def test_an_order_waits_for_a_mark_under_way_and_a_mark_for_the_order(orders: Orders) -> None:
    run = await orders.run(state="running")
    due = await orders.rows.message(run)
    row = await orders.rows.message(run, "accepted", **DROPPED)
    async with orders.pool.acquire() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("SELECT FROM message WHERE row = $1 FOR UPDATE", due)
        mark = asyncio.create_task(orders.rows.mark(run, due))
        await somebody_waits(orders.pool)
        order = asyncio.create_task(orders.resend(run, Which.DROPPED))
        await somebody_waits(orders.pool, sessions=2)
        await transaction.commit()

    assert await mark == ["marked"]
    assert await order == [row]
    assert await orders.pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


# What they claimed.


@pytest.mark.parametrize(("state", "claimed"), [("accepted", True), ("unknown", True), ("rejected", False)])
async def test_what_is_sent_again_has_its_content_still_or_anew(orders: Orders, state: str, *, claimed: bool) -> None:
    run = await orders.run(state="running")
    row = await orders.rows.message(run)
    await orders.rows.mark(run, row)
    answers = {
        "accepted": Settlement("accepted", message_id="m"),
        "unknown": Settlement("unknown", why="TimeoutError"),
        "rejected": Settlement("rejected", code=131026),
    }
    await orders.rows.record(run, row, answers[state])
    if state == "accepted":
        await orders.hear(run, row, "m", "failed", attempt=1, code=131026)
    assert (await orders.rows.claims() == [(run, row)]) is claimed
    [one] = (await orders.store.candidates(run, Which.UNKNOWN if state == "unknown" else Which.FAILED)).messages
    await orders.store.send_again(run, Which.FAILED, [one], ORDERED)

    assert await orders.rows.mark(run, row, attempt=1) == ["marked"]
    assert await orders.rows.claims() == [(run, row)]


async def test_whom_another_campaign_wrote_the_same_meanwhile_is_left_out_by_the_mark(orders: Orders) -> None:
    content, person = b"the same", b"somebody"
    run, other = await orders.run(state="running"), await orders.rows.run()
    row = await orders.rows.message(run, "rejected", code=131026, content=content, person=person)
    theirs = await orders.rows.message(other, content=content, person=person)
    assert await orders.rows.mark(other, theirs) == ["marked"]

    await orders.resend(run, Which.FAILED)

    assert await orders.rows.mark(run, row, attempt=1) == ["skipped"]
    assert (await orders.at(run, row))["reason"] == "already_sent"
    assert await orders.rows.claims() == [(other, theirs)]


async def test_whoever_opts_out_after_the_order_is_left_out_by_the_mark(orders: Orders) -> None:
    run = await orders.run(state="running")
    row = await orders.rows.message(run, "rejected", code=131026)
    await orders.resend(run, Which.FAILED)
    await orders.rows.suppress(row)

    assert await orders.rows.mark(run, row, attempt=1) == ["skipped"]
    assert (await orders.at(run, row))["reason"] == "suppressed"


# Webhooks about the attempt before.


async def again(orders: Orders, state: str) -> tuple[int, int]:
    """Order a dropped message again, and let its second attempt have come so far."""
    run = await orders.run(state="running")
    row = await orders.rows.message(run, "accepted", message_id="first", **DROPPED)
    await orders.resend(run, Which.DROPPED)
    if state != "pending":
        await orders.rows.mark(run, row, attempt=1)
    if state == "accepted":
        await orders.rows.record(run, row, Settlement("accepted", message_id="second"), attempt=2)
    return run, row


@pytest.mark.parametrize("state", ["pending", "in_flight", "accepted"])
async def test_the_drop_told_once_more_does_not_undo_the_order(orders: Orders, state: str) -> None:
    run, row = await again(orders, state)

    for attempt in (1, None):
        await orders.hear(run, row, "first", "failed", attempt=attempt, code=132015)

    message = await orders.at(run, row)
    assert (message["state"], message["delivery"], message["multi_id"]) == (state, "none", False)
    assert await orders.rows.run_state(run) == ("running", None)


@pytest.mark.parametrize("state", ["in_flight", "accepted"])
async def test_the_first_delivered_after_all_is_counted_and_no_double(orders: Orders, state: str) -> None:
    run, row = await again(orders, state)

    await orders.hear(run, row, "first", "delivered", attempt=1)

    message = await orders.at(run, row)
    assert (message["state"], message["delivery"], message["multi_id"]) == (state, "none", False)
    assert await orders.rows.run_state(run) == ("running", None)
    [late] = await orders.events(run, "message.accepted_late")
    assert (late["row"], late["said_attempt"]) == (row, 1)
    assert await orders.pool.fetchval("SELECT count(*) FROM fact WHERE message_id = 'first' AND run = $1", run) == 1


async def test_the_first_delivered_before_the_second_leaves_keeps_it_from_leaving(orders: Orders) -> None:
    run, row = await again(orders, "pending")

    await orders.hear(run, row, "first", "delivered", attempt=1)

    message = await orders.at(run, row)
    assert (message["state"], message["delivery"], message["message_id"]) == ("accepted", "delivered", "first")
    assert await orders.rows.mark(run, row, attempt=1) == ["later"]


async def test_ten_thousand_dropped_go_back_in_line_in_one_short_statement(orders: Orders) -> None:
    run = await orders.run()
    await orders.pool.execute(
        """INSERT INTO message (run, row, person, shard, state, delivery, attempt, code, content, number, message_id,
                                variables, was_held)
           SELECT $1, n, int4send(n), $2, 'accepted', 'dropped', 1, 132015, '', '+33612345678', 'm' || n, '{}', true
             FROM generate_series(1, 10000) AS n""",
        *(run, SHARD),
    )

    looked = await orders.look(run, Which.DROPPED)
    await send_again(orders.store, looked, ORDERED)

    assert (
        await orders.pool.fetchval("SELECT count(*) FROM message WHERE run = $1 AND state = 'pending'", run) == 10_000
    )
    assert await orders.pool.fetchval("SELECT resent FROM run WHERE id = $1", run) == 10_000
