"""When each person may be reached: the campaign's hours in the zone of each number."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, Protocol

from campaign.bootstrap.intent import Intent
from campaign.domain.calendar import Calendar, Window, first_of
from campaign.domain.errors import ConfigurationError
from campaign.domain.outlook import PlanFinding
from campaign.domain.zones import NOWHERE, area, zones_of
from campaign.plan import Planned, Times
from campaign.ports import PlanWriting
from campaign.settings import Schedule
from campaign.settings.schedule import LAST_ZONE, RECIPIENT, zone_named

# For how long windows are laid out where the schedule names no end; what is left then is not sent.
HORIZON: Final = timedelta(days=35)

# What is planned for later than this is a slip of the pen; and every day until then has its window.
FARTHEST: Final = timedelta(days=366)

# The window that is open now began before now; no quiet hours of different zones last longer together.
_BEFORE: Final = timedelta(days=2)

_DAY: Final = timedelta(days=1)

# Of people whose time is never: it was over before there were messages.
_NEVER: Final = datetime.fromtimestamp(0, UTC)

# The region of numbers that belong to no country.
NO_COUNTRY: Final = "001"

_INSTALL: Final = "install the zones that are missing: `pip install tzdata`, or your system's tzdata"


class Somebody(Protocol):
    """Whose number says where they are."""

    @property
    def e164(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def fixed_line(self) -> bool: ...


class Timetable:
    """The hours of one run: `times` gives each person a zone and its first window.

    People whose windows are the same share a zone, whatever the names of theirs.
    """

    def __init__(self, schedule: Schedule | None, now: datetime, *, where: str, first_zone: int = 0) -> None:
        self._schedule = schedule or Schedule()
        self._now = now
        self._where = where
        self._first_zone = first_zone
        self._calendar = _calendar(self._schedule, now)
        self._indexes: dict[tuple[Window, ...], int] = {}
        self._known: dict[str, Times] = {}

    @property
    def windows(self) -> Mapping[int, Sequence[Window]]:
        """Give the windows of every zone that came up."""
        return {index: windows for windows, index in self._indexes.items()}

    @property
    def day(self) -> tzinfo | None:
        """Say by whose clock days are counted; None is this machine's."""
        by = self._schedule.timezone
        return None if by is None or by == RECIPIENT else _zone(by, self._where)

    def times(self, person: Somebody) -> Times:
        """Give a person's zone and first window."""
        digits = NOWHERE
        if self._schedule.timezone == RECIPIENT:
            digits = area(person.e164, person.region, fixed_line=person.fixed_line)
        times = self._known.get(digits)
        if times is None:
            times = self._known[digits] = self._times(self._zones(digits))
        return times

    async def write(self, writing: PlanWriting) -> None:
        """Keep the windows of every zone that came up."""
        if self._indexes:
            await writing.write_windows(self.windows)

    def remarks(self, planned: Planned) -> list[PlanFinding]:
        """Say which times look like a mistake, whom the hours leave out, and whose are a guess."""
        return [*self._far(), *self._past(planned), *self._never(planned), *self._nowhere(planned)]

    def _zones(self, digits: str) -> tuple[str, ...]:
        by = self._schedule.timezone
        if by is None:
            return ("UTC",)
        return zones_of(digits) if by == RECIPIENT else (by,)

    def _times(self, names: Iterable[str]) -> Times:
        schedule = self._schedule
        if schedule.at is None and schedule.until is None and self._calendar is None:
            return Times()
        windows = self._windows([_zone(name, self._where) for name in names])
        if not windows:
            return Times(not_before=_NEVER, not_after=_NEVER)
        index = self._indexes.setdefault(windows, self._first_zone + len(self._indexes))
        return Times(index, *windows[0])

    def _windows(self, zones: Sequence[tzinfo]) -> tuple[Window, ...]:
        begins = self._instant("at", zones) or self._now - _BEFORE
        ends = self._instant("until", zones) or max(begins, self._now) + HORIZON
        if self._calendar is None:
            found = [Window(begins, ends)] if begins < ends else []
        else:
            found = self._calendar.windows(zones, begins=begins, ends=ends)
        return tuple(each for each in found if each.closes_at > self._now)

    def _instant(self, name: Literal["at", "until"], zones: Sequence[tzinfo]) -> datetime | None:
        """Read a time of the schedule where it is late enough, or early enough, in all of the zones."""
        written = self._schedule.at if name == "at" else self._schedule.until
        if written is None or written.tzinfo is not None:
            return written
        choose = max if name == "at" else min
        return choose(first_of(written, zone) for zone in zones)

    def _far(self) -> Iterable[PlanFinding]:
        for name, written in (("at", self._schedule.at), ("until", self._schedule.until)):
            if written is not None and _aware(written) > self._now + FARTHEST:
                what = f"'{name}' is more than a year away, on {written:%d %b %Y}"
                yield PlanFinding(what, self._where, "correct the year", blocks=True)

    def _past(self, planned: Planned) -> Iterable[PlanFinding]:
        written, by = self._schedule.at, self._schedule.by
        if written is None or not planned.to_send:
            return
        zone = by if isinstance(by, tzinfo) else LAST_ZONE
        if (written if written.tzinfo is not None else first_of(written, zone)) < self._now - _DAY:
            what = f"'at' is over since {written:%d %b %Y}: it begins as soon as it is launched"
            yield PlanFinding(what, self._where, "correct the day if it is to begin later")

    def _never(self, planned: Planned) -> Iterable[PlanFinding]:
        count = planned.skipped.get("expired", 0)
        if count and not planned.to_send:
            what = "nobody can be reached: the time is over, or it is always quiet in one of a number's zones"
            yield PlanFinding(what, self._where, "write a later 'until', or shorter quiet hours", blocks=True)
        elif count:
            what = (
                f"{count:,} messages are not sent: for their numbers the time is over, or it is always quiet somewhere"
            )
            yield PlanFinding(what, self._where, "write a later 'until' or shorter quiet hours if they are to get it")

    def _nowhere(self, planned: Planned) -> Iterable[PlanFinding]:
        if self._schedule.timezone != RECIPIENT:
            return
        count = sum(messages for group, messages in planned.groups.items() if group.region == NO_COUNTRY)
        if count:
            yield PlanFinding(
                f"{count:,} numbers belong to no country; for them the hours are those of UTC",
                self._where,
                "leave these rows out if their hours matter",
            )


def timetable(intent: Intent, now: datetime) -> Timetable:
    """Draw up the hours of a run that is planned now; a test goes to one's own people at any time."""
    schedule = intent.campaign.schedule if intent.instead is None else None
    return Timetable(schedule, now, where=intent.campaign.where("schedule"))


def _calendar(schedule: Schedule, now: datetime) -> Calendar | None:
    """Lay out quiet hours for whatever zone asks: what clocks show is at most a day away from universal time."""
    if schedule.quiet_hours is None:
        return None
    begins = _aware(schedule.at) - _DAY if schedule.at else now - _BEFORE
    ends = _aware(schedule.until) + _DAY if schedule.until else max(begins, now) + HORIZON + 2 * _DAY
    return Calendar(schedule.quiet_hours, begins=begins, ends=max(begins, ends))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _zone(name: str, where: str) -> tzinfo:
    try:
        return zone_named(name)
    except LookupError:
        raise ConfigurationError(
            f"this machine does not know the time zone {name}", where=where, remedy=_INSTALL
        ) from None
