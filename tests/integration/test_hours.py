"""Hours on a real ledger: nothing is marked outside of them, and what was not sent in time waits for the next ones."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from campaign.domain.outcome import Settlement
from campaign.domain.resending import Which
from campaign.ports import HoursTurn
from tests.integration.orders import Orders
from tests.integration.rows import SHARD, Rows

MINUTES = timedelta(minutes=1)


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def opened(rows: Rows, run: int, *windows: tuple[float, float], zone: int = 0) -> list[tuple[datetime, datetime]]:
    """Write a zone's windows, each from so many minutes from now to so many."""
    now = datetime.now(UTC)
    written = [(now + MINUTES * begin, now + MINUTES * end) for begin, end in windows]
    statement = "INSERT INTO run_window (run, zone, opens_at, closes_at) VALUES ($1, $2, $3, $4)"
    await rows.pool.executemany(statement, [(run, zone, *each) for each in written])
    return written


async def waiting(rows: Rows, run: int, window: tuple[datetime, datetime], *, zone: int = 0, **more: Any) -> int:
    """Put a message into a window."""
    row = await rows.message(run, zone=zone, **more)
    await rows.pool.execute("UPDATE message SET not_before = $2, not_after = $3 WHERE row = $1", row, *window)
    return row


async def times(rows: Rows, run: int, row: int) -> tuple[datetime, datetime]:
    found = await rows.at(run, row)
    return found["not_before"], found["not_after"]


async def follow(rows: Rows, *, limit: int = 100, followed: dict[int, datetime] | None = None) -> HoursTurn:
    return await rows.ledger.follow_hours({SHARD: rows.epoch}, followed=followed or {}, limit=limit)


async def test_a_message_is_marked_in_its_hours_alone(rows: Rows) -> None:
    run = await rows.run()
    past, present, future = await opened(rows, run, (-9, -5), (-1, 3), (7, 9))
    inside = await waiting(rows, run, present)
    behind = await waiting(rows, run, past)
    ahead = await waiting(rows, run, future)

    assert await rows.mark(run, inside, behind, ahead) == ["marked", "later", "later"]
    assert await times(rows, run, behind) == present
    assert await times(rows, run, ahead) == future


async def test_a_mark_just_before_the_hours_end_is_put_off_for_its_message_might_leave_after(rows: Rows) -> None:
    run = await rows.run()
    now, tomorrow = await opened(rows, run, (-9, 4 / 60), (9, 19))
    row = await waiting(rows, run, now)

    assert await rows.mark(run, row) == ["later"]
    assert await times(rows, run, row) == tomorrow


async def test_a_message_without_hours_left_has_expired(rows: Rows) -> None:
    run = await rows.run()
    (past,) = await opened(rows, run, (-9, -5))
    await opened(rows, run, (-1, 3), zone=1)
    row = await waiting(rows, run, past)

    assert await rows.mark(run, row) == ["skipped"]
    assert (await rows.at(run, row))["reason"] == "expired"


async def test_nothing_is_marked_once_the_time_of_its_run_is_over(rows: Rows) -> None:
    run = await rows.run(until=datetime.now(UTC) - MINUTES)
    row = await rows.message(run)

    assert await rows.mark(run, row) == ["skipped"]
    assert (await rows.at(run, row))["reason"] == "expired"


async def test_a_backlog_waits_for_the_next_hours_of_its_zone(rows: Rows) -> None:
    run = await rows.run()
    closed, coming = await opened(rows, run, (-9, -1), (5, 9))
    other, later = await opened(rows, run, (-9, -2), (6, 9), zone=1)
    here = [await waiting(rows, run, closed) for _ in range(3)]
    there = await waiting(rows, run, other, zone=1)

    turn = await follow(rows)

    assert (turn.put_off, turn.expired, turn.runs) == (4, 0, [run])
    assert [await times(rows, run, row) for row in here] == [coming] * 3
    assert await times(rows, run, there) == later


async def test_a_backlog_with_no_hours_left_has_expired_and_gives_its_content_back(rows: Rows) -> None:
    run = await rows.run()
    (past,) = await opened(rows, run, (-9, 9))
    row = await waiting(rows, run, past)
    assert await rows.mark(run, row) == ["marked"]
    await rows.pool.execute("UPDATE message SET state = 'pending', not_after = now() WHERE row = $1", row)
    await rows.pool.execute("UPDATE run_window SET closes_at = now()")

    turn = await follow(rows)

    assert (turn.put_off, turn.expired) == (0, 1)
    assert (await rows.at(run, row))["reason"] == "expired"
    assert await rows.claims() == []


async def test_what_is_in_its_hours_or_sent_or_elsewhere_is_left_alone(rows: Rows) -> None:
    run = await rows.run()
    closed, present = await opened(rows, run, (-9, -1), (-1, 9))
    await waiting(rows, run, present)
    await waiting(rows, run, closed, state="accepted")
    await waiting(rows, run, closed, shard="lyon")
    paused = await rows.run(state="paused", reason="command")
    (over,) = await opened(rows, paused, (-9, -1))
    await waiting(rows, paused, over)

    turn = await follow(rows)

    assert (turn.put_off, turn.expired, turn.runs) == (0, 0, [run])


async def test_whoever_lost_the_shard_puts_nothing_off(rows: Rows) -> None:
    run = await rows.run()
    closed, _ = await opened(rows, run, (-9, -1), (5, 9))
    await waiting(rows, run, closed)
    await rows.pool.execute("UPDATE shard SET epoch = epoch + 1")

    assert (await follow(rows)).put_off == 0


async def test_hours_that_were_followed_are_not_looked_at_again(rows: Rows) -> None:
    run = await rows.run()
    closed, _ = await opened(rows, run, (-9, -1), (5, 9))
    turn = await follow(rows)
    await waiting(rows, run, closed)

    assert (await follow(rows, followed={run: turn.until})).put_off == 0
    assert (await follow(rows)).put_off == 1


async def test_a_backlog_is_put_off_in_parts(rows: Rows) -> None:
    run = await rows.run()
    closed, _ = await opened(rows, run, (-9, -1), (5, 9))
    for _ in range(5):
        await waiting(rows, run, closed)

    assert [(await follow(rows, limit=2)).put_off for _ in range(4)] == [2, 2, 1, 0]


async def test_what_is_sent_again_waits_for_the_hours_of_its_zone(rows: Rows) -> None:
    """A schedule that was changed put it into later ones, sent as it was."""
    orders = Orders(rows)
    run = await orders.run(state="running")
    _, present, coming = await opened(rows, run, (-9, -5), (-1, 3), (7, 9))
    (tomorrow,) = await opened(rows, run, (60, 90), zone=1)
    inside = await waiting(rows, run, coming, state="rejected")
    ahead = await waiting(rows, run, tomorrow, zone=1, state="rejected")
    whenever = await rows.message(run, "rejected")

    assert await orders.resend(run, Which.FAILED) == [inside, ahead, whenever]

    assert await times(rows, run, inside) == present
    assert await times(rows, run, ahead) == tomorrow
    assert await rows.mark(run, inside, ahead, whenever, attempt=1) == ["marked", "later", "marked"]


async def test_what_comes_back_in_line_does_not_leave_before_hours_it_was_given_meanwhile(rows: Rows) -> None:
    run = await rows.run()
    (tomorrow,) = await opened(rows, run, (60, 90))
    row = await waiting(rows, run, tomorrow, state="in_flight")

    await rows.record(run, row, Settlement("pending", code=130429, wait_seconds=1.0))

    assert await times(rows, run, row) == tomorrow


async def test_marks_and_the_end_of_hours_do_not_wait_for_each_other_in_a_circle(rows: Rows) -> None:
    run = await rows.run(duplicate_window=None)
    closed, _ = await opened(rows, run, (-9, -1), (5, 9))
    found = [await waiting(rows, run, closed) for _ in range(60)]

    await asyncio.gather(*(follow(rows, limit=7) for _ in range(9)), *(rows.mark(run, *found[::-1]) for _ in range(9)))

    assert (await follow(rows)).put_off == 0
    assert set(await rows.states(run)) == {"pending"}
