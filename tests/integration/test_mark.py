"""Marks on a real ledger: one verdict a row, and what each leaves behind."""

import asyncio

import asyncpg
import pytest

from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import Settlement
from campaign.ports import Asked
from tests.integration.rows import SHARD, Rows, somebody_waits


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def test_a_mark_commits_the_intent_and_counts_the_attempt(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)

    assert await rows.mark(run, row) == ["marked"]

    found = await rows.at(run, row)
    assert (found["state"], found["attempt"], found["marked_by"]) == ("in_flight", 1, rows.process)
    assert await rows.claims() == [(run, row)]


async def test_each_row_of_a_batch_gets_its_own_verdict(rows: Rows) -> None:
    run = await rows.run()
    marked, suppressed, expired, later = await rows.messages(run, 4)
    await rows.suppress(suppressed)
    await rows.pool.execute("UPDATE message SET not_after = now() WHERE row = $1", expired)
    await rows.pool.execute("UPDATE message SET not_before = now() + interval '1 h' WHERE row = $1", later)

    verdicts = await rows.mark(run, later, expired, suppressed, marked)

    assert verdicts == ["later", "skipped", "skipped", "marked"]
    assert await rows.states(run) == ["in_flight", "skipped", "skipped", "pending"]
    assert [(await rows.at(run, row))["reason"] for row in (suppressed, expired)] == ["suppressed", "expired"]
    assert await rows.claims() == [(run, marked)]


async def test_marketing_alone_may_be_unwanted(rows: Rows) -> None:
    marketing, utility = await rows.run(), await rows.run(definition={"category": "utility"})
    one, other = await rows.message(marketing), await rows.message(utility)
    for row in (one, other):
        await rows.suppress(row, "marketing")

    assert await rows.mark(marketing, one) == ["skipped"]
    assert await rows.mark(utility, other) == ["marked"]


async def test_free_form_goes_only_to_whom_the_window_of_this_number_is_open(rows: Rows) -> None:
    free, template = await rows.run(free_form=True), await rows.run()
    opened, elsewhere, lapsed, never = await rows.messages(free, 4)
    for row, address, until in (
        (opened, "address of paris", "1 min"),
        (elsewhere, "address of lyon", "1 h"),
        (lapsed, "address of paris", "-1 s"),
    ):
        await rows.open_window(row, address, until)
    needs_none = await rows.message(template)

    assert await rows.mark(free, never, lapsed, elsewhere, opened) == ["skipped", "skipped", "skipped", "marked"]
    assert {(await rows.at(free, row))["reason"] for row in (elsewhere, lapsed, never)} == {"window_closed"}
    assert await rows.claims() == [(free, opened)]
    assert await rows.mark(template, needs_none) == ["marked"]


async def test_a_suppression_outweighs_an_open_window(rows: Rows) -> None:
    free = await rows.run(free_form=True)
    row = await rows.message(free)
    await rows.open_window(row, "address of paris", "1 h")
    await rows.suppress(row)

    assert await rows.mark(free, row) == ["skipped"]
    assert (await rows.at(free, row))["reason"] == "suppressed"


async def test_content_a_person_has_from_another_campaign_is_not_sent_again(rows: Rows) -> None:
    first, second = await rows.run(), await rows.run()
    one = await rows.message(first, person=b"ana", content=b"hello")
    other = await rows.message(second, person=b"ana", content=b"hello")

    assert await rows.mark(first, one) == ["marked"]
    assert await rows.mark(second, other) == ["skipped"]
    assert (await rows.at(second, other))["reason"] == "already_sent"


@pytest.mark.parametrize(("own_runs", "verdict"), [(True, "marked"), (False, "skipped")])
async def test_a_later_run_of_the_same_campaign_is_intended_repetition_if_the_file_says_so(
    rows: Rows, *, own_runs: bool, verdict: str
) -> None:
    first = await rows.run(campaign="weekly", key="1")
    second = await rows.run(campaign="weekly", key="2", own_runs=own_runs)
    one = await rows.message(first, person=b"ana", content=b"hello")
    other = await rows.message(second, person=b"ana", content=b"hello")

    assert await rows.mark(first, one) == ["marked"]
    assert await rows.mark(second, other) == [verdict]


async def test_a_claim_expires_with_its_window(rows: Rows) -> None:
    first, second = await rows.run(), await rows.run()
    one = await rows.message(first, person=b"ana", content=b"hello")
    other = await rows.message(second, person=b"ana", content=b"hello")
    await rows.mark(first, one)
    await rows.pool.execute("UPDATE content_claim SET until = now() - interval '1 s'")

    assert await rows.mark(second, other) == ["marked"]
    assert await rows.claims() == [(second, other)]


async def test_a_run_without_a_window_neither_claims_nor_asks(rows: Rows) -> None:
    first, second = await rows.run(), await rows.run(duplicate_window=None)
    one = await rows.message(first, person=b"ana", content=b"hello")
    other = await rows.message(second, person=b"ana", content=b"hello")

    assert await rows.mark(first, one) == ["marked"]
    assert await rows.mark(second, other) == ["marked"]
    assert await rows.claims() == [(first, one)]


async def test_of_two_rows_with_one_person_and_content_in_a_batch_the_first_is_marked_and_the_second_asks_again(
    rows: Rows,
) -> None:
    first, second = await rows.run(), await rows.run()
    one = await rows.message(first, person=b"ana", content=b"hello")
    other = await rows.message(second, person=b"ana", content=b"hello")
    asked = [Asked(second, other, 0), Asked(first, one, 0)]

    assert list(await rows.ledger.mark(SHARD, rows.epoch, asked)) == ["later", "marked"]
    assert await rows.mark(second, other) == ["skipped"]


@pytest.mark.parametrize("window", ["30 days", None])
async def test_a_row_asked_for_twice_in_one_batch_is_marked_once(rows: Rows, window: str | None) -> None:
    run = await rows.run(duplicate_window=window)
    row = await rows.message(run)

    assert await rows.mark(run, row, row) == ["marked", "later"]
    assert (await rows.at(run, row))["attempt"] == 1


async def test_a_message_that_is_asked_for_with_a_stale_attempt_is_left_alone(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run, attempt=2)

    assert await rows.mark(run, row, attempt=1) == ["later"]
    assert await rows.state(run, row) == "pending"


async def test_behind_a_closed_gate_everything_is_later(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    await rows.ledger.close_gate(run, 0)

    assert await rows.mark(run, row) == ["later"]


@pytest.mark.parametrize("state", ["paused", "cancelled", "finished", "scheduled"])
async def test_what_does_not_run_is_stopped(rows: Rows, state: str) -> None:
    run = await rows.run(state=state, reason="command")
    row = await rows.message(run)

    assert await rows.mark(run, row) == ["stopped"]
    assert await rows.state(run, row) == "pending"


async def test_one_mark_tells_a_paused_run_from_a_running_one(rows: Rows) -> None:
    running, paused = await rows.run(), await rows.run(state="paused", reason="command")
    one, other = await rows.message(running), await rows.message(paused)
    asked = [Asked(paused, other, 0), Asked(running, one, 0)]

    assert list(await rows.ledger.mark(SHARD, rows.epoch, asked)) == ["stopped", "marked"]


async def test_an_old_epoch_is_fenced_and_writes_nothing(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    await rows.pool.execute("UPDATE shard SET epoch = epoch + 1 WHERE id = $1", SHARD)

    assert await rows.mark(run, row) == ["fenced"]
    assert await rows.state(run, row) == "pending"
    assert await rows.claims() == []


async def test_another_shards_message_is_not_marked_here(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run, shard="lyon")

    assert await rows.mark(run, row) == ["later"]


@pytest.mark.parametrize("reason", ["expired", "suppressed"])
async def test_a_message_that_ends_skipped_gives_up_the_content_it_claimed_on_an_earlier_attempt(
    rows: Rows, reason: str
) -> None:
    run = await rows.run()
    row = await rows.message(run)
    await rows.mark(run, row)
    await rows.record(run, row, Settlement("pending", code=131056))
    if reason == "expired":
        await rows.pool.execute("UPDATE message SET not_after = now()")
    else:
        await rows.suppress(row)

    assert await rows.mark(run, row, attempt=1) == ["skipped"]
    assert await rows.claims() == []


async def test_intents_are_durable_whatever_the_session_says(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    async with rows.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL synchronous_commit = off")
        ledger = PostgresLedger(connection, process=rows.process)
        assert list(await ledger.mark(SHARD, rows.epoch, [Asked(run, row, 0)])) == ["marked"]

        assert await connection.fetchval("SHOW synchronous_commit") == "on"


async def test_a_mark_whose_connection_breaks_is_not_acknowledged(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    async with rows.pool.acquire() as blocker, blocker.transaction():
        await blocker.execute("SELECT FROM message WHERE row = $1 FOR UPDATE", row)
        mark = asyncio.create_task(rows.mark(run, row))
        waiting = await somebody_waits(rows.pool)
        await rows.pool.execute("SELECT pg_terminate_backend($1)", waiting)
        with pytest.raises(LedgerAway):
            await mark

    assert await rows.state(run, row) == "pending"
