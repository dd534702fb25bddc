"""The trigger that knows the table of transitions: every pair of states is tried."""

import itertools
from typing import Any, get_args

import asyncpg
import pytest

from campaign.domain.lifecycle import SendState
from tests.integration.rows import NEEDED, Rows

STATES: tuple[str, ...] = get_args(SendState)

# Whoever it is, these are the only ways; what may go further only as a ghost or after a resend is tried below.
ALLOWED = {
    ("pending", "in_flight"),
    ("pending", "skipped"),
    ("pending", "cancelled"),
    ("in_flight", "pending"),
    ("in_flight", "accepted"),
    ("in_flight", "rejected"),
    ("in_flight", "unknown"),
    ("in_flight", "cancelled"),
    ("unknown", "accepted"),
    ("unknown", "rejected"),
    ("unknown", "pending"),
    ("rejected", "pending"),
}


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def move(rows: Rows, run: int, row: int, state: str, **more: Any) -> bool:
    """Try an UPDATE as anybody with a connection could; tell whether the ledger took it."""
    values = {name: value for name, value in (NEEDED[state] | more).items() if name != "attempt"}
    sets = [f"{name} = ${index}" for index, name in enumerate(values, 4)]
    sets += ["marked_at = now()", "attempt = attempt + 1"] if state == "in_flight" else []
    try:
        await rows.pool.execute(
            f"UPDATE message SET {', '.join(['state = $3::send_state', *sets])} WHERE run = $1 AND row = $2",
            *(run, row, state, *values.values()),
        )
    except asyncpg.IntegrityConstraintViolationError as error:
        if error.constraint_name != "message_keeps_its_lifecycle":
            raise
        return False
    return True


async def test_a_message_goes_only_the_ways_of_the_table(rows: Rows) -> None:
    run = await rows.run()
    taken = set()
    for old, new in itertools.permutations(STATES, 2):
        if await move(rows, run, await rows.message(run, old), new):
            taken.add((old, new))

    assert taken == ALLOWED


@pytest.mark.parametrize("old", [state for state in STATES if state != "accepted"])
async def test_whatever_the_ledger_said_a_ghost_is_accepted(rows: Rows, old: str) -> None:
    run = await rows.run()

    assert await move(rows, run, await rows.message(run, old), "accepted", ghost=True)


@pytest.mark.parametrize(
    ("delivery", "allowed"),
    [
        ("none", False),
        ("held", False),
        ("sent", False),
        ("delivered", False),
        ("read", False),
        ("failed", True),
        ("dropped", True),
    ],
)
async def test_only_what_failed_or_was_dropped_may_be_sent_again(rows: Rows, delivery: str, *, allowed: bool) -> None:
    run = await rows.run()
    row = await rows.message(run, "accepted", delivery=delivery)

    assert await move(rows, run, row, "pending", delivery="none") is allowed


@pytest.mark.parametrize("step", [0, 2])
async def test_a_mark_raises_the_attempt_by_one(rows: Rows, step: int) -> None:
    run = await rows.run()
    row = await rows.message(run)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await rows.pool.execute(
            """UPDATE message SET state = 'in_flight', attempt = attempt + $3, marked_by = 1, marked_at = now()
                WHERE run = $1 AND row = $2""",
            *(run, row, step),
        )


@pytest.mark.parametrize(
    ("state", "without"),
    [("accepted", "message_id"), ("rejected", "code"), ("skipped", "reason"), ("in_flight", "marked_by")],
)
async def test_a_state_says_why(rows: Rows, state: str, without: str) -> None:
    run = await rows.run()

    with pytest.raises(asyncpg.CheckViolationError):
        await rows.message(run, state, **{without: None})


@pytest.mark.parametrize(
    ("reason", "allowed"), [("settled", True), ("erased", True), ("rescued", False), (None, False)]
)
async def test_accepted_without_an_id_is_what_a_person_settled_or_had_erased(
    rows: Rows, reason: str | None, *, allowed: bool
) -> None:
    run = await rows.run()
    row = await rows.message(run, "unknown")
    try:
        done = await move(rows, run, row, "accepted", message_id=None, reason=reason)
    except asyncpg.CheckViolationError:
        done = False

    assert done is allowed


@pytest.mark.parametrize("state", ["unknown", "rejected"])
async def test_an_order_to_send_again_leaves_the_attempt_to_the_mark(rows: Rows, state: str) -> None:
    run = await rows.run()
    row = await rows.message(run, state)

    assert await move(rows, run, row, "pending")
    assert (await rows.at(run, row))["attempt"] == 1
    assert await rows.mark(run, row, attempt=1) == ["marked"]
    assert (await rows.at(run, row))["attempt"] == 2


async def test_one_person_is_in_a_run_once(rows: Rows) -> None:
    run = await rows.run()
    await rows.message(run, person=b"one")

    with pytest.raises(asyncpg.UniqueViolationError):
        await rows.message(run, person=b"one")


RUN_ALLOWED = {
    "planning": {"scheduled", "running", "cancelled"},
    "scheduled": {"running", "paused", "cancelled"},
    "running": {"paused", "finished", "cancelled"},
    "paused": {"running", "cancelled"},
    "finished": {"running"},
    "cancelled": set(),
}


@pytest.mark.parametrize("old", list(RUN_ALLOWED))
async def test_a_run_goes_only_the_ways_of_its_table(rows: Rows, old: str) -> None:
    taken = set()
    for new in RUN_ALLOWED.keys() - {old}:
        run = await rows.run(state=old, reason="command")
        try:
            await rows.pool.execute("UPDATE run SET state = $2::run_state WHERE id = $1", run, new)
        except asyncpg.IntegrityConstraintViolationError:
            continue
        taken.add(new)

    assert taken == RUN_ALLOWED[old]
