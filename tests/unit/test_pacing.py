import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.pacing import (
    LOST,
    AdaptiveCeiling,
    Allowance,
    DepartureRing,
    WorstSecond,
    burst,
    max_in_flight,
    queue_bound,
    shares,
)
from tests.fakes import worst_second

CEILINGS = st.floats(0.5, 60)
PAUSES = st.lists(st.floats(0, 0.7) | st.just(0.0), max_size=200)


@given(CEILINGS, PAUSES)
def test_no_sliding_second_has_more_departures_than_the_ceiling(ceiling: float, pauses: list[float]) -> None:
    ring = DepartureRing(ceiling)
    now, left = 100.0, []
    for pause in pauses:
        now += pause
        now += ring.wait(now)
        ring.note(now)
        left.append(now)

    assert worst_second(left) <= math.ceil(ceiling)


@given(st.lists(st.tuples(st.floats(0, 0.4), st.none() | st.floats(0.05, 1.0)), max_size=200))
def test_slowing_down_and_climbing_back_never_crowds_a_second(steps: list[tuple[float, float | None]]) -> None:
    ring = DepartureRing(20)
    now, left = 100.0, []
    for pause, share in steps:
        if share is not None:
            ring.resize(20 * share)
        now += pause
        now += ring.wait(now)
        ring.note(now)
        left.append(now)

    assert worst_second(left) <= 20


def test_a_crowd_before_a_halving_is_still_remembered_while_climbing_back() -> None:
    ring = DepartureRing(80)
    for _ in range(80):
        ring.note(100.0)
    ring.resize(40)
    ring.resize(41)

    assert ring.wait(100.1) > 0.9


def test_a_resized_ring_holds_the_new_ceiling() -> None:
    ring = DepartureRing(2)
    ring.resize(3)
    waits = []
    for _ in range(4):
        waits.append(ring.wait(100.0))
        ring.note(100.0)

    assert waits == [0.0, 0.0, 0.0, pytest.approx(1.0, abs=0.001)]


@given(st.lists(st.floats(0, 2), min_size=1, max_size=100))
def test_the_worst_second_is_the_most_in_any_sliding_one(pauses: list[float]) -> None:
    times = list(accumulate(pauses, initial=100.0))
    worst = WorstSecond()
    for time in times:
        worst.note(time)

    assert worst.read() == worst_second(times)
    assert worst.read() == 0


# Too fast.


def test_130429_halves_the_ceiling() -> None:
    pace = AdaptiveCeiling(80.0)

    assert pace.too_fast(left_at=9.9, now=10.0)
    assert (pace.lowered, pace.rate) == (40.0, 40.0)


def test_it_is_halved_once_in_two_seconds() -> None:
    pace = AdaptiveCeiling(80.0)
    pace.too_fast(left_at=9.9, now=10.0)

    assert not pace.too_fast(left_at=11.8, now=11.9)
    assert pace.too_fast(left_at=11.9, now=12.0)
    assert pace.rate == 20.0


def test_requests_that_left_before_the_last_halving_do_not_halve_again() -> None:
    pace = AdaptiveCeiling(80.0)
    pace.too_fast(left_at=9.9, now=10.0)

    assert not pace.too_fast(left_at=10.0, now=15.0)
    assert pace.rate == 40.0


@pytest.mark.parametrize(("ceiling", "floor"), [(1000.0, 50.0), (80.0, 4.0), (8.0, 1.0), (0.5, 0.5)])
def test_it_is_never_below_a_twentieth_or_one_a_second(ceiling: float, floor: float) -> None:
    pace = AdaptiveCeiling(ceiling)
    for now in range(0, 100, 5):
        pace.too_fast(left_at=now - 0.1, now=now)

    assert pace.rate == floor


def test_it_climbs_by_a_fiftieth_of_the_ceiling_each_second_and_forgets_when_it_is_there() -> None:
    pace = AdaptiveCeiling(100.0)
    pace.too_fast(left_at=9.9, now=10.0)

    climbed = [(pace.recover(10.0 + second), pace.rate) for second in range(1, 27)]

    assert climbed[:3] == [(True, 52.0), (True, 54.0), (True, 56.0)]
    assert climbed[-1] == (False, 100.0)
    assert pace.lowered is None


def test_a_late_tick_does_not_climb_for_all_it_missed() -> None:
    pace = AdaptiveCeiling(100.0)
    pace.too_fast(left_at=9.9, now=10.0)
    pace.recover(40.0)

    assert pace.rate == 53.0


def test_a_ceiling_taken_over_lowered_climbs_too_and_is_never_above_itself() -> None:
    assert AdaptiveCeiling(80.0, lowered=200.0).rate == 80.0
    pace = AdaptiveCeiling(80.0, lowered=40.0)
    assert pace.recover(5.0)
    assert pace.rate == pytest.approx(41.6)


def test_from_its_floor_it_is_back_at_nine_tenths_within_a_minute() -> None:
    pace = AdaptiveCeiling(80.0, lowered=4.0)
    for second in range(1, 44):
        pace.recover(float(second))

    assert pace.rate >= 0.9 * 80


@pytest.mark.parametrize(("ceiling", "rate", "lowered"), [(60.0, 40.0, 40.0), (30.0, 30.0, None), (120.0, 40.0, 40.0)])
def test_another_ceiling_leaves_lowered_what_is_below_it(ceiling: float, rate: float, lowered: float | None) -> None:
    pace = AdaptiveCeiling(80.0, lowered=40.0)
    pace.change(ceiling)

    assert (pace.rate, pace.lowered) == (rate, lowered)


# A run's own rate.


@given(st.floats(0.1, 500), PAUSES)
def test_a_run_never_gets_more_than_its_rate_and_a_tenth_of_a_second(rate: float, pauses: list[float]) -> None:
    allowance = Allowance(rate)
    now, taken = 0.0, 0
    for pause in pauses:
        now += pause
        level = allowance.level(now)
        allowance.spend(level)
        taken += level

    assert taken <= now * rate + max(1.0, rate * 0.1) + 1e-6


@given(st.floats(0.1, 500))
def test_after_its_wait_one_message_is_allowed(rate: float) -> None:
    allowance = Allowance(rate)
    allowance.spend(allowance.level(10.0))

    assert allowance.level(10.0 + allowance.wait() + 1e-9) == 1


# Where an interval went.


@given(
    st.floats(0, 1),
    st.dictionaries(st.sampled_from([*LOST, "other"]), st.floats(-1, 100), max_size=6),
    st.floats(0.01, 60),
)
def test_the_shares_of_an_interval_add_up_to_one_with_what_was_used(
    used: float, waited: dict[str, float], seconds: float
) -> None:
    lost = shares(used=used, waited=waited, seconds=seconds)

    assert tuple(lost) == LOST
    assert all(share >= 0 for share in lost.values())
    assert used + sum(lost.values()) == pytest.approx(1.0, abs=0.0005)


def test_what_nothing_explains_is_the_limiters() -> None:
    assert shares(used=0.7, waited={"database": 1.0, "network": 0.5}, seconds=10.0) == {
        "limiter": 0.15,
        "database": 0.1,
        "network": 0.05,
        "whatsapp": 0.0,
        "idle": 0.0,
    }


@pytest.mark.parametrize(("throughput", "permits"), [(1.0, 8), (20.0, 24), (80.0, 96), (1000.0, 1000), (None, 1000)])
def test_permits_are_a_second_and_a_fifth_of_sending_within_bounds(throughput: float | None, permits: int) -> None:
    assert max_in_flight(throughput) == permits


@pytest.mark.parametrize(("rate", "bound"), [(1.0, 1), (8.0, 1), (80.0, 4), (1000.0, 50)])
def test_between_token_and_departure_there_is_a_twentieth_of_a_second_of_messages(rate: float, bound: int) -> None:
    assert queue_bound(rate) == bound


@pytest.mark.parametrize(("rate", "tokens"), [(8, 2), (80, 2), (1000, 10), (5000, 10)])
def test_a_burst_is_two_tokens_and_ten_where_timers_are_too_coarse(rate: float, tokens: float) -> None:
    assert burst(rate) == tokens
