"""A schedule that was changed after its run was planned."""

from datetime import UTC, datetime
from typing import Final

import structlog

from campaign.adapters.postgres.hours import PostgresHours, Timed
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.bootstrap.intent import Intent
from campaign.bootstrap.ledger import Ledger
from campaign.bootstrap.timetable import Timetable
from campaign.domain.numbers import Number, normalise

log = structlog.get_logger()

# One statement's rows are locked for about 0.1 s.
BATCH: Final = 2_000


async def reschedule(intent: Intent, ledger: Ledger, runs: PostgresRuns, run: int) -> None:
    """Let a planned run keep to the schedule of its file, if that was changed.

    What is left is put into the windows of now; a crash on the way is made good by the next launch. Raises
    ConfigurationError for a zone this machine does not know.
    """
    schedule = intent.campaign.schedule
    wanted = schedule.frozen() if schedule is not None else None
    if wanted == (await runs.definition(run)).get("schedule"):
        return
    hours = PostgresHours(ledger.pool, run)
    first = await hours.next_zone()
    timetable = Timetable(schedule, datetime.now(UTC), where=intent.campaign.where("schedule"), first_zone=first)
    count = await _time_all(hours, timetable)
    until = schedule.over_at if schedule is not None else None
    await hours.change(wanted, until=until, first_zone=first)
    log.info("run.rescheduled", run=run, messages=count)


async def _time_all(hours: PostgresHours, timetable: Timetable) -> int:
    last = count = 0
    kept: set[int] = set()
    while messages := await hours.messages(after=last, limit=BATCH):
        timed = [Timed(row, *timetable.times(number)) for row, e164 in messages if (number := _number(e164))]
        # Before any message goes by them.
        await hours.add({zone: each for zone, each in timetable.windows.items() if zone not in kept})
        kept |= timetable.windows.keys()
        await hours.time(timed)
        last, count = messages[-1][0], count + len(timed)
    return count


def _number(e164: str) -> Number | None:
    known = normalise(e164, country=None)
    return known if isinstance(known, Number) else None
