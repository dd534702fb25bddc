"""Statistics held against published figures, and words that claim no more than they show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.comparison import (
    MEASURES,
    NO_DIFFERENCE,
    Comparison,
    Tally,
    compare,
    two_proportions,
    wilson,
)

# Source: Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
NEWCOMBE = {(81, 263): (0.2553, 0.3662), (15, 148): (0.0624, 0.1605), (0, 20): (0.0, 0.1611), (1, 29): (0.0061, 0.1718)}


@pytest.mark.parametrize("counted", NEWCOMBE)
def test_intervals_are_those_that_newcombe_published(counted: tuple[int, int]) -> None:
    interval = wilson(*counted)

    assert (round(interval.low, 4), round(interval.high, 4)) == NEWCOMBE[counted]


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_an_interval_holds_its_share_and_stays_a_share(count: int, total: int) -> None:
    interval = wilson(min(count, total), total)

    assert 0 <= interval.low <= interval.share <= interval.high <= 1


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0, 0) == (0, 0, 1)


def test_aspirin_and_heart_attacks_differ_as_published() -> None:
    """Physicians' Health Study, as in Agresti 2007, table 2.3: chi-squared 25.0 with one degree of freedom."""
    p = two_proportions((189, 11034), (104, 11037))

    assert p == pytest.approx(5.7e-7, rel=0.02)


def test_vitamin_c_and_colds_differ_as_published() -> None:
    """Pauling 1971: 31 of 140 with the placebo, 17 of 139 with vitamin C; chi-squared 4.81, p = 0.028."""
    assert two_proportions((31, 140), (17, 139)) == pytest.approx(0.0283, abs=0.0002)


@pytest.mark.parametrize(
    ("one", "other"), [((0, 0), (5, 10)), ((4, 50), (0, 50)), ((50, 50), (46, 50)), ((0, 50), (0, 50))]
)
def test_too_few_are_not_tested(one: tuple[int, int], other: tuple[int, int]) -> None:
    assert two_proportions(one, other) is None


SHORT = Tally("short", 0.5, 1000, 1000, delivered=950, read=400, replied=20)
LONG = Tally("long", 0.5, 1000, 1000, delivered=955, read=500, replied=25)


def test_a_difference_is_named_with_what_was_counted() -> None:
    compared = compare([SHORT, LONG])

    assert [(each.measure, each.higher.name, each.lower.name) for each in compared.differences] == [
        ("read", "long", "short")
    ]
    assert compared.verdict() == "'long' was read more often than 'short': 50.0% against 40.0%."


def test_the_best_of_several_is_named_once_with_those_it_beats() -> None:
    third = LONG._replace(name="third", read=410)

    assert compare([SHORT, LONG, third]).verdict() == (
        "'long' was read more often than 'short' and 'third': 50.0% against 40.0% and 41.0%."
    )


def test_the_more_is_compared_the_more_a_difference_must_show() -> None:
    """Read shares with p = 0.013: enough among three tests, not among the thirty of five variants."""
    one, other = SHORT._replace(read=400, name="one"), SHORT._replace(read=455, name="other")
    middle = [SHORT._replace(name=f"middle {n}", read=428) for n in range(3)]

    assert two_proportions((400, 1000), (455, 1000)) == pytest.approx(0.0129, abs=0.0002)
    assert compare([one, other]).differences
    assert compare([one, other, *middle]).verdict() == NO_DIFFERENCE


def test_variants_that_are_alike_hardly_ever_differ() -> None:
    assert compare([SHORT, SHORT._replace(name="other", read=410)]).verdict() == NO_DIFFERENCE


def test_nothing_is_said_before_anything_was_sent() -> None:
    assert compare([Tally("short", 0.5, 10), Tally("long", 0.5, 10)]).verdict() == NO_DIFFERENCE


def test_without_variants_there_is_nothing_to_say() -> None:
    assert (Comparison().as_json(), Comparison().verdict()) == ({}, "")
    assert compare([]) == Comparison()


def test_the_json_has_counts_shares_and_the_verdict() -> None:
    spelled = compare([SHORT, LONG]).as_json()

    short = spelled["by_name"]["short"]
    assert short["accepted"] == 1000
    assert short["rates"].keys() == MEASURES.keys()
    assert short["rates"]["read"]["share"] == 0.4
    assert spelled["differences"] == [
        {"in": "read", "higher": "long", "lower": "short", "p": pytest.approx(6.9e-6, rel=0.05)}
    ]
    assert spelled["verdict"].startswith("'long' was read")
