"""The life of runs on a real ledger: opened once, owned by one process, ended by command."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.domain.errors import Unreachable
from campaign.ports import RunOwned
from tests.integration.planning import NEW, Ledger, open_ledger, people


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


async def state(ledger: Ledger, run: int) -> tuple[str, str | None]:
    (found,) = await ledger.rows("SELECT state::text, reason FROM run WHERE id = $1", run)
    return found[0], found[1]


async def test_two_that_open_a_run_at_once_get_one_run_and_one_planner(ledger: Ledger) -> None:
    other = await ledger.another()

    answers = await asyncio.gather(ledger.runs.open(NEW), other.runs.open(NEW), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["OpenedRun", "RunOwned"]
    assert await ledger.value("SELECT count(*) FROM run") == 1


async def test_a_run_that_is_being_planned_names_its_living_planner(ledger: Ledger) -> None:
    await ledger.runs.open(NEW)

    with pytest.raises(RunOwned, match="spring@once is worked on by process 4711 on sender-1 since") as owned:
        await (await ledger.another()).runs.open(NEW)

    assert owned.value.exit_code == 75
    assert (owned.value.owner.host, owned.value.owner.pid) == ("sender-1", 4711)


async def test_a_run_whose_planner_died_is_planned_again_from_the_present_file(ledger: Ledger) -> None:
    dead = await ledger.another(alive=False)
    first = await dead.runs.open(NEW)
    await ledger.bury(dead.process)

    again = await ledger.runs.open(replace(NEW, fingerprints={"message": "2"}, rate=5.0))

    assert (again.id, again.to_plan, again.fingerprints) == (first.id, True, {"message": "2"})
    assert await ledger.value("SELECT planner FROM run") == ledger.process


async def test_a_planned_run_is_given_as_it_is(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))

    known = await ledger.runs.open(replace(NEW, fingerprints={"message": "2"}))

    assert (known.id, known.to_plan, known.state, known.fingerprints) == (run, False, "running", {"message": "1"})


async def test_a_run_has_one_living_launcher(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))
    other = await ledger.another()

    await ledger.runs.claim_launch(run)
    with pytest.raises(RunOwned, match="process 4711 on sender-1"):
        await other.runs.claim_launch(run)
    await ledger.runs.release_launch(run)
    await other.runs.claim_launch(run)

    assert await ledger.value("SELECT launcher FROM run") == other.process


async def test_a_dead_launcher_is_followed(ledger: Ledger) -> None:
    dead = await ledger.another(alive=False)
    run, _ = await dead.plan(*people(1))
    await ledger.bury(dead.process)

    await ledger.runs.claim_launch(run)

    assert await ledger.value("SELECT launcher FROM run") == ledger.process


async def test_releasing_takes_nothing_from_another_launcher(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))

    await (await ledger.another()).runs.release_launch(run)

    assert await ledger.value("SELECT launcher FROM run") == ledger.process


async def test_rate_and_quality_are_taken_over(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))

    await ledger.runs.take_settings_over(
        run, replace(NEW, rate=7.5, high=True, when_held="pause", tolerate=0.5, settle=timedelta(seconds=1))
    )

    assert await ledger.rows("SELECT rate, high, when_held, tolerate, settle FROM run") == [
        (7.5, True, "pause", 0.5, timedelta(seconds=1))
    ]


async def test_a_shard_left_out_stays_while_messages_wait_there(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(2), shards=("paris", "idle"))

    with_rows = await ledger.runs.take_settings_over(run, replace(NEW, shards=("lyon",)))
    await ledger.runs.cancel(run, detail={})
    without = await ledger.runs.take_settings_over(run, replace(NEW, shards=("lyon",)))

    assert with_rows == ("lyon", "paris")
    assert without == ("lyon",)


async def test_pause_and_resume_are_events_with_their_detail(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))

    assert await ledger.runs.pause(run, detail={"why": "wrong price"}) == "paused"
    assert await state(ledger, run) == ("paused", "command")
    assert await ledger.runs.resume(run, detail={"why": "price corrected"}) == "running"
    assert await state(ledger, run) == ("running", None)

    events = await ledger.rows("SELECT name, detail FROM event WHERE run = $1 ORDER BY id OFFSET 1", run)
    assert events == [("run.paused", {"why": "wrong price"}), ("run.resumed", {"why": "price corrected"})]


async def test_a_pause_by_the_program_becomes_an_order(ledger: Ledger) -> None:
    """Else what the program resumes by itself would undo the operator's pause."""
    run, _ = await ledger.plan(*people(1))
    await ledger.do("UPDATE run SET state = 'paused', reason = 'held'")

    await ledger.runs.pause(run, detail={})

    assert await state(ledger, run) == ("paused", "command")


async def test_resuming_opens_the_gate_of_that_template_alone(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))
    await ledger.do(
        "INSERT INTO quality_gate (portfolio, template, run) VALUES ('main', 'spring', $1), ('main', 'other', $1)", run
    )

    await ledger.runs.resume(run, detail={})

    assert await ledger.rows("SELECT template FROM quality_gate") == [("other",)]


async def test_a_finished_run_is_neither_paused_nor_resumed_nor_cancelled(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(1))
    await ledger.do("UPDATE message SET state = 'skipped', reason = 'expired'")
    await ledger.do("UPDATE run SET state = 'finished'")

    assert await ledger.runs.pause(run, detail={}) == "finished"
    assert await ledger.runs.resume(run, detail={}) == "finished"
    assert (await ledger.runs.cancel(run, detail={})).state == "finished"
    assert await ledger.value("SELECT count(*) FROM message WHERE state = 'skipped'") == 1


async def test_cancel_leaves_what_is_under_way_and_frees_the_rest(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(5))
    await ledger.do(
        "UPDATE message SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now() WHERE row < 4"
    )
    await ledger.do("UPDATE message SET state = 'pending' WHERE row = 1")
    await ledger.do(
        "INSERT INTO content_claim SELECT person, content, 'spring', run, row, now() + interval '1 day' "
        "FROM message WHERE row < 4"
    )

    cancelled = await ledger.runs.cancel(run, detail={"why": "sold out"})

    assert cancelled == ("cancelled", 3, 2)
    assert await state(ledger, run) == ("cancelled", "command")
    assert await ledger.rows("SELECT row, state::text FROM message ORDER BY row") == [
        (1, "cancelled"),
        (2, "in_flight"),
        (3, "in_flight"),
        (4, "cancelled"),
        (5, "cancelled"),
    ]
    assert await ledger.rows("SELECT row FROM content_claim ORDER BY row") == [(2,), (3,)]


async def test_cancel_goes_through_more_rows_than_one_batch(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("campaign.adapters.postgres.runs._CANCEL_BATCH", 2)
    run, _ = await ledger.plan(*people(5))

    assert (await ledger.runs.cancel(run, detail={})).cancelled == 5


async def test_cancelling_again_finishes_what_a_crash_left(ledger: Ledger) -> None:
    run, _ = await ledger.plan(*people(3))
    await ledger.do("UPDATE run SET state = 'cancelled'")

    assert (await ledger.runs.cancel(run, detail={})).cancelled == 3
    assert (await ledger.runs.cancel(run, detail={})).cancelled == 0


async def test_a_command_says_at_once_that_the_database_is_away(ledger: Ledger) -> None:
    ledger.pool.terminate()

    with pytest.raises(Unreachable, match="the database cannot be reached"):
        await ledger.runs.pause(1, detail={})
