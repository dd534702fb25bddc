from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.outcome import (
    Accepted,
    Halt,
    MistakeStreaks,
    NotNow,
    NotSent,
    Outcome,
    Rejected,
    Scope,
    SettledState,
    Settlement,
    Unclear,
    settle,
)

OUTCOMES = st.one_of(
    st.builds(Accepted, st.text(min_size=1), st.booleans()),
    st.builds(NotNow, st.integers(), st.sampled_from(Scope), st.floats(0, 3600), st.sampled_from(Halt)),
    st.builds(Rejected, st.integers(), st.sampled_from(Halt)),
    st.builds(Unclear, st.text(), st.none() | st.integers(), st.floats(0, 3600)),
    st.builds(NotSent, st.text(), st.booleans()),
)


@pytest.mark.parametrize(
    ("outcome", "settlement"),
    [
        (Accepted("wamid.1"), Settlement("accepted", message_id="wamid.1")),
        (Accepted("wamid.1", held=True), Settlement("accepted", message_id="wamid.1", held=True)),
        (Rejected(131026), Settlement("rejected", code=131026)),
        (Rejected(132001, Halt.TEMPLATE), Settlement("rejected", code=132001)),
        (Unclear("http_502"), Settlement("unknown", why="http_502")),
        (Unclear("http_500", 2, 300.0), Settlement("unknown", code=2, why="http_500")),
        (NotSent("ClientConnectorError"), Settlement("pending", why="ClientConnectorError")),
        (NotNow(130429, Scope.SHARD, 1.0), Settlement("pending", code=130429, wait_seconds=1.0)),
        (NotNow(80007, Scope.NUMBER, 60.0), Settlement("pending", code=80007, wait_seconds=60.0)),
        (NotNow(190, Scope.NUMBER, 1.0, Halt.TOKEN), Settlement("pending", code=190, wait_seconds=1.0)),
        (NotNow(4, Scope.NUMBER, 60.0, slows=True), Settlement("pending", code=4, wait_seconds=60.0)),
        (Rejected(131050, suppress="marketing"), Settlement("rejected", code=131050, suppress="marketing")),
        (Rejected(131052, mistake=True), Settlement("rejected", code=131052)),
        (Unclear("http_500", 3, halt=Halt.ACCOUNT), Settlement("unknown", code=3, why="http_500")),
    ],
)
def test_an_outcome_settles_its_attempt(outcome: Outcome, settlement: Settlement) -> None:
    assert settle(outcome, pair_waits=0) == settlement


@pytest.mark.parametrize(("pair_waits", "seconds"), [(0, 1), (1, 4), (2, 16), (3, 64), (4, 64), (30_000, 64)])
def test_too_often_for_one_person_waits_four_times_as_long_each_time_up_to_64_seconds(
    pair_waits: int, seconds: float
) -> None:
    settlement = settle(NotNow(131056, Scope.PERSON, 1.0), pair_waits=pair_waits)

    assert (settlement.wait_seconds, settlement.pair_wait) == (seconds, True)


NEXT_DAY = NotNow(131049, Scope.DAY, 86_400.0)


@pytest.mark.parametrize("day_waits", [0, 1, 2])
def test_not_today_is_tried_on_three_more_days(day_waits: int) -> None:
    settlement = settle(NEXT_DAY, pair_waits=0, day_waits=day_waits, number="+33612345678")

    assert settlement == Settlement("pending", code=131049, wait_seconds=86_400.0, day_wait=True)


def test_not_today_is_a_refusal_after_the_third_day() -> None:
    settlement = settle(NEXT_DAY, pair_waits=0, day_waits=3, number="+33612345678")

    assert settlement == Settlement("rejected", code=131049)


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("+12125550123", "rejected"),
        ("12125550123", "rejected"),
        ("+14165550123", "pending"),  # Canada
        ("+17875550123", "pending"),  # Puerto Rico
        ("+18765550123", "pending"),  # Jamaica
        ("+4915112345678", "pending"),
    ],
)
def test_nobody_in_the_us_is_put_off_to_another_day(number: str, state: str) -> None:
    assert settle(NEXT_DAY, pair_waits=0, day_waits=0, number=number).state == state


# Answers that blame the file.

MISTAKE = Rejected(132018, mistake=True)


def completed(*outcomes: Outcome) -> list[int]:
    """Tell after which answers a streak of run 1 was complete."""
    streaks = MistakeStreaks()
    return [place for place, outcome in enumerate(outcomes, 1) if streaks.note((1, 0), outcome)]


def test_ten_mistakes_in_a_row_are_a_streak_and_ten_more_the_next() -> None:
    assert completed(*[MISTAKE] * 9) == []
    assert completed(*[MISTAKE] * 25) == [10, 20]


@pytest.mark.parametrize("other", [Accepted("wamid.1"), Rejected(131026)])
def test_another_answer_about_the_message_itself_ends_a_streak(other: Outcome) -> None:
    assert completed(*[MISTAKE] * 9, other, *[MISTAKE] * 9, MISTAKE) == [20]


@pytest.mark.parametrize("other", [NotNow(130429, Scope.SHARD, 1.0), Unclear("http_502"), NotSent("TimeoutError")])
def test_what_says_nothing_about_the_message_ends_no_streak(other: Outcome) -> None:
    assert completed(*[MISTAKE] * 9, other, MISTAKE) == [11]


def test_each_variant_of_each_run_has_its_own_streak() -> None:
    streaks = MistakeStreaks()
    variants = [(1, 0), (1, 1), (2, 0)]

    assert not any(streaks.note(one, MISTAKE) for _ in range(9) for one in variants)
    assert [streaks.note(one, MISTAKE) for one in variants] == [True, True, True]


@given(OUTCOMES, st.integers(0, 32_767))
def test_every_outcome_settles(outcome: Outcome, pair_waits: int) -> None:
    settlement = settle(outcome, pair_waits=pair_waits)

    assert settlement.state in get_args(SettledState)
    assert (settlement.state == "accepted") == (settlement.message_id is not None)
    assert settlement.state != "rejected" or settlement.code is not None


@given(OUTCOMES, st.integers(0, 32_767))
def test_only_what_documents_non_acceptance_is_ever_sent_again(outcome: Outcome, pair_waits: int) -> None:
    pending = settle(outcome, pair_waits=pair_waits).state == "pending"

    assert pending == isinstance(outcome, NotNow | NotSent)
