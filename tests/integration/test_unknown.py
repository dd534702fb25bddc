"""Unknown messages on a real ledger: what is remembered of them, who settles them, and each guard of a resend alone."""

from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.database import connect
from campaign.adapters.postgres.migrate import migrations
from campaign.adapters.postgres.process import PostgresWatchman
from campaign.domain.errors import AlreadyRunning, RefusedByPlan
from campaign.domain.outcome import Settlement
from campaign.domain.resending import Which, WhyNot
from campaign.resending import send_again
from tests.integration.orders import ORDERED, Orders
from tests.integration.rows import Rows


@pytest.fixture
async def orders(pool: asyncpg.Pool) -> Orders:
    return Orders(await Rows(pool).start())


@pytest.fixture
async def old(orders: Orders) -> int:
    """Give a run with one unknown message that nothing stands in the way of."""
    run = await orders.run()
    await orders.unknown(run)
    await orders.listened()
    await orders.told(run)
    return run


# Who was unknown once is remembered.


async def test_what_becomes_unknown_is_remembered_to_have_been_so(orders: Orders) -> None:
    rows = orders.rows
    run = await rows.run()
    answered, rescued, sent = await rows.messages(run, 3)
    await rows.mark(run, answered, rescued, sent)
    await rows.record(run, answered, Settlement("unknown", why="TimeoutError"))
    await rows.record(run, sent, Settlement("accepted", message_id="wamid.1"))
    dead = await rows.add_process()
    await rows.pool.execute("UPDATE message SET marked_by = $1 WHERE row = $2", dead, rescued)
    await rows.pool.execute("UPDATE process SET ended_at = now() WHERE id = $1", dead)

    assert await PostgresWatchman(rows.pool, process=rows.process).rescue(older_than_seconds=65) == 1

    assert [(await rows.at(run, row))["was_unknown"] for row in (answered, rescued, sent)] == [True, True, False]
    await rows.record(run, answered, Settlement("accepted", message_id="wamid.2"))
    assert (await rows.at(run, answered))["was_unknown"]
    await rows.record(run, rescued, Settlement("pending"))
    assert not (await rows.at(run, rescued))["was_unknown"]


async def test_what_is_unknown_at_an_upgrade_is_remembered_too(ledger_dsn: str) -> None:
    connection = await connect(ledger_dsn)
    try:
        await connection.execute("DROP SCHEMA campaign CASCADE; CREATE SCHEMA campaign")
        for each in migrations()[:2]:
            await connection.execute(each.text)
        await connection.execute(
            """INSERT INTO message (run, row, person, shard, state, code, content, number, variables)
               VALUES (1, 1, 'a', 's', 'unknown', NULL, '', '', '{}'), (1, 2, 'b', 's', 'rejected', 1, '', '', '{}')"""
        )
        await connection.execute(migrations()[2].text)
        found = await connection.fetch("SELECT was_unknown FROM message ORDER BY row")
    finally:
        await connection.close()

    assert [each["was_unknown"] for each in found] == [True, False]


async def test_webhooks_are_measured_by_what_its_own_answer_accepted(orders: Orders) -> None:
    run, other = await orders.run(), await orders.run()
    await orders.told(run, 3)
    await orders.told(other, 5)
    message = orders.rows.message
    await message(run, "accepted", message_id="none")
    await message(run, "accepted", message_id="held", delivery="held")
    await message(run, "accepted", message_id="settled", delivery="read", was_unknown=True)
    await message(run, "accepted", message_id="ghost", delivery="read", ghost=True)
    await message(run, "rejected")

    assert await orders.store.coverage(run) == (5, 3)


async def test_the_newest_hour_counts_only_while_there_is_nothing_older(orders: Orders) -> None:
    run = await orders.run()
    await orders.told(run, 2)
    new = await orders.rows.message(run, "accepted", message_id="new")
    await orders.pool.execute("UPDATE message SET settled_at = now() WHERE row = $1", new)

    assert await orders.store.coverage(run) == (2, 2)
    await orders.pool.execute("UPDATE message SET settled_at = now()")
    assert await orders.store.coverage(run) == (3, 2)


async def test_earlier_ones_are_counted_over_all_runs_and_their_history(orders: Orders) -> None:
    run, other = await orders.run(), await orders.run()
    await orders.unknown(run)
    await orders.unknown(run, since="5 minutes")
    message = orders.rows.message
    await message(other, "accepted", was_unknown=True)
    await message(other, "accepted", message_id=None, reason="settled", was_unknown=True)
    await message(other, "rejected", was_unknown=True)
    for attempt, row in ((1, await message(other)), (1, late := await message(other))):
        await orders.pool.execute(
            """INSERT INTO attempt_history (run, row, attempt, state, delivery, ordered_by, why)
               VALUES ($1, $2, $3, 'unknown', 'none', '', '')""",
            *(other, row, attempt),
        )
    await orders.pool.execute(
        "INSERT INTO event (name, run, detail) VALUES ('message.accepted_late', $1, $2)",
        other,
        {"row": late, "said_attempt": 1},
    )

    assert await orders.store.earlier() == (6, 2, 1)


# Unknown: each guard alone.


async def test_an_old_unknown_message_is_sent_again_by_order(orders: Orders, old: int) -> None:
    [row] = await orders.resend(old)

    message, state = await orders.at(old, row), await orders.rows.run_state(old)
    assert (message["state"], message["attempt"], message["was_unknown"], message["reason"]) == (
        "pending",
        1,
        False,
        None,
    )
    assert state == ("running", None)
    assert await orders.history(old) == [(row, 1, "unknown", "none", None, None, *ORDERED)]
    assert await orders.events(old, "messages.resent") == [
        {"which": "unknown", "messages": 1, "by": "ada@here", "why": "a better template"}
    ]
    assert await orders.pool.fetchval("SELECT resent FROM run WHERE id = $1", old) == 1
    assert await orders.rows.mark(old, row, attempt=1) == ["marked"]
    assert (await orders.at(old, row))["attempt"] == 2


async def refused(orders: Orders, run: int, said: str, error: type[Exception] = RefusedByPlan) -> None:
    """Look and order, and see that nothing at all is done."""
    before = await orders.rows.states(run)
    with pytest.raises(error, match=said):
        await orders.resend(run)
    assert await orders.rows.states(run) == before
    assert await orders.history(run) == []
    assert await orders.events(run, "messages.resent") == []
    assert await orders.pool.fetchval("SELECT resent FROM run WHERE id = $1", run) == 0


async def left_out(orders: Orders, run: int) -> list[WhyNot]:
    looked = await orders.look(run)
    assert looked.ready == []
    return list(looked.left_out)


async def test_guard_another_process_sends_the_run(orders: Orders, old: int) -> None:
    other = await orders.rows.add_process()
    await orders.pool.execute("UPDATE run SET launcher = $2 WHERE id = $1", old, other)

    await refused(orders, old, "another process sends this run", AlreadyRunning)


async def test_guard_the_run_is_cancelled(orders: Orders, old: int) -> None:
    await orders.pool.execute("UPDATE run SET state = 'running' WHERE id = $1", old)
    await orders.pool.execute("UPDATE run SET state = 'cancelled' WHERE id = $1", old)

    await refused(orders, old, "cancelled")


async def test_guard_the_run_is_cancelled_after_the_question(orders: Orders) -> None:
    run = await orders.run(state="paused", reason="command")
    await orders.unknown(run)
    await orders.listened()
    await orders.told(run)
    looked = await orders.look(run)
    await orders.pool.execute("UPDATE run SET state = 'cancelled' WHERE id = $1", run)

    with pytest.raises(RefusedByPlan, match="cancelled"):
        await orders.store.send_again(run, Which.UNKNOWN, looked.ready, ORDERED)


async def test_guard_something_is_in_flight(orders: Orders, old: int) -> None:
    await orders.rows.message(old, "in_flight")

    await refused(orders, old, "answers are awaited to 1 of")


async def test_guard_something_left_after_the_question(orders: Orders, old: int) -> None:
    looked = await orders.look(old)
    await orders.rows.message(old, "in_flight")

    with pytest.raises(RefusedByPlan, match="answers are awaited"):
        await send_again(orders.store, looked, ORDERED)
    assert await orders.history(old) == []


async def test_guard_younger_than_a_day(orders: Orders) -> None:
    run = await orders.run()
    await orders.unknown(run, since="23 hours 59 minutes")
    await orders.listened()

    assert await left_out(orders, run) == [WhyNot.TOO_YOUNG]


@pytest.mark.parametrize(
    ("lives", "heard"),
    [
        ([("30 hours", "0 s")], True),
        ([("24 hours", "0 s")], False),  # it came only after the attempt
        ([("30 hours", "1 hour")], False),  # it is gone
        ([("30 hours", "2 hours"), ("119 minutes", "0 s")], False),  # a minute was missed
        ([("30 hours", "2 hours"), ("7195 seconds", "0 s")], True),  # a restart within ten seconds
        ([("30 hours", "2 hours"), ("29 hours", "0 s")], True),  # two that overlapped
        ([], False),
    ],
)
async def test_guard_a_week_where_nobody_listened_all_the_time(
    orders: Orders, lives: list[tuple[str, str]], *, heard: bool
) -> None:
    run = await orders.run()
    await orders.unknown(run)
    for begun, ended in lives:
        await orders.listened(begun, ended)

    looked = await orders.look(run)

    assert [each.heard for each in looked.asked] == [heard]
    assert list(looked.left_out) == ([] if heard else [WhyNot.UNHEARD])


async def test_a_receiver_that_was_buried_late_did_not_listen_until_then(orders: Orders) -> None:
    run = await orders.run()
    await orders.unknown(run)
    await orders.listened("30 hours", "2 hours")
    await orders.pool.execute("UPDATE process SET ended_at = now() WHERE purpose = 'receiver'")

    assert await left_out(orders, run) == [WhyNot.UNHEARD]


async def test_after_a_week_silence_is_enough_however_bad_the_listening(orders: Orders) -> None:
    run = await orders.run()
    row = await orders.unknown(run, since="7 days 1 second")
    await orders.told(run)

    assert await orders.resend(run) == [row]


async def test_guard_webhooks_tell_of_too_few(orders: Orders, old: int) -> None:
    await orders.rows.message(old, "accepted", message_id="silent")

    await refused(orders, old, r"1 of the 2 messages that were accepted \(50.00%\); 99% are needed")


@pytest.mark.parametrize(
    ("values", "reason"),
    [({"not_after": "1 s"}, WhyNot.EXPIRED), ({"multi_id": True}, WhyNot.TWO_IDS), ({"number": ""}, WhyNot.SUPPRESSED)],
)
async def test_guard_what_the_message_itself_says(orders: Orders, values: dict[str, Any], reason: WhyNot) -> None:
    run = await orders.run()
    await orders.unknown(run, **values)
    await orders.listened()

    assert await left_out(orders, run) == [reason]


@pytest.mark.parametrize(("scope", "out"), [("all", True), ("marketing", True), ("utility", False)])
async def test_guard_a_person_who_is_suppressed(orders: Orders, old: int, scope: str, *, out: bool) -> None:
    if scope == "utility":
        definition, scope = {"message": {}, "category": "utility"}, "marketing"
        await orders.pool.execute("UPDATE run SET definition = $2 WHERE id = $1", old, definition)
    [one] = (await orders.look(old)).ready
    await orders.rows.suppress(one.row, scope)

    assert (list((await orders.look(old)).left_out) == [WhyNot.SUPPRESSED]) is out


async def test_guard_a_window_that_is_closed(orders: Orders) -> None:
    run = await orders.run(free_form=True)
    row = await orders.unknown(run)
    await orders.listened()

    assert await left_out(orders, run) == [WhyNot.WINDOW_CLOSED]
    await orders.rows.open_window(row, "address of lyon", "1 hour")
    assert await left_out(orders, run) == [WhyNot.WINDOW_CLOSED]
    await orders.rows.open_window(row, "address of paris", "-1 second")
    assert await left_out(orders, run) == [WhyNot.WINDOW_CLOSED]
    await orders.pool.execute("UPDATE customer_window SET until = now() + interval '1 hour'")
    assert [each.row for each in (await orders.look(run)).ready] == [row]


async def test_guard_a_webhook_settles_one_after_the_question(orders: Orders, old: int) -> None:
    more = await orders.unknown(old)
    looked = await orders.look(old)
    await orders.hear(old, more, "wamid.after", "sent", attempt=1)

    with pytest.raises(RefusedByPlan, match="1 of 2 have changed"):
        await send_again(orders.store, looked, ORDERED)
    assert await orders.history(old) == []
    assert await orders.rows.run_state(old) == ("finished", None)


async def test_guard_an_earlier_attempt_was_taken_after_all(orders: Orders, old: int) -> None:
    [row] = await orders.resend(old)
    await orders.rows.mark(old, row, attempt=1)
    await orders.hear(old, row, "wamid.first", "sent", attempt=1)
    await orders.rows.record(old, row, Settlement("unknown", why="TimeoutError"), attempt=2)
    await orders.pool.execute("UPDATE message SET settled_at = now() - interval '8 days' WHERE row = $1", row)

    assert await left_out(orders, old) == [WhyNot.ARRIVED]


# Settled by a person.


async def settled(orders: Orders, run: int) -> int:
    row = await orders.unknown(run, since="1 minute", content=b"kept")
    [one] = (await orders.store.candidates(run, Which.UNKNOWN)).messages
    await orders.store.settle(run, [one], ORDERED)
    return row


async def test_a_person_may_settle_what_they_know(orders: Orders) -> None:
    run = await orders.run()
    row = await settled(orders, run)

    message = await orders.at(run, row)
    found = message["state"], message["delivery"], message["message_id"], message["reason"], message["was_unknown"]
    assert found == ("accepted", "none", None, "settled", True)
    assert await orders.events(run, "unknown.settled") == [
        {"messages": 1, "by": "ada@here", "why": "a better template"}
    ]
    assert await orders.rows.run_state(run) == ("finished", None)


async def test_what_a_webhook_settles_meanwhile_is_not_settled_by_a_person(orders: Orders) -> None:
    run = await orders.run()
    row, other = await orders.unknown(run), await orders.unknown(run)
    found = await orders.store.candidates(run, Which.UNKNOWN)
    await orders.hear(run, row, "wamid.x", "delivered", attempt=1)

    with pytest.raises(RefusedByPlan, match="1 of 2 have changed"):
        await orders.store.settle(run, found.messages, ORDERED)
    assert await orders.rows.state(run, other) == "unknown"
    assert await orders.events(run, "unknown.settled") == []


async def test_a_webhook_gives_what_a_person_settled_its_id(orders: Orders) -> None:
    run = await orders.run(state="running")
    row = await settled(orders, run)

    await orders.hear(run, row, "wamid.x", "delivered", attempt=1)
    await orders.hear(run, row, "wamid.x", "read", attempt=1)

    message = await orders.at(run, row)
    found = message["state"], message["delivery"], message["message_id"], message["multi_id"], message["ghost"]
    assert found == ("accepted", "read", "wamid.x", False, False)
    assert await orders.rows.run_state(run) == ("running", None)


@pytest.mark.parametrize("state", ["pending", "in_flight"])
async def test_an_unknown_one_that_was_taken_after_all(orders: Orders, old: int, state: str) -> None:
    [row] = await orders.resend(old)
    if state == "in_flight":
        await orders.rows.mark(old, row, attempt=1)

    await orders.hear(old, row, "wamid.late", "sent", attempt=1)

    assert await orders.rows.state(old, row) == {"pending": "accepted", "in_flight": "in_flight"}[state]
    assert len(await orders.events(old, "message.accepted_late")) == 1
    assert (await orders.store.earlier()).heard == 1
    assert await orders.rows.run_state(old) == ("running", None)
