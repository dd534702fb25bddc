"""Quiet hours -> the windows in which people may be reached, whatever their clocks do."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Window(NamedTuple):
    """From `opens_at` up to, but not including, `closes_at`; both in UTC."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begin` up to `end` by the clock on the wall, over midnight where `end` is the earlier one."""

    begin: time
    end: time

    def on(self, day: date, zone: tzinfo) -> Window:
        """Give the quiet time that begins on a day: from the first `begin` clocks show to the last `end`."""
        last = day if self.begin < self.end else day + _DAY
        begin, end = datetime.combine(day, self.begin), datetime.combine(last, self.end)
        return Window(first_of(begin, zone), last_of(end, zone))


def first_of(wall: datetime, zone: tzinfo) -> datetime:
    """Give the first instant at which clocks in `zone` show `wall` or, where they skip it, what comes after it."""
    return _instant(wall, zone, fold=0)


def last_of(wall: datetime, zone: tzinfo) -> datetime:
    """Give the last instant at which clocks in `zone` show `wall` or, where they skip it, what comes after it."""
    return _instant(wall, zone, fold=1)


def _instant(wall: datetime, zone: tzinfo, *, fold: int) -> datetime:
    read = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if _shown(read, zone) == wall:
        return read
    # Skipped: the offsets before and after the change lead to either side of it.
    before, after = sorted(wall.replace(tzinfo=zone, fold=each).astimezone(UTC) for each in (0, 1))
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        before, after = (middle, after) if _shown(middle, zone) < wall else (before, middle)
    return after.replace(microsecond=0)


def _shown(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


class Calendar:
    """The windows between two instants that leave out the quiet hours of zones; each zone is looked at once."""

    def __init__(self, quiet: QuietHours, *, begins: datetime, ends: datetime) -> None:
        self._quiet = quiet
        self._begins = begins
        self._ends = ends
        self._known: dict[tzinfo, list[Window]] = {}

    def windows(self, zones: Iterable[tzinfo], *, begins: datetime, ends: datetime) -> list[Window]:
        """Give when it is quiet in none of the zones: every such instant of [begins, ends), and no other."""
        quiet = sorted(each for zone in set(zones) for each in self._quiet_in(zone))
        return list(_between(quiet, max(begins, self._begins), min(ends, self._ends)))

    def _quiet_in(self, zone: tzinfo) -> list[Window]:
        if zone not in self._known:
            self._known[zone] = [self._quiet.on(day, zone) for day in self._days(zone)]
        return self._known[zone]

    def _days(self, zone: tzinfo) -> Iterator[date]:
        """Name every day on which quiet hours may begin that reach into the calendar."""
        first = self._begins.astimezone(zone).date() - 2 * _DAY
        last = self._ends.astimezone(zone).date() + _DAY
        return (first + index * _DAY for index in range((last - first).days + 1))


def _between(quiet: Sequence[Window], begins: datetime, ends: datetime) -> Iterator[Window]:
    """Give what lies between sorted quiet times."""
    at = begins
    for each in quiet:
        if each.opens_at >= each.closes_at:
            continue  # clocks skip all of it
        if each.opens_at >= ends:
            break
        if each.opens_at > at:
            yield Window(at, each.opens_at)
        at = max(at, each.closes_at)
    if at < ends:
        yield Window(at, ends)
