"""A sending in thought: it ends when its slowest shard has sent, within windows, limits and steps."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.domain.calendar import Window
from campaign.domain.course import Course
from campaign.domain.forecasting import Load, Portfolio, Restraints, foresee
from campaign.domain.outlook import Portion
from campaign.domain.portfolio import Limit, counts_for

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def course(*steps: Sequence[Load], **restraints: Any) -> Course:
    found = foresee(steps, Restraints(**{"rates": {"paris": 10.0, "lyon": 20.0}, **restraints}), starts_at=NOW)
    assert found is not None
    return found


def after(found: Course) -> float:
    assert found.ends_at is not None
    return round((found.ends_at - NOW).total_seconds(), 3)


def load(messages: int, shard: str = "paris", zone: int | None = None) -> Load:
    return Load(shard, zone, messages)


def day(first: float, last: float, days: int = 3) -> list[Window]:
    """Make windows between two hours of each day, counted from NOW."""
    return [Window(NOW + DAY * n + HOUR * first, NOW + DAY * n + HOUR * last) for n in range(days)]


def test_each_shard_ends_when_its_own_work_ends() -> None:
    assert after(course([load(100)])) == 10
    assert after(course([load(100), load(100, "lyon")])) == 10
    assert after(course([load(100), load(400, "lyon")])) == 20


def test_shards_that_share_a_ceiling_get_it_to_themselves_once_the_others_are_done() -> None:
    # 5 and 10 a second for 20 s, then 10 alone.
    found = course([load(200), load(200, "lyon")], together=15.0)
    assert after(found) == 30


def test_nobody_can_tell_when_an_unlimited_shard_ends() -> None:
    assert foresee([[load(1)]], Restraints({"paris": None, "lyon": 1.0}), starts_at=NOW) is None
    assert foresee([[load(1, "lyon")]], Restraints({"paris": None, "lyon": 1.0}), starts_at=NOW) is not None


def test_nothing_leaves_before_a_window_opens() -> None:
    found = course([load(100, zone=0)], windows={0: day(2, 4)})
    assert (after(found), found.seconds) == (2 * 3600 + 10, pytest.approx(10))


def test_what_a_window_is_too_short_for_goes_on_in_the_next_one() -> None:
    windows = {0: [Window(NOW, NOW + timedelta(seconds=35)), Window(NOW + DAY, NOW + DAY + HOUR)]}
    # 30 seconds of it are of use: a mark in the last five would be too late.
    found = course([load(500, zone=0)], windows=windows)
    assert (after(found), round(found.seconds), found.left) == (86400 + 20, 50, 0)


def test_what_no_window_is_left_for_never_leaves() -> None:
    windows = {0: [Window(NOW, NOW + timedelta(seconds=35))]}
    found = course([load(500, zone=0), load(100, "lyon")], windows=windows)
    assert (after(found), found.left) == (30, 200)


def test_zones_that_opened_first_go_first() -> None:
    windows = {0: day(-1, 2), 1: day(-2, 1)}
    found = course([load(36_000, zone=0), load(36_000, zone=1)], windows=windows)
    # Zone 1 until five seconds before its end, then all of zone 0; the rest of zone 1 when it opens on the next day.
    assert after(found) == 86_400 - 2 * 3_600 + 5


def test_a_portfolio_limit_makes_portions_a_window_apart() -> None:
    limit = Limit(2_000)
    found = course([load(5_000, "lyon")], portfolio=Portfolio(limit))
    lasts = counts_for(limit.span).total_seconds()
    assert after(found) == pytest.approx(2 * lasts + 50, abs=5)
    assert found.seconds == pytest.approx(250)
    assert found.portions(UTC) == [
        Portion(date(2026, 12, 1), 2_000),
        Portion(date(2026, 12, 2), 2_000),
        Portion(date(2026, 12, 3), 1_000),
    ]


def test_people_who_are_counted_already_leave_less_room_and_cost_nothing() -> None:
    limit, before = Limit(2_000), NOW - timedelta(hours=12)
    found = course([load(1_000)], portfolio=Portfolio(limit, [(before, 1_900)]))
    assert after(found) == pytest.approx((before + counts_for(limit.span) - NOW).total_seconds() + 90, abs=1)
    assert after(course([load(1_000)], portfolio=Portfolio(limit, [(before, 1_900)], costs=0.1))) == 100
    assert after(course([load(1_000)], portfolio=Portfolio(limit, [(before, 1_900)], costs=0.0))) == 100


def test_a_portfolio_that_may_write_to_nobody_never_ends() -> None:
    found = course([load(10)], portfolio=Portfolio(Limit(0)))
    assert (found.ends_at, found.left) == (None, 10)


def test_what_would_take_years_is_not_foreseen() -> None:
    restraints = Restraints({"paris": 10.0}, portfolio=Portfolio(Limit(1)))
    assert foresee([[load(10_000)]], restraints, starts_at=NOW) is None


def test_an_unlimited_portfolio_holds_nobody_back() -> None:
    assert after(course([load(100)], portfolio=Portfolio(Limit(None)))) == 10


def test_a_step_begins_when_the_one_before_it_was_looked_at() -> None:
    found = course([load(100)], [load(100)], [load(100, "lyon")], pause=timedelta(seconds=60))
    assert after(found) == 10 + 60 + 10 + 60 + 5
    assert found.seconds == pytest.approx(25)


def test_portions_are_of_days_as_clocks_show_them_and_add_up() -> None:
    found = course([load(36_000 * 20)])
    assert [each.messages for each in found.portions(UTC)] == [36_000 * 15, 36_000 * 5]
    assert sum(each.messages for each in found.portions(None)) == 36_000 * 20


loads = st.lists(
    st.builds(Load, st.sampled_from(["paris", "lyon"]), st.sampled_from([None, 0, 1]), st.integers(1, 5_000)),
    max_size=6,
)
windows = st.fixed_dictionaries({zone: st.tuples(st.integers(-6, 6), st.integers(7, 20)) for zone in (0, 1)})


@settings(deadline=None, max_examples=100)
@given(step=loads, hours=windows, people=st.one_of(st.none(), st.integers(250, 3_000)))
def test_everything_leaves_or_is_left_and_nothing_faster_than_allowed(
    step: list[Load], hours: dict[int, tuple[int, int]], people: int | None
) -> None:
    found = course(
        step,
        windows={zone: day(*each) for zone, each in hours.items()},
        portfolio=Portfolio(Limit(people)),
        together=25.0,
    )
    total = sum(each.messages for each in step)
    sent = sum(span.messages for span in found.spans)
    assert sent + found.left == pytest.approx(total, abs=1)
    assert all(span.messages <= 25.0 * (span.ends - span.begins) + 0.01 for span in found.spans)
    assert abs(sum(each.messages for each in found.portions(UTC)) - sent) <= 1
