"""Sliding seconds and pairs, on times made up for the purpose."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.simulator.throughput import (
    PAIR_BURST,
    Ceilings,
    NumberRates,
    PairLimit,
    RequestLimit,
    SlidingSecond,
    shard_of,
)


def test_two_events_a_full_second_apart_never_share_a_second() -> None:
    window = SlidingSecond()

    assert [window.add(now) for now in (0.0, 0.999, 1.0, 1.5)] == [1, 2, 2, 3]


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=60).map(sorted))
def test_the_worst_second_is_the_worst_of_all_seconds(milliseconds: list[int]) -> None:
    """Whole eighths of a second are exact in binary, so the check may subtract without rounding."""
    times = [ms / 8 for ms in milliseconds]
    window = SlidingSecond()

    for now in times:
        window.add(now)

    assert window.worst == max(sum(end - 1 < t <= end for t in times) for end in times)


@pytest.mark.parametrize(
    ("ceiling", "allowed"), [(8.0, 9), (20.0, 21), (70.0, 74), (80.0, 84), (1000.0, 1050), (None, math.inf)]
)
def test_a_number_may_exceed_its_ceiling_by_five_percent_rounded_up(ceiling: float | None, allowed: float) -> None:
    assert Ceilings(ceiling).allowed("106") == allowed


def test_each_number_has_its_own_ceiling() -> None:
    ceilings = Ceilings(80.0, {"106": 20.0})

    assert (ceilings.of("106"), ceilings.of("107")) == (20.0, 80.0)


def test_the_request_above_the_ceiling_is_refused_and_so_is_the_next_until_the_rate_falls() -> None:
    rates = NumberRates(Ceilings(20.0))

    verdicts = [rates.arrive("106", 0.01 * n) for n in range(23)]

    assert verdicts == [True] * 21 + [False] * 2
    assert rates.arrive("106", 1.5)
    assert rates.worst_requests() == {"106": 23}


def test_the_pair_burst_has_to_be_paid_back_by_silence() -> None:
    pairs = PairLimit()

    burst = [pairs.admit("106", "33600000001", 0.0) for _ in range(PAIR_BURST + 1)]

    assert burst == [True] * PAIR_BURST + [False]
    assert not pairs.admit("106", "33600000001", 5.9)
    assert pairs.admit("106", "33600000001", 6.0)
    assert pairs.admit("106", "33600000002", 0.0)


def test_changed_ceilings_hold_for_the_numbers_they_name() -> None:
    changed = Ceilings(80.0, {"106": 20.0}).changed({"106": "unlimited", "107": 5.0})

    assert [changed.of(number) for number in ("106", "107", "108")] == [None, 5.0, 80.0]


def test_the_burst_of_requests_has_to_be_paid_back_at_the_rate() -> None:
    limit = RequestLimit()

    burst = [limit.admit(10.0, per_second=50, burst=150) for _ in range(151)]

    assert burst == [True] * 150 + [False]
    assert [limit.admit(10.03, per_second=50, burst=150) for _ in range(2)] == [True, False]
    assert limit.admit(10.03, per_second=None, burst=1)


def test_people_are_spread_over_all_shards_and_stay_there() -> None:
    people = [f"336{n:08d}" for n in range(6400)]
    shares = Counter(shard_of(person, 32) for person in people)

    assert set(shares) == set(range(32))
    assert max(shares.values()) < 2 * min(shares.values())
    assert shard_of(people[0], 32) == shard_of(people[0], 32)
