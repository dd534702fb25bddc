"""Opt-outs against sending, judged by the order in which they commit: nothing is marked once an opt-out has committed.

The judge draws from one sequence inside both transactions, at their commit: triggers deferred until then write a number
for each mark and each suppression. It is held to a second way of opting out, which only relies on the mark's own NOT
EXISTS and does not touch what waits: that one must turn it red, or it could not see.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.suppressions import PostgresSuppressions
from campaign.domain.numbers import person
from campaign.domain.outcome import Settlement
from campaign.domain.receipt import Inbound, Preference
from campaign.ports import Unwanted
from campaign.receipts import Receipts
from tests.integration.rows import Rows

KEY = b"k" * 32
RACES = 100
_PEOPLE = itertools.count(33_612_000_000)

JUDGE = """
CREATE SEQUENCE commit_order;
CREATE TABLE drawn (what text, person bytea, turn bigint);
CREATE FUNCTION draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign.drawn VALUES (TG_ARGV[0], NEW.person, nextval('campaign.commit_order'));
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER draw_mark AFTER UPDATE ON message DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.state = 'pending' AND NEW.state = 'in_flight') EXECUTE FUNCTION draw('mark');
CREATE CONSTRAINT TRIGGER draw_opt_out AFTER INSERT ON suppression DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION draw('opt-out');
"""

MARKED_AFTERWARDS = """
SELECT count(*) FROM drawn AS m JOIN drawn AS o ON o.person = m.person
 WHERE m.what = 'mark' AND o.what = 'opt-out' AND m.turn > o.turn
"""

OptOut = Callable[[Rows, str], Coroutine[Any, Any, Any]]
Start = Callable[[], Coroutine[Any, Any, Any]]


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    await pool.execute(JUDGE)
    return await Rows(pool).start()


async def by_stop_word(rows: Rows, number: str) -> None:
    receipts = Receipts(PostgresFeedback(rows.pool), installation="0123abcd", key=KEY)
    await receipts.apply([Inbound(f"wamid.{number}", "106", number, datetime.now(UTC), said=("STOP",))])


async def by_preference(rows: Rows, number: str) -> None:
    receipts = Receipts(PostgresFeedback(rows.pool), installation="0123abcd", key=KEY)
    await receipts.apply([Preference(number, stopped=True, at=datetime.now(UTC))])


async def by_command(rows: Rows, number: str) -> None:
    whom = Unwanted(person(number, KEY), "marketing", "command", "asked")
    await PostgresSuppressions(rows.pool).suppress([whom])


async def by_answer(rows: Rows, number: str) -> None:
    """Another run's message to them is answered 131050."""
    run = await rows.run()
    row = await rows.message(run, "in_flight", person=person(number, KEY))
    await rows.record(run, row, Settlement("rejected", code=131050, suppress="marketing"))


OPT_OUTS = [by_stop_word, by_preference, by_command, by_answer]


async def by_naive_insert(rows: Rows, number: str) -> None:
    """Suppress somebody and rely on the NOT EXISTS of the mark alone."""
    await rows.pool.execute(
        "INSERT INTO suppression (person, scope, source, reason) VALUES ($1, 'marketing', 'command', 'naive')",
        person(number, KEY),
    )


async def race(rows: Rows, opt_out: OptOut, turn: int) -> None:
    """Let a mark and an opt-out meet over one row: started at once, or while somebody holds the row, in both orders."""
    number = f"+{next(_PEOPLE)}"
    run = await rows.run()
    row = await rows.message(run, person=person(number, KEY))
    starts = [partial(rows.mark, run, row), partial(opt_out, rows, number)]
    if turn % 2:
        starts.reverse()
    if turn % 4 < 2:
        await asyncio.gather(*[start() for start in starts])
    else:
        await _held_up(rows, run, row, starts)


async def _held_up(rows: Rows, run: int, row: int, starts: Sequence[Start]) -> None:
    """Start one after the other while a third session has the row; then let them go."""
    async with rows.pool.acquire() as third:
        transaction = third.transaction()
        await transaction.start()
        await third.execute("SELECT FROM message WHERE run = $1 AND row = $2 FOR UPDATE", run, row)
        begun: list[asyncio.Task[Any]] = []
        for start in starts:
            begun.append(asyncio.create_task(start()))
            await _stuck_or_done(rows, begun)
        await transaction.commit()
    await asyncio.gather(*begun)


async def _stuck_or_done(rows: Rows, tasks: Sequence[asyncio.Task[Any]]) -> None:
    """Wait until each of these has ended or waits for a lock."""
    async with asyncio.timeout(10):
        while True:
            going = sum(not task.done() for task in tasks)
            if not going or await _waiting(rows) >= going:
                return
            await asyncio.sleep(0.002)


async def _waiting(rows: Rows) -> int:
    return int(
        await rows.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
    )


@pytest.mark.parametrize("opt_out", OPT_OUTS)
async def test_nothing_is_marked_after_an_opt_out_has_committed(rows: Rows, opt_out: OptOut) -> None:
    for turn in range(RACES):
        await race(rows, opt_out, turn)

    drawn = dict(await rows.pool.fetch("SELECT what, count(*) FROM drawn GROUP BY what"))
    assert drawn["opt-out"] == RACES
    assert 0 < drawn["mark"] < RACES
    assert await rows.pool.fetchval(MARKED_AFTERWARDS) == 0
    # Whoever was not marked is left out by now, not merely passed over.
    assert await rows.pool.fetchval("SELECT count(*) FROM message WHERE state = 'pending'") == 0


async def test_an_opt_out_that_does_not_touch_what_waits_turns_the_judge_red(rows: Rows) -> None:
    for turn in range(RACES):
        await race(rows, by_naive_insert, turn)

    assert await rows.pool.fetchval(MARKED_AFTERWARDS) >= RACES // 4


async def test_what_goes_back_in_line_beside_an_opt_out_is_not_marked_after_it(rows: Rows) -> None:
    """The opt-out's snapshot is older than the "not now", and the mark's is older than the opt-out's commit."""
    number = f"+{next(_PEOPLE)}"
    whom = person(number, KEY)
    first, second = await rows.run(), await rows.run()
    held, row = await rows.message(first, person=whom), await rows.message(second, person=whom)
    assert await rows.mark(second, row) == ["marked"]
    await rows.pool.execute("DELETE FROM content_claim")
    await rows.pool.execute("DELETE FROM drawn")
    async with rows.pool.acquire() as one, rows.pool.acquire() as other:
        waits_for_row, waits_for_claim = one.transaction(), other.transaction()
        await waits_for_row.start()
        await waits_for_claim.start()
        await one.execute("SELECT FROM message WHERE run = $1 AND row = $2 FOR UPDATE", first, held)
        await other.execute(
            "INSERT INTO content_claim (person, content, campaign, run, row, until)"
            " SELECT person, content, 'other', run, row, now() FROM message WHERE run = $1",
            second,
        )
        opt_out = asyncio.create_task(by_stop_word(rows, number))
        await _stuck_or_done(rows, [opt_out])
        await rows.record(second, row, Settlement("pending", why="TooLate"))
        mark = asyncio.create_task(rows.mark(second, row, attempt=1))
        await _stuck_or_done(rows, [opt_out, mark])
        await waits_for_row.commit()
        await _stuck_or_done(rows, [opt_out, mark])
        await waits_for_claim.rollback()
        await asyncio.gather(opt_out, mark)

    assert await rows.pool.fetchval(MARKED_AFTERWARDS) == 0
    assert dict(await rows.pool.fetch("SELECT what, count(*) FROM drawn GROUP BY what")) == {"mark": 1, "opt-out": 1}


@pytest.mark.parametrize("opt_out", OPT_OUTS)
async def test_what_a_plan_puts_in_line_beside_an_opt_out_is_left_out_before_it_returns(
    rows: Rows, opt_out: OptOut
) -> None:
    number = f"+{next(_PEOPLE)}"
    run = await rows.run()
    held = await rows.message(run, person=person(number, KEY))
    async with rows.pool.acquire() as third:
        transaction = third.transaction()
        await transaction.start()
        await third.execute("SELECT FROM message WHERE run = $1 AND row = $2 FOR UPDATE", run, held)
        suppressing = asyncio.create_task(opt_out(rows, number))
        await _stuck_or_done(rows, [suppressing])
        planned = await rows.run()
        row = await rows.message(planned, person=person(number, KEY))
        await transaction.commit()
    await suppressing

    assert await rows.state(planned, row) == "skipped"
