"""What is sent again beside whatever else touches its row: webhooks, opt-outs, cancels, and whoever ends the run."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.forgetting import PostgresForgetting
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.adapters.postgres.suppressions import PostgresSuppressions
from campaign.domain.outcome import Settlement
from campaign.domain.resending import Which
from campaign.ports import Unwanted
from tests.integration.orders import Orders
from tests.integration.rows import SHARD, Rows, somebody_waits

FIRST: Mapping[str, Mapping[str, Any]] = {
    "dropped": {"state": "accepted", "delivery": "dropped", "code": 132015, "message_id": "first"},
    "failed": {"state": "accepted", "delivery": "failed", "code": 131026, "message_id": "first"},
    "unknown": {"state": "unknown", "was_unknown": True},
    "rejected": {"state": "rejected", "code": 131026},
}
CONTENT = b"the same"


@pytest.fixture
async def orders(pool: asyncpg.Pool) -> Orders:
    return Orders(await Rows(pool).start())


async def sent_once(orders: Orders, first: str, **more: Any) -> tuple[int, int]:
    """Put a message there whose first attempt ended in this way, with its claim."""
    run = await orders.run(state="running", **more)
    row = await orders.rows.message(run, person=b"somebody", content=CONTENT, **FIRST[first])
    if first != "rejected":
        await orders.pool.execute(
            """INSERT INTO content_claim (person, content, campaign, run, row, until)
               SELECT m.person, m.content, r.campaign, m.run, m.row, now() + interval '30 days'
                 FROM message AS m JOIN run AS r ON r.id = m.run WHERE m.run = $1 AND m.row = $2""",
            *(run, row),
        )
    return run, row


@asynccontextmanager
async def being_ordered(orders: Orders, run: int) -> AsyncIterator[None]:
    """Put a run's messages back in line, and commit that only at the end."""
    sql = load_queries("resending")
    async with orders.pool.acquire() as connection, connection.transaction():
        await connection.fetch(sql["hold_run"], run)
        found = await connection.fetch(
            "SELECT row, attempt, state::text, delivery::text FROM message WHERE run = $1 AND state IN"
            " ('accepted', 'unknown', 'rejected')",
            run,
        )
        moved = await connection.fetchval(sql["send_again"], run, *map(list, zip(*found, strict=True)), "ada", "why")
        assert moved == len(found)
        await connection.execute(sql["reopen"], run, moved, {}, [])
        yield


async def ordered(orders: Orders, run: int) -> None:
    async with being_ordered(orders, run):
        pass


# A claim outlives what may have arrived.


async def by_cancel(orders: Orders, run: int, row: int) -> None:
    await PostgresRuns(orders.pool, process=orders.rows.process).cancel(run, detail={})


async def by_suppression(orders: Orders, run: int, row: int) -> None:
    await PostgresSuppressions(orders.pool).suppress([Unwanted(b"somebody", "all", "command", "asked")])


async def by_erasure(orders: Orders, run: int, row: int) -> None:
    await PostgresForgetting(orders.pool).forget(b"somebody", "asked")


async def by_the_mark(orders: Orders, run: int, row: int) -> None:
    await orders.pool.execute("INSERT INTO suppression (person, reason) VALUES ('somebody', 'asked')")
    assert await orders.rows.mark(run, row, attempt=1) == ["skipped"]


async def by_an_answer(orders: Orders, run: int, row: int) -> None:
    assert await orders.rows.mark(run, row, attempt=1) == ["marked"]
    await orders.rows.record(run, row, Settlement("rejected", code=131026), attempt=2)


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("end", [by_cancel, by_suppression, by_erasure, by_the_mark, by_an_answer])
async def test_what_may_have_arrived_stays_claimed_however_its_next_attempt_ends(
    orders: Orders, first: str, end: Any
) -> None:
    run, row = await sent_once(orders, first)
    await ordered(orders, run)

    await end(orders, run, row)

    assert await orders.rows.state(run, row) in {"cancelled", "skipped", "rejected"}
    assert await orders.rows.claims() == ([] if first == "rejected" else [(run, row)])
    if end in (by_cancel, by_an_answer) and first != "rejected":
        other = await orders.rows.run()
        theirs = await orders.rows.message(other, person=b"somebody", content=CONTENT)
        assert await orders.rows.mark(other, theirs) == ["skipped"]


@pytest.mark.parametrize("end", [by_cancel, by_suppression, by_erasure, by_the_mark, by_an_answer])
async def test_what_an_earlier_run_of_the_campaign_sent_stays_claimed_however_a_later_one_ends(
    orders: Orders, end: Any
) -> None:
    whom = {"person": b"somebody", "content": CONTENT}
    first, second = await orders.run(state="running", campaign="news"), await orders.rows.run(campaign="news", key="2")
    sent, row = await orders.rows.message(first, **whom), await orders.rows.message(second, **whom)
    await orders.rows.mark(first, sent)
    await orders.rows.record(first, sent, Settlement("accepted", message_id="sent"))
    assert await orders.rows.mark(second, row) == ["marked"]
    await orders.rows.record(second, row, Settlement("pending", why="TooLate"))

    await end(orders, second, row)

    assert await orders.rows.claims() == [(second, row)]


# A webhook of the attempt before, which waits for the order.


@pytest.mark.parametrize(
    ("first", "status", "code", "state"),
    [
        ("dropped", "failed", 132015, "pending"),
        ("failed", "failed", 131026, "pending"),
        ("failed", "delivered", 0, "accepted"),
        ("unknown", "sent", 0, "accepted"),
    ],
)
async def test_a_webhook_that_waits_for_an_order_knows_of_it(
    orders: Orders, first: str, status: str, code: int, state: str
) -> None:
    run, row = await sent_once(orders, first)
    other = await orders.run(state="running")
    async with being_ordered(orders, run):
        hearing = asyncio.create_task(orders.hear(run, row, "first", status, attempt=1, code=code))
        await somebody_waits(orders.pool)
    await hearing

    assert await orders.rows.state(run, row) == state
    assert await orders.events(run, "message.ghost") == []
    assert [await orders.rows.run_state(each) for each in (run, other)] == [("running", None)] * 2


async def test_two_receivers_and_an_order_leave_one_accepted_message(orders: Orders) -> None:
    run, row = await sent_once(orders, "unknown")
    async with being_ordered(orders, run):
        hearing = [
            asyncio.create_task(orders.hear(run, row, "first", each, attempt=1)) for each in ("sent", "delivered")
        ]
        await somebody_waits(orders.pool, sessions=2)
    await asyncio.gather(*hearing)

    message = await orders.at(run, row)
    found = message["state"], message["delivery"], message["message_id"], message["multi_id"]
    assert found == ("accepted", "delivered", "first", False)
    assert await orders.rows.mark(run, row, attempt=1) == ["later"]


# Whoever ends the run meanwhile.


async def test_a_run_is_not_finished_by_whoever_looked_before_an_order(orders: Orders) -> None:
    run, row = await sent_once(orders, "failed")
    async with being_ordered(orders, run):
        finishing = asyncio.create_task(orders.rows.ledger.finish_run(run))
        await somebody_waits(orders.pool)

    assert not await finishing
    assert await orders.rows.run_state(run) == ("running", None)
    assert await orders.rows.mark(run, row, attempt=1) == ["marked"]


async def test_a_run_is_not_finished_by_whoever_looked_before_a_late_answer(orders: Orders) -> None:
    run, row = await sent_once(orders, "unknown")
    async with orders.pool.acquire() as connection, connection.transaction():
        arrays = [run], [row], [1], ["pending"], [None], [False], [4], ["later"], [0.0], [False], [False]
        await connection.execute(load_queries("dispatch")["record"], *arrays)
        finishing = asyncio.create_task(orders.rows.ledger.finish_run(run))
        await somebody_waits(orders.pool)

    assert not await finishing
    assert (await orders.rows.run_state(run), await orders.rows.state(run, row)) == (("running", None), "pending")


async def test_a_cancel_that_waits_for_an_order_takes_it_back(orders: Orders) -> None:
    run, row = await sent_once(orders, "dropped")
    runs = PostgresRuns(orders.pool, process=orders.rows.process)
    async with being_ordered(orders, run):
        cancelling = asyncio.create_task(runs.cancel(run, detail={}))
        await somebody_waits(orders.pool)

    assert (await cancelling).cancelled == 1
    assert await orders.rows.state(run, row) == "cancelled"


async def test_a_pause_that_waits_for_an_order_stops_it(orders: Orders) -> None:
    run, row = await sent_once(orders, "dropped")
    runs = PostgresRuns(orders.pool, process=orders.rows.process)
    async with being_ordered(orders, run):
        pausing = asyncio.create_task(runs.pause(run, detail={}))
        await somebody_waits(orders.pool)
    await pausing

    assert await orders.rows.mark(run, row, attempt=1) == ["stopped"]


async def test_an_opt_out_that_waits_for_an_order_takes_it_back(orders: Orders) -> None:
    run, row = await sent_once(orders, "dropped")
    async with being_ordered(orders, run):
        suppressing = asyncio.create_task(by_suppression(orders, run, row))
        await somebody_waits(orders.pool)
    await suppressing

    assert await orders.rows.state(run, row) == "skipped"


# Two at once that lock the same things.


async def test_an_answer_that_opts_somebody_out_waits_for_an_order_and_not_in_a_circle(orders: Orders) -> None:
    run = await orders.run(state="running")
    row = await orders.rows.message(run, "in_flight", person=b"somebody")
    dropped = await orders.rows.message(run, **FIRST["dropped"])
    refused = Settlement("rejected", code=131050, suppress="marketing")
    async with orders.pool.acquire() as blocker, blocker.transaction():
        await blocker.execute("SELECT FROM message WHERE run = $1 AND row = $2 FOR UPDATE", run, row)
        recording = asyncio.create_task(orders.rows.record(run, row, refused))
        await somebody_waits(orders.pool)
        order = asyncio.create_task(orders.resend(run, Which.DROPPED))
        await somebody_waits(orders.pool, sessions=2)
    await asyncio.gather(recording, order)

    assert await orders.rows.states(run) == ["rejected", "pending"]
    assert await orders.rows.state(run, dropped) == "pending"
    assert await orders.pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


async def test_a_shard_whose_number_changed_is_not_called_by_the_digits_of_the_old_one(orders: Orders) -> None:
    ledger, pool = orders.rows.ledger, orders.pool
    await pool.execute("UPDATE shard SET display = 'digits of ' || id")
    displays = "SELECT display FROM shard ORDER BY id"

    await ledger.introduce_shards({SHARD: "address of lyon", "lyon": "address of paris"})
    assert [each["display"] for each in await pool.fetch(displays)] == ["digits of paris", "digits of lyon"]
    await ledger.introduce_shards({SHARD: "another", "lyon": "address of paris"})
    assert [each["display"] for each in await pool.fetch(displays)] == ["digits of paris", None]
