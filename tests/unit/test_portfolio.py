"""The portfolio limit as it is foreseen: never too many in any window, nobody forgotten, and no room left unused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.domain.portfolio import Limit, MovingWindow, counts_for, limit_of, told, window_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_the_settings_say_outweighs_what_whatsapp_tells_and_that_outweighs_the_least() -> None:
    assert limit_of(2000, 250) == Limit(2000, source="settings")
    assert limit_of("unlimited", 250) == Limit(None, source="settings")
    assert limit_of("auto", 250) == Limit(250, source="whatsapp")
    assert limit_of("auto", "unlimited") == Limit(None, source="whatsapp")
    assert limit_of("auto", None, span=MINUTE) == Limit(250, MINUTE, "default")


def test_a_person_counts_for_as_long_as_a_message_may_still_be_taken() -> None:
    assert counts_for(timedelta(hours=24)) == timedelta(hours=24, seconds=65)
    assert counts_for(MINUTE) == timedelta(seconds=60 + 11)


def test_who_counts_already_makes_room_when_they_fall_out() -> None:
    window = MovingWindow(Limit(100, MINUTE), [(NOW - timedelta(seconds=31), 60)])

    assert window.free(NOW) == 40
    window.count(NOW, 40)
    assert window.opens_at(NOW) == NOW + timedelta(seconds=40)
    assert window.free(NOW + timedelta(seconds=40)) == 60


def test_without_a_limit_there_is_always_room_and_with_none_there_never_is() -> None:
    assert MovingWindow(Limit(None)).free(NOW) is None
    assert MovingWindow(Limit(None)).opens_at(NOW) == NOW
    assert MovingWindow(Limit(0)).opens_at(NOW) is None


def test_a_limit_that_was_lowered_opens_once_fewer_count_than_it_allows() -> None:
    window = MovingWindow(Limit(10, MINUTE), [(NOW - timedelta(seconds=ago), 8) for ago in (30, 20, 10)])

    assert window.free(NOW) == 0
    assert window.opens_at(NOW) == NOW + counts_for(MINUTE) - timedelta(seconds=20)


@settings(deadline=None)
@given(
    limit=st.integers(1, 300),
    people=st.integers(0, 300),
    counted=st.lists(st.tuples(st.integers(0, 80), st.integers(1, 50)), max_size=5),
)
def test_the_foreseen_course_never_exceeds_the_limit_and_reaches_everybody(
    limit: int, people: int, counted: list[tuple[int, int]]
) -> None:
    there = [(NOW - timedelta(seconds=ago), each) for ago, each in counted]
    window, at, left, sent = MovingWindow(Limit(limit, MINUTE), there), NOW, people, []
    while left:
        at = window.opens_at(at) or at
        free = window.free(at) or 0
        assert free > 0
        window.count(at, min(free, left))
        sent.append((at, min(free, left)))
        left -= min(free, left)

    for now, _ in sent:
        lately = sum(each for then, each in (*there, *sent) if now - counts_for(MINUTE) < then <= now)
        assert lately <= limit


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (
            Limit(2000, source="whatsapp"),
            "the portfolio has written to 1,250 of 2,000 people in 24 hours (as WhatsApp says)",
        ),
        (Limit(None, source="settings"), "the portfolio may write to any number of people (by the settings)"),
    ],
)
def test_what_is_used_is_told_with_who_says_so(limit: Limit, words: str) -> None:
    assert told(limit, 1250) == words
    assert window_of(timedelta(seconds=90)) == "90 seconds"
