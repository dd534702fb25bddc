"""Numbers that WhatsApp refuses and accounts that stand still, on a real ledger."""

import asyncio

import asyncpg
import pytest

from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.domain.outcome import Settlement
from campaign.ports import Asked, Stranded
from tests.integration.rows import SHARD, Rows, somebody_waits

REFUSED = 131048


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def stop(rows: Rows) -> bool:
    return await rows.ledger.stop_shard(SHARD, rows.epoch, REFUSED)


async def events(rows: Rows, name: str) -> list[asyncpg.Record]:
    found: list[asyncpg.Record] = await rows.pool.fetch(
        "SELECT run, shard, detail FROM event WHERE name = $1 ORDER BY id", name
    )
    return found


# Numbers.


async def test_over_a_stopped_shard_nothing_is_marked_and_nothing_is_read(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)

    assert await stop(rows)

    assert await rows.mark(run, row) == ["stopped"]
    assert await rows.state(run, row) == "pending"
    assert await rows.claims() == []
    assert await rows.ledger.runs_with_work(SHARD) == []
    assert [known.id for known in await rows.ledger.runs_with_work("lyon")] == []
    [told] = await events(rows, "shard.stopped")
    assert (told["shard"], told["detail"]) == (SHARD, {"code": REFUSED})


async def test_a_stop_is_news_once_and_comes_from_the_owner_alone(rows: Rows) -> None:
    assert not await rows.ledger.stop_shard(SHARD, rows.epoch - 1, REFUSED)
    assert await stop(rows)
    assert not await stop(rows)
    assert len(await events(rows, "shard.stopped")) == 1


async def test_a_mark_that_waits_for_a_stop_obeys_it(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    async with rows.pool.acquire() as stopper:
        transaction = stopper.transaction()
        await transaction.start()
        await PostgresLedger(stopper, process=rows.process).stop_shard(SHARD, rows.epoch, REFUSED)
        mark = asyncio.create_task(rows.mark(run, row))
        await somebody_waits(rows.pool)
        await transaction.commit()

    assert await mark == ["stopped"]
    assert await rows.state(run, row) == "pending"


async def test_a_stop_waits_for_a_mark_under_way(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    async with rows.pool.acquire() as blocker:
        transaction = blocker.transaction()
        await transaction.start()
        await blocker.execute("SELECT FROM message WHERE run = $1 FOR UPDATE", run)
        mark = asyncio.create_task(rows.mark(run, row))
        await somebody_waits(rows.pool)
        stopping = asyncio.create_task(stop(rows))
        await asyncio.wait([stopping], timeout=0.3)
        assert not stopping.done()
        await transaction.commit()
        await stopping

    assert await mark == ["marked"]


async def test_a_run_all_of_whose_pending_rows_are_on_stopped_shards_pauses_with_the_code(rows: Rows) -> None:
    run = await rows.run(shards=[SHARD, "lyon"])
    sent = await rows.message(run, "accepted", shard="lyon")
    await rows.messages(run, 2)
    await stop(rows)

    news = await PostgresGates(rows.pool).watch_gates()

    assert list(news.stranded) == [Stranded(run, SHARD, REFUSED)]
    assert await rows.run_state(run) == ("paused", "account")
    assert await rows.state(run, sent) == "accepted"
    [told] = await events(rows, "run.paused")
    assert told["detail"] == {"reason": "account", "code": REFUSED, "shard": SHARD}
    assert (await PostgresGates(rows.pool).watch_gates()).stranded == []


async def test_a_run_that_can_still_do_something_is_not_stranded(rows: Rows) -> None:
    elsewhere, in_flight, done = [await rows.run(shards=[SHARD, "lyon"]) for _ in range(3)]
    await rows.message(elsewhere)
    await rows.message(elsewhere, shard="lyon")
    await rows.message(in_flight)
    await rows.message(in_flight, "in_flight")
    await rows.message(done, "accepted")
    await stop(rows)

    assert (await PostgresGates(rows.pool).watch_gates()).stranded == []


async def test_later_steps_of_a_ramp_do_not_keep_a_run_going_that_can_do_nothing(rows: Rows) -> None:
    run, waits = [await rows.run(shards=[SHARD, "lyon"], ramp=[0.1, 1.0]) for _ in range(2)]
    await rows.message(run)
    later = [await rows.message(each, step=1, shard="lyon") for each in (run, waits)]
    later.append(await rows.message(waits, step=1))
    await rows.pool.execute("UPDATE message SET not_before = 'infinity' WHERE row = ANY ($1)", later)
    await stop(rows)

    # The other one's step is sent: what WhatsApp tells of it may open the next one.
    assert list((await PostgresGates(rows.pool).watch_gates()).stranded) == [Stranded(run, SHARD, REFUSED)]


async def test_a_run_with_nothing_left_ends_even_if_all_of_its_shards_stand_still(rows: Rows) -> None:
    over, under_way, elsewhere = await rows.run(), await rows.run(), await rows.run(shards=[SHARD, "lyon"])
    for run in (over, under_way, elsewhere):
        await rows.message(run, "skipped")
    await rows.message(under_way, "in_flight")
    await stop(rows)

    await PostgresGates(rows.pool).watch_gates()

    states = [(await rows.run_state(run))[0] for run in (over, under_way, elsewhere)]
    assert states == ["finished", "running", "running"]


async def test_a_resume_releases_the_shards_of_its_run_and_no_others(rows: Rows) -> None:
    taken = await rows.ledger.take("lyon", ceiling=80.0)
    assert taken is not None
    run = await rows.run(state="paused", reason="account")
    row = await rows.message(run)
    await stop(rows)
    await rows.ledger.stop_shard("lyon", taken.epoch, REFUSED)

    assert await PostgresRuns(rows.pool, process=rows.process).resume(run, detail={"by": "us"}) == "running"

    assert await rows.mark(run, row) == ["marked"]
    assert await rows.pool.fetchval("SELECT stopped_code FROM shard WHERE id = 'lyon'") == REFUSED
    [told] = await events(rows, "shard.released")
    assert (told["run"], told["shard"]) == (run, SHARD)


async def test_a_resume_of_what_is_over_releases_nothing(rows: Rows) -> None:
    run = await rows.run(state="cancelled", reason="command")
    await stop(rows)

    assert await PostgresRuns(rows.pool, process=rows.process).resume(run, detail={}) == "cancelled"
    assert await rows.pool.fetchval("SELECT stopped_code FROM shard WHERE id = $1", SHARD) == REFUSED


async def test_resumes_and_marks_over_one_shard_never_deadlock(rows: Rows) -> None:
    runs = PostgresRuns(rows.pool, process=rows.process)
    run = await rows.run()
    numbers = await rows.messages(run, 60)
    for row in numbers:
        await asyncio.gather(rows.mark(run, row), runs.resume(run, detail={}), stop(rows))

    assert await rows.pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


# Accounts.


async def test_what_stops_an_account_pauses_every_running_run_of_its_portfolio_with_its_code(rows: Rows) -> None:
    one, other = await rows.run(), await rows.run()
    foreign, scheduled = await rows.run(portfolio="other"), await rows.run(state="scheduled")

    assert await rows.ledger.pause_portfolio(other, "token", detail={"code": 190}) == [one, other]

    assert [await rows.run_state(run) for run in (one, other)] == [("paused", "token")] * 2
    assert [(await rows.run_state(run))[0] for run in (foreign, scheduled)] == ["running", "scheduled"]
    told = await events(rows, "run.paused")
    assert [(each["run"], each["detail"]) for each in told] == [
        (one, {"reason": "token", "code": 190}),
        (other, {"reason": "token", "code": 190}),
    ]
    assert await rows.ledger.pause_portfolio(other, "token", detail={"code": 190}) == []


async def test_portfolios_paused_by_many_shards_at_once_pause_once(rows: Rows) -> None:
    runs = [await rows.run() for _ in range(20)]
    paused = await asyncio.gather(
        *[rows.ledger.pause_portfolio(run, "account", detail={"code": 368}) for run in reversed(runs[-8:])]
    )

    assert sorted(run for each in paused for run in each) == runs
    assert len(await events(rows, "run.paused")) == len(runs)


async def test_a_pause_is_told_once_with_what_there_is_to_say(rows: Rows) -> None:
    run = await rows.run()

    assert await rows.ledger.pause_run(run, "template", detail={"why": "no such file", "code": 131053})
    assert not await rows.ledger.pause_run(run, "held")

    [told] = await events(rows, "run.paused")
    assert told["detail"] == {"reason": "template", "why": "no such file", "code": 131053}


# Shards and their ceilings.


async def test_a_shard_learns_its_address_and_forgets_an_old_one(rows: Rows) -> None:
    await rows.ledger.introduce_shards({SHARD: "another", "nice": "third"})

    found = await rows.pool.fetch("SELECT id, address FROM shard ORDER BY id")
    assert [tuple(row) for row in found] == [("lyon", "address of lyon"), ("nice", "third"), (SHARD, "another")]


async def test_the_ceiling_of_now_is_kept_by_the_owner_alone(rows: Rows) -> None:
    await rows.ledger.note_ceiling(SHARD, rows.epoch, ceiling=50.0, lowered=20.0)
    await rows.ledger.note_ceiling(SHARD, rows.epoch - 1, ceiling=1.0, lowered=1.0)

    found = await rows.pool.fetchrow("SELECT ceiling, lowered FROM shard WHERE id = $1", SHARD)
    assert tuple(found) == (50.0, 20.0)


async def test_a_shard_is_ours_until_somebody_takes_it(rows: Rows) -> None:
    assert await rows.ledger.still_ours(SHARD, rows.epoch)
    await rows.pool.execute("UPDATE shard SET epoch = epoch + 1, owner = -1 WHERE id = $1", SHARD)
    assert not await rows.ledger.still_ours(SHARD, rows.epoch)


@pytest.mark.parametrize(
    ("last", "current", "older", "rate"), [(0, 0, 0, 0.0), (120, 30, 0, 2.0), (60, 240, 0, 4.0), (0, 0, 600, 0.0)]
)
async def test_what_a_number_receives_is_told_by_its_last_two_minutes(
    rows: Rows, last: int, current: int, older: int, rate: float
) -> None:
    for minutes, count in ((1, last), (0, current), (2, older)):
        if count:
            await rows.pool.execute(
                """INSERT INTO inbound_minute (address, minute, messages)
                   VALUES ('mine', date_trunc('minute', now()) - make_interval(mins => $1), $2), ('other', now(), 999)
                       ON CONFLICT DO NOTHING""",
                minutes,
                count,
            )

    # The minute may have turned since; then what was the current one is the last full one.
    assert await rows.ledger.inbound_rate("mine") in (rate, current / 60, max(current, last) / 60)


# Put off to another day.


async def test_a_message_put_off_to_another_day_counts_its_days(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run)
    await rows.mark(run, row)

    await rows.record(run, row, Settlement("pending", code=131049, wait_seconds=86_400.0, day_wait=True))

    found = await rows.at(run, row)
    assert (found["day_waits"], found["pair_waits"]) == (1, 0)
    await rows.pool.execute("UPDATE message SET not_before = now()")
    [due] = await rows.ledger.read_ahead(SHARD, run, after=None, limit=10)
    assert (due.row, due.attempt, due.day_waits) == (row, 1, 1)
    assert list(await rows.ledger.mark(SHARD, rows.epoch, [Asked(run, row, 1)])) == ["marked"]
