"""Two at once on a real ledger: nobody waits in a circle, and a pause that returned has been obeyed."""

import asyncio
import contextlib

import asyncpg
import pytest

from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import Settlement
from campaign.ports import Answer, Asked
from tests.integration.rows import SHARD, Rows, somebody_waits


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def people(rows: Rows, run: int, numbers: range, *, shard: str = SHARD) -> list[int]:
    """Put these people with the same content into a run, in this order."""
    return [await rows.message(run, person=b"%d" % number, content=b"hello", shard=shard) for number in numbers]


async def test_two_runs_for_the_same_people_never_deadlock_and_send_each_of_them_once(rows: Rows) -> None:
    taken = await rows.ledger.take("lyon", ceiling=80.0)
    assert taken is not None
    for _ in range(50):
        first, second = await rows.run(), await rows.run(shards=["lyon"])
        # In opposite orders: the statement itself must put them into one.
        ours = await people(rows, first, range(9))
        theirs = await people(rows, second, range(8, -1, -1), shard="lyon")
        one = rows.ledger.mark(SHARD, rows.epoch, [Asked(first, row, 0) for row in ours])
        other = rows.ledger.mark("lyon", taken.epoch, [Asked(second, row, 0) for row in theirs])

        verdicts, reverse = await asyncio.gather(one, other)

        pairs = list(zip(verdicts, reversed(reverse), strict=True))
        assert {frozenset(pair) for pair in pairs} == {frozenset({"marked", "skipped"})}
        await rows.pool.execute("DELETE FROM content_claim")

    assert await rows.pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


async def test_answers_and_webhooks_over_the_same_rows_never_deadlock(rows: Rows) -> None:
    for _ in range(20):
        run = await rows.run()
        numbers = await rows.messages(run, 10)
        await rows.mark(run, *numbers)
        answers = [Answer(run, row, 1, Settlement("accepted", message_id=f"wamid.{row}")) for row in reversed(numbers)]

        await asyncio.gather(
            rows.ledger.record(answers[:7]), rows.ledger.record(answers[3:]), rows.ledger.record(answers[::-1])
        )

        assert set(await rows.states(run)) == {"accepted"}


async def test_no_intent_commits_after_a_pause_returned(rows: Rows) -> None:
    for _ in range(20):
        run = await rows.run()
        numbers = await rows.messages(run, 30)
        marking = [asyncio.create_task(rows.mark(run, row)) for row in numbers]
        await asyncio.sleep(0.002)
        await rows.ledger.pause_run(run, "held")
        then = (await rows.states(run)).count("in_flight")

        await asyncio.gather(*marking)

        assert (await rows.states(run)).count("in_flight") == then


async def test_a_pause_waits_for_a_mark_that_read_the_run_as_running(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    async with rows.pool.acquire() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("SELECT FROM message WHERE run = $1 FOR UPDATE", run)
        mark = asyncio.create_task(rows.mark(run, row))
        await somebody_waits(rows.pool)
        pause = asyncio.create_task(rows.ledger.pause_run(run, "held"))
        await asyncio.wait([pause], timeout=0.3)
        assert not pause.done()
        await transaction.commit()
        await pause

        assert mark.done() or await mark == ["marked"]
        assert await rows.state(run, row) == "in_flight"


async def test_a_pause_gets_through_while_many_shards_mark_and_record_without_a_break(rows: Rows) -> None:
    run = await rows.run()
    numbers = await rows.messages(run, 8)
    stop = asyncio.Event()

    async def keep_busy(row: int) -> None:
        attempt = 0
        while not stop.is_set() and await rows.mark(run, row, attempt=attempt) == ["marked"]:
            attempt += 1
            await rows.record(run, row, Settlement("pending"), attempt=attempt)

    async with asyncio.TaskGroup() as tasks:
        for row in numbers:
            tasks.create_task(keep_busy(row))
        await asyncio.sleep(0.3)
        try:
            async with asyncio.timeout(20):
                await rows.ledger.pause_run(run, "held")
        finally:
            stop.set()

    assert await rows.run_state(run) == ("paused", "held")


async def test_a_suppression_that_returned_lets_no_further_intent_commit(rows: Rows) -> None:
    run = await rows.run()
    for _ in range(20):
        row = await rows.message(run)
        marking = asyncio.create_task(rows.mark(run, row))
        async with rows.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO suppression (person, reason) VALUES ($1, 'asked')", f"person {row}".encode()
            )
            await connection.execute(
                """UPDATE message SET state = 'skipped', reason = 'suppressed', settled_at = now()
                    WHERE person = $1 AND state = 'pending'""",
                f"person {row}".encode(),
            )
        then = await rows.state(run, row)
        await marking

        assert await rows.state(run, row) == then


async def test_a_new_owner_fences_the_old_one_even_in_the_middle_of_a_mark(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    async with rows.pool.acquire() as taker:
        transaction = taker.transaction()
        await transaction.start()
        await taker.execute("UPDATE shard SET epoch = epoch + 1 WHERE id = $1", SHARD)
        mark = asyncio.create_task(rows.mark(run, row))
        await somebody_waits(rows.pool)
        await transaction.commit()

    assert await mark == ["fenced"]
    assert await rows.state(run, row) == "pending"


async def test_a_mark_chosen_as_the_victim_of_a_deadlock_was_not_acknowledged(rows: Rows) -> None:
    run = await rows.run()
    one, other = await rows.messages(run, 2)
    async with rows.pool.acquire() as rude:
        transaction = rude.transaction()
        await transaction.start()
        await rude.execute("SET LOCAL deadlock_timeout = '1 h'")
        await rude.execute("SELECT FROM message WHERE row = $1 FOR UPDATE", other)
        mark = asyncio.create_task(rows.mark(run, one, other))
        await somebody_waits(rows.pool)
        with contextlib.suppress(asyncpg.DeadlockDetectedError):
            await rude.execute("SELECT FROM message WHERE row = $1 FOR UPDATE", one)
        with pytest.raises(LedgerAway):
            await mark
        await transaction.rollback()

    assert await rows.states(run) == ["pending", "pending"]
