"""When a campaign may reach people: from when, until when, at which hours, and by whose clock."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, time, tzinfo
from difflib import get_close_matches
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from campaign.domain.calendar import QuietHours, first_of
from campaign.settings.document import Document
from campaign.settings.quantities import Section, refuse, shown

RECIPIENT: Final = "recipient"

_MOMENT: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?"
_HOURS: Final = r"([01]\d|2[0-3]):([0-5]\d) *- *([01]\d|2[0-3]):([0-5]\d)"
_MOMENT_REMEDY: Final = "write a day and a time, as in 2026-12-01T09:00"
_HOURS_REMEDY: Final = 'write when they begin and end, in quotes, as in "21:00-08:00"'
_ZONE_REMEDY: Final = "write a name as in Europe/Paris, or recipient for the zone of each number"

# Names of files beside the zones: what they hold is the machine's own affair.
_ELSEWHERE_ANOTHER: Final = frozenset({"localtime", "posixrules", "Factory"})

# Beyond them stands a mistake; and what is a day away from the ends of the calendar has no universal time.
YEARS: Final = range(2001, 2100)

# Where the day of a date ends last: west of every inhabited place.
LAST_ZONE: Final = ZoneInfo("Etc/GMT+12")


def parse_moment(value: object) -> datetime:
    """Read 2026-12-01T09:00, with or without an offset; without one it is what clocks show."""
    if not isinstance(value, str) or not re.fullmatch(_MOMENT, value):
        raise refuse(f"{shown(value)} is no point in time", _MOMENT_REMEDY)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise refuse("no calendar and no clock shows that", _MOMENT_REMEDY) from None
    if moment.year not in YEARS:
        raise refuse(f"{shown(value)} is not in this century", _MOMENT_REMEDY)
    return moment


def parse_hours(value: object) -> QuietHours:
    """Read 21:00-08:00."""
    found = re.fullmatch(_HOURS, value) if isinstance(value, str) else None
    if found is None:
        raise refuse(f"{shown(value)} are no hours of a day", _HOURS_REMEDY)
    begin, end = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begin == end:
        raise refuse("these hours are the whole day: nobody would be reached", _HOURS_REMEDY)
    return QuietHours(begin, end)


def written_hours(quiet: QuietHours) -> str:
    """Write hours as a file would."""
    return f"{quiet.begin:%H:%M}-{quiet.end:%H:%M}"


def zone_named(name: str) -> tzinfo:
    """Look a zone up; raises LookupError where this machine has no such one."""
    try:
        return ZoneInfo(name)
    # A name may be that of a folder, or lead out of it.
    except (LookupError, ValueError, OSError):
        raise LookupError(name) from None


def _zone(value: str) -> str:
    if value == RECIPIENT:
        return value
    if value in _ELSEWHERE_ANOTHER:
        raise refuse(f"{shown(value)} is another zone on every machine", _ZONE_REMEDY)
    try:
        zone_named(value)
    except LookupError:
        near = get_close_matches(value, available_timezones(), n=1)
        remedy = f"did you mean '{near[0]}'?" if near else _ZONE_REMEDY
        raise refuse(f"{shown(value)} is no time zone", remedy) from None
    return value


def _pattern(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": f"^{pattern}$"})


Moment = Annotated[datetime, PlainValidator(parse_moment), _pattern(_MOMENT)]
Hours = Annotated[QuietHours, PlainValidator(parse_hours), PlainSerializer(written_hours), _pattern(_HOURS)]


class Schedule(Section):
    """From when, until when, and when not; times without an offset are those of `timezone`."""

    at: Moment | None = None
    until: Moment | None = None
    timezone: Annotated[str, AfterValidator(_zone)] | None = None
    quiet_hours: Hours | None = None

    @property
    def by(self) -> Literal["recipient"] | tzinfo | None:
        """Say whose clock counts: each recipient's, that of a zone, or, where no time needs one, nobody's."""
        if self.timezone is None or self.timezone == RECIPIENT:
            return "recipient" if self.timezone else None
        return zone_named(self.timezone)

    @property
    def over_at(self) -> datetime | None:
        """Give the instant after which nobody is reached any more, wherever they are."""
        if self.until is None or self.until.tzinfo is not None:
            return self.until
        by = self.by
        return first_of(self.until, by if isinstance(by, tzinfo) else LAST_ZONE)

    def frozen(self) -> dict[str, str]:
        """Spell what a run keeps of it, as a file would."""
        quiet = self.quiet_hours
        return {
            **({"at": self.at.isoformat()} if self.at else {}),
            **({"until": self.until.isoformat()} if self.until else {}),
            **({"timezone": self.timezone} if self.timezone else {}),
            **({"quiet_hours": written_hours(quiet)} if quiet else {}),
        }


def check_schedule(document: Document, written: object) -> None:
    """Blame hours that nobody's clock shows, and an end before the beginning."""
    if not isinstance(written, dict):
        return
    moments = {key: moment for key in ("at", "until") if (moment := _moment(written, key)) is not None}
    local = [key for key, moment in moments.items() if moment.tzinfo is None]
    if "timezone" not in written:
        for key in [*local, *(["quiet_hours"] if "quiet_hours" in written else [])]:
            remedy = "write timezone: Europe/Paris, or timezone: recipient for the zone of each number"
            document.blame(("schedule", key), f"'{key}' needs a 'timezone'", remedy, key=True)
    if len(moments) == 2 and len(local) != 1 and moments["until"] <= moments["at"]:  # noqa: PLR2004 - both of them
        document.blame(("schedule", "until"), "that is not after 'at'", "write a later time, or leave one of them out")


def _moment(written: Mapping[str, Any], key: str) -> datetime | None:
    with suppress(PydanticCustomError):
        return parse_moment(written[key]) if key in written else None
    return None
