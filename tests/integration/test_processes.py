"""Living and dead processes, the shards they own, and what they leave behind."""

import asyncio

import asyncpg
import pytest

from campaign.adapters.postgres.process import PostgresWatchman, Process, registered
from campaign.domain.outcome import Settlement
from campaign.rescue import rescue
from tests.integration.rows import SHARD, Rows


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def test_a_living_owner_keeps_its_shard(rows: Rows) -> None:
    other = await add_sender(rows)

    assert await other.ledger.take(SHARD, ceiling=80.0) is None


async def test_a_dead_owners_shard_is_taken_with_a_higher_epoch_and_the_dead_is_fenced(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    other = await add_sender(rows)
    await rows.pool.execute("UPDATE process SET heartbeat_at = now() - interval '11 s' WHERE id = $1", rows.process)
    assert await PostgresWatchman(rows.pool, process=other.process).bury() == [rows.process]

    taken = await other.ledger.take(SHARD, ceiling=80.0)

    assert taken is not None
    assert taken.epoch == rows.epoch + 1
    assert await rows.mark(run, row) == ["fenced"]


async def test_a_process_that_was_taken_for_dead_takes_no_shard(rows: Rows) -> None:
    await rows.ledger.give_back(SHARD, rows.epoch)
    await rows.pool.execute("UPDATE process SET ended_at = now() WHERE id = $1", rows.process)

    assert await rows.ledger.take(SHARD, ceiling=80.0) is None


async def test_a_shard_given_back_is_free_and_keeps_how_far_it_was_lowered(rows: Rows) -> None:
    await rows.ledger.note_ceiling(SHARD, rows.epoch, ceiling=80.0, lowered=40.0)
    await rows.ledger.give_back(SHARD, rows.epoch)
    other = await add_sender(rows)

    taken = await other.ledger.take(SHARD, ceiling=80.0)

    assert taken is not None
    assert taken.lowered == 40.0


async def test_a_former_owner_neither_gives_back_nor_lowers_what_is_anothers(rows: Rows) -> None:
    await rows.pool.execute("UPDATE shard SET epoch = epoch + 1, owner = 99 WHERE id = $1", SHARD)

    await rows.ledger.give_back(SHARD, rows.epoch)
    await rows.ledger.note_ceiling(SHARD, rows.epoch, ceiling=80.0, lowered=1.0)

    assert await rows.pool.fetchrow("SELECT owner, lowered FROM shard WHERE id = $1", SHARD) == (99, None)


async def test_what_the_dead_left_in_flight_becomes_unknown_and_never_pending(rows: Rows) -> None:
    run = await rows.run()
    dead = await rows.add_process()
    await rows.silence(dead, "11 s")
    left = await rows.message(run, "in_flight", marked_by=dead)
    ours = await rows.message(run, "in_flight", marked_by=rows.process)
    watchman = PostgresWatchman(rows.pool, process=rows.process)

    assert await rescue(watchman) == 1

    assert await rows.state(run, left) == "unknown"
    assert (await rows.at(run, left))["reason"] == "rescued"
    assert await rows.state(run, ours) == "in_flight"
    assert await rescue(watchman) == 0


async def test_a_mark_older_than_any_request_becomes_unknown_though_its_process_lives(rows: Rows) -> None:
    run = await rows.run()
    old = await rows.message(run, "in_flight", marked_by=rows.process, marked_at="66 s")
    young = await rows.message(run, "in_flight", marked_by=rows.process, marked_at="60 s")

    await rescue(PostgresWatchman(rows.pool, process=rows.process))

    assert [await rows.state(run, row) for row in (old, young)] == ["unknown", "in_flight"]


async def test_a_process_whose_lock_is_free_is_dead_after_two_silent_seconds(rows: Rows, ledger_dsn: str) -> None:
    watchman = PostgresWatchman(rows.pool, process=rows.process)
    process = Process(ledger_dsn, "sender")
    await process.register()
    await rows.silence(process.id, "3 s")
    assert await watchman.bury() == []
    process._drop()
    await gone(rows)

    assert await watchman.bury() == [process.id]


async def test_a_process_whose_connection_broke_a_moment_ago_is_not_dead(rows: Rows, ledger_dsn: str) -> None:
    process = Process(ledger_dsn, "sender")
    await process.register()
    process._drop()
    await gone(rows)

    assert await PostgresWatchman(rows.pool, process=rows.process).bury() == []


async def test_a_process_of_this_host_whose_pid_is_gone_is_dead_at_once(rows: Rows, ledger_dsn: str) -> None:
    process = Process(ledger_dsn, "sender")
    await process.register()
    ended = await asyncio.create_subprocess_exec("true")
    await ended.wait()
    await rows.pool.execute("UPDATE process SET pid = $1 WHERE id = $2", ended.pid, process.id)
    watchman = PostgresWatchman(rows.pool, process=rows.process)
    assert await watchman.bury() == []
    process._drop()
    await gone(rows)

    assert await watchman.bury() == [process.id]


async def test_after_an_outage_nobody_is_taken_for_dead_before_he_could_be_back(rows: Rows) -> None:
    silent = await rows.add_process()
    await rows.silence(silent, "11 s")
    watchman = PostgresWatchman(rows.pool, process=rows.process)
    bury, watchman._bury = watchman._bury, _away
    assert await watchman.bury() == []
    watchman._bury = bury

    assert await watchman.bury() == []
    watchman._patient_until = 0.0
    assert await watchman.bury() == [silent]


async def _away() -> list[int]:
    raise ConnectionRefusedError


async def test_a_process_is_never_seen_without_its_lock(rows: Rows, ledger_dsn: str) -> None:
    watchman = PostgresWatchman(rows.pool, process=rows.process)
    found: list[int] = []

    async def bury_all_the_time() -> None:
        while True:
            found.extend(await watchman.bury())

    burying = asyncio.create_task(bury_all_the_time())
    for _ in range(40):
        process = Process(ledger_dsn, "sender")
        await process.register()
        await process.sign_off()
    burying.cancel()

    assert found == []


async def test_a_process_that_was_taken_for_dead_learns_it_from_its_next_beat(rows: Rows, ledger_dsn: str) -> None:
    async with registered(ledger_dsn, "sender") as process:
        await rows.pool.execute("UPDATE process SET ended_at = now() WHERE id = $1", process.id)
        async with asyncio.timeout(10):
            await process.lost.wait()


async def test_a_process_whose_connection_broke_beats_again(rows: Rows, ledger_dsn: str) -> None:
    async with registered(ledger_dsn, "sender") as process:
        await rows.pool.execute("UPDATE process SET heartbeat_at = now() - interval '5 s' WHERE id = $1", process.id)
        await rows.pool.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        await holds(rows, BEATS, process.id)

        assert not process.lost.is_set()
        assert await rows.pool.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 1


async def test_a_process_that_signs_off_is_ended_at_once(rows: Rows, ledger_dsn: str) -> None:
    async with registered(ledger_dsn, "receiver") as process:
        assert await PostgresWatchman(rows.pool, process=rows.process).receiver_alive()

    assert not await PostgresWatchman(rows.pool, process=rows.process).receiver_alive()
    assert await rows.pool.fetchval("SELECT ended_at IS NOT NULL FROM process WHERE id = $1", process.id)


async def test_a_run_ends_only_with_nothing_pending_or_in_flight(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    assert not await rows.ledger.finish_run(run)
    await rows.mark(run, row)
    assert not await rows.ledger.finish_run(run)
    await rows.record(run, row, Settlement("unknown"))

    assert await rows.ledger.finish_run(run)
    assert not await rows.ledger.finish_run(run)
    assert await rows.run_state(run) == ("finished", None)


async def test_a_run_with_work_left_on_another_shard_goes_on(rows: Rows) -> None:
    run = await rows.run(shards=[SHARD, "lyon"])
    await rows.message(run, shard="lyon")

    assert not await rows.ledger.finish_run(run)


BEATS = "SELECT 1 FROM process WHERE id = $1 AND heartbeat_at > now() - interval '2 s'"


async def add_sender(rows: Rows) -> Rows:
    other = Rows(rows.pool)
    other.process = await rows.add_process()
    other.ledger = type(rows.ledger)(rows.pool, process=other.process)
    return other


async def gone(rows: Rows) -> None:
    """Wait until the server has noticed that a session ended."""
    await holds(rows, "SELECT count(*) = 0 FROM pg_locks WHERE locktype = 'advisory'")


async def holds(rows: Rows, question: str, *values: object) -> None:
    """Ask the ledger until it says yes."""
    async with asyncio.timeout(10):
        while not await rows.pool.fetchval(question, *values):  # noqa: ASYNC110 - the event is in another process
            await asyncio.sleep(0.01)
