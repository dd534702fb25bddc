"""Windows: nobody is reached in anybody's quiet hours, and at every other time everybody is."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaign.domain.calendar import Calendar, QuietHours, Window, first_of, last_of

# Both changes of daylight saving time north and south, by half an hour (Lord Howe), at midnight (Cairo, Havana), in
# Ramadan (Casablanca), on another day than Europe (New York); and offsets of 30 and 45 minutes that never change.
ZONES = (
    "Africa/Cairo", "Africa/Casablanca", "America/Havana", "America/New_York", "America/Santiago", "America/St_Johns",
    "Asia/Kathmandu", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Australia/Sydney", "Europe/Dublin",
    "Europe/Paris", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Honolulu", "UTC",
)  # fmt: skip
PARIS, MINUTE = ZoneInfo("Europe/Paris"), timedelta(minutes=1)
DAYS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=index) for index in range(730)]

clock = st.times(max_value=time(23, 59)).map(lambda each: each.replace(second=0, microsecond=0))
hours = st.tuples(clock, clock).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: QuietHours(*pair))
zone_sets = st.lists(st.sampled_from(ZONES), min_size=1, max_size=4, unique=True).map(
    lambda names: tuple(map(ZoneInfo, names))
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[tuple[ZoneInfo, ...], datetime]:
    """Draw zones, and an hour near to which the first of them may change its clocks."""
    zones = draw(zone_sets)
    found = _changes_of(zones[0])
    return zones, draw(st.sampled_from(found or DAYS)) - timedelta(hours=draw(st.integers(0, 30)))


def _changes_of(zone: ZoneInfo) -> list[datetime]:
    return [
        day for day, after in pairwise(DAYS) if day.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]


def is_quiet(instant: datetime, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """Read it off the clock on the wall."""
    now = instant.astimezone(zone).time()
    if quiet.begin < quiet.end:
        return quiet.begin <= now < quiet.end
    return now >= quiet.begin or now < quiet.end


def shown_twice(instant: datetime, zone: ZoneInfo) -> bool:
    wall = instant.astimezone(zone).replace(tzinfo=None)
    return wall.replace(tzinfo=zone, fold=0).utcoffset() > wall.replace(tzinfo=zone, fold=1).utcoffset()


def windows(quiet: QuietHours, zones: tuple[ZoneInfo, ...], begins: datetime, ends: datetime) -> list[Window]:
    return Calendar(quiet, begins=begins, ends=ends).windows(zones, begins=begins, ends=ends)


NIGHT = QuietHours(time(21), time(8))
SPRING, AUTUMN = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)


@settings(deadline=None, max_examples=50)
@given(quiet=hours, at=changes())
@example(quiet=NIGHT, at=((PARIS,), SPRING))
@example(quiet=NIGHT, at=((PARIS,), AUTUMN))
@example(quiet=QuietHours(time(2, 15), time(2, 45)), at=((PARIS,), SPRING))
@example(quiet=QuietHours(time(2, 15), time(2, 45)), at=((PARIS,), AUTUMN))
@example(quiet=QuietHours(time(22), time(2, 30)), at=((PARIS, ZoneInfo("America/New_York")), AUTUMN))
def test_no_window_has_a_quiet_minute_in_it_and_no_other_minute_is_left_out(
    quiet: QuietHours, at: tuple[tuple[ZoneInfo, ...], datetime]
) -> None:
    zones, begins = at
    ends = begins + timedelta(hours=54)
    found = windows(quiet, zones, begins, ends)
    minutes = (begins + index * MINUTE for index in range(54 * 60))
    for minute in minutes:
        inside = any(each.opens_at <= minute < each.closes_at for each in found)
        anywhere = any(is_quiet(minute, zone, quiet) for zone in zones)
        assert not (inside and anywhere), minute
        # Left out beyond that is only what lies between two showings of the same time.
        assert inside or anywhere or any(shown_twice(minute, zone) for zone in zones), minute


@settings(deadline=None, max_examples=50)
@given(quiet=hours, at=changes())
def test_windows_are_in_order_apart_from_each_other_and_within_the_calendar(
    quiet: QuietHours, at: tuple[tuple[ZoneInfo, ...], datetime]
) -> None:
    zones, begins = at
    ends = begins + timedelta(days=9)
    found = windows(quiet, zones, begins, ends)
    edges = [edge for each in found for edge in each]
    assert edges == sorted(set(edges))
    assert all(begins <= edge <= ends for edge in edges)


@settings(deadline=None, max_examples=50)
@given(quiet=hours, at=changes())
def test_what_is_reached_in_several_zones_is_what_is_reached_in_each_of_them(
    quiet: QuietHours, at: tuple[tuple[ZoneInfo, ...], datetime]
) -> None:
    zones, begins = at
    ends = begins + timedelta(days=3)
    together = windows(quiet, zones, begins, ends)
    for zone in zones:
        alone = windows(quiet, (zone,), begins, ends)
        assert all(any(o <= each.opens_at and each.closes_at <= c for o, c in alone) for each in together)


@pytest.mark.parametrize(
    ("night", "opens", "hours"),
    [
        (SPRING, datetime(2026, 3, 29, 6, tzinfo=UTC), 10),
        (AUTUMN, datetime(2026, 10, 25, 7, tzinfo=UTC), 12),
        (datetime(2026, 6, 1, 12, tzinfo=UTC), datetime(2026, 6, 2, 6, tzinfo=UTC), 11),
    ],
    ids=["spring", "autumn", "summer"],
)
def test_the_night_of_a_change_is_an_hour_shorter_or_longer(night: datetime, opens: datetime, hours: int) -> None:
    first, second = windows(NIGHT, (PARIS,), night, night + timedelta(days=1))[:2]
    assert (second.opens_at, second.opens_at - first.closes_at) == (opens, timedelta(hours=hours))


def test_a_time_that_clocks_skip_is_the_instant_they_jump() -> None:
    skipped = datetime.fromisoformat("2026-03-29T02:30")
    assert first_of(skipped, PARIS) == last_of(skipped, PARIS) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_a_time_that_clocks_show_twice_has_a_first_and_a_last_instant() -> None:
    twice = datetime.fromisoformat("2026-10-25T02:30")
    assert first_of(twice, PARIS) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert last_of(twice, PARIS) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_quiet_hours_begin_at_the_first_showing_of_an_hour_and_end_after_the_last() -> None:
    found = windows(QuietHours(time(2, 15), time(2, 45)), (PARIS,), AUTUMN, AUTUMN + timedelta(days=1))
    assert found[0].closes_at == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert found[1].opens_at == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)


def test_zones_that_are_never_awake_together_have_no_window() -> None:
    apart = (ZoneInfo("Europe/Paris"), ZoneInfo("Pacific/Auckland"))
    assert windows(QuietHours(time(18), time(8)), apart, SPRING, SPRING + timedelta(days=9)) == []


def test_a_calendar_gives_the_windows_of_a_part_of_it() -> None:
    calendar = Calendar(NIGHT, begins=SPRING, ends=SPRING + timedelta(days=9))
    begins, ends = SPRING + timedelta(days=2), SPRING + timedelta(days=2, hours=1)
    assert calendar.windows([PARIS], begins=begins, ends=ends) == [Window(begins, ends)]
