"""Hours in a plan, in a report, and changed after the plan."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from campaign.bootstrap.rescheduling import reschedule
from campaign.bootstrap.timetable import Timetable
from campaign.plan import Planned, Terms
from campaign.ports import PlanWriting
from campaign.report import RunReport, summed
from campaign.settings import Schedule
from tests.integration.planning import NEW, Ledger, Rows, open_ledger

PEOPLE = [("+33612345678", "Ada"), ("+12125550123", "Grace"), ("+919871000000", "Homi")]
HOUR = timedelta(hours=1)


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


def moment(hours: float) -> str:
    """Write the time so many hours from now as a file would."""
    return f"{datetime.now(UTC) + hours * HOUR:%Y-%m-%dT%H:%M:%SZ}"


async def planned_by(ledger: Ledger, schedule: Schedule) -> int:
    """Plan a run of three people as a launch would."""
    hours = Timetable(schedule, datetime.now(UTC), where="spring.yaml:9")

    async def approve(_: Planned, writing: PlanWriting) -> dict[str, Any]:
        await hours.write(writing)
        return {}

    definition = {"category": "marketing", "schedule": schedule.frozen()}
    opened = await ledger.runs.open(replace(NEW, definition=definition, until=schedule.over_at))
    await ledger.fill(opened.id, Rows(*PEOPLE), terms=Terms(lambda _: "paris", times=hours.times), approve=approve)
    return opened.id


async def change(ledger: Ledger, run: int, schedule: Schedule | None) -> None:
    """Launch the same campaign again with another schedule in its file."""
    campaign = SimpleNamespace(schedule=schedule, where=lambda _: "spring.yaml:9")
    intent: Any = SimpleNamespace(campaign=campaign)
    opened: Any = SimpleNamespace(pool=ledger.pool)
    await reschedule(intent, opened, ledger.runs, run)


async def report(ledger: Ledger, run: int) -> RunReport:
    return summed(await ledger.reports.facts(run))


async def due(ledger: Ledger, run: int) -> list[bool]:
    """Tell of each row whether it may be sent now."""
    statement = "SELECT now() >= not_before AND now() < not_after FROM message WHERE run = $1 ORDER BY row"
    return [row[0] for row in await ledger.rows(statement, run)]


async def test_a_plan_keeps_the_windows_of_its_zones_and_the_first_of_each_message(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(quiet_hours="21:00-08:00", timezone="recipient"))

    firsts = await ledger.rows(
        """SELECT m.zone, m.not_before = min(w.opens_at), m.not_after = min(w.closes_at), count(*) > 30
             FROM message AS m JOIN run_window AS w ON w.run = m.run AND w.zone = m.zone
            WHERE m.run = $1 GROUP BY m.row, m.zone, m.not_before, m.not_after ORDER BY m.zone""",
        run,
    )
    assert firsts == [(0, True, True, True), (1, True, True, True), (2, True, True, True)]


async def test_whose_time_is_over_already_is_left_out_by_the_plan(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(until=moment(-1)))

    assert (await report(ledger, run)).skipped == {"expired": 3}


async def test_a_run_whose_people_all_wait_for_their_hours_says_so_and_until_when(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(at=moment(2), until=moment(4)))

    told = await report(ledger, run)

    assert (told.state, told.reason) == ("running", "quiet_hours")
    assert told.waits_until is not None
    assert abs(told.waits_until - datetime.now(UTC) - 2 * HOUR) < HOUR / 2
    assert told.as_json()["waits_until"] == told.waits_until.isoformat()


async def test_a_run_with_somebody_to_send_to_waits_for_nothing(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(at=moment(2)))
    await ledger.do("UPDATE message SET not_before = '-infinity' WHERE row = 1")

    told = await report(ledger, run)

    assert told.reason is None
    assert sum(each.rows for each in told.waiting if each.hours) == 2


async def test_a_changed_schedule_gives_what_is_left_other_hours(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(at=moment(2), until=moment(4)))
    await ledger.do("UPDATE message SET state = 'cancelled' WHERE row = 3")
    assert await due(ledger, run) == [False, False, False]

    await change(ledger, run, Schedule(until=moment(1)))

    assert await due(ledger, run) == [True, True, False]
    zones = await ledger.rows("SELECT DISTINCT zone FROM run_window WHERE run = $1", run)
    assert zones == await ledger.rows("SELECT DISTINCT zone FROM message WHERE run = $1 AND row < 3", run) == [(1,)]
    assert await ledger.value("SELECT until < now() + interval '2 h' FROM run WHERE id = $1", run)


async def test_a_schedule_that_is_gone_leaves_any_time(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(at=moment(2), until=moment(4)))

    await change(ledger, run, None)

    assert await due(ledger, run) == [True, True, True]
    assert await ledger.rows("SELECT until, definition ? 'schedule' FROM run WHERE id = $1", run) == [(None, False)]
    assert await ledger.value("SELECT count(*) FROM run_window") == 0


async def test_the_same_schedule_changes_nothing(ledger: Ledger) -> None:
    schedule = Schedule(quiet_hours="21:00-08:00", timezone="recipient")
    run = await planned_by(ledger, schedule)
    before = await ledger.rows("SELECT * FROM run_window ORDER BY 1, 2, 3")

    await change(ledger, run, schedule)

    assert await ledger.rows("SELECT * FROM run_window ORDER BY 1, 2, 3") == before


async def test_what_an_answer_put_off_or_the_ramp_holds_back_still_waits(ledger: Ledger) -> None:
    run = await planned_by(ledger, Schedule(at=moment(2)))
    await ledger.do("UPDATE message SET code = 131049, not_before = now() + interval '24 h' WHERE row = 1")
    await ledger.do("UPDATE message SET step = 1, not_before = 'infinity' WHERE row = 2")

    await change(ledger, run, Schedule(until=moment(72)))

    assert await due(ledger, run) == [False, False, True]
    assert await ledger.value("SELECT not_before = 'infinity' FROM message WHERE row = 2")
