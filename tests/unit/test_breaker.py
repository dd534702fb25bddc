import heapq

import pytest

from campaign.domain.breaker import Breaker


def opened(at: float = 100.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.unknown(at)
    assert breaker.open
    return breaker


def test_five_unknown_in_a_row_open_it() -> None:
    breaker = Breaker()
    states = []
    for _ in range(5):
        breaker.unknown(0.0)
        states.append(breaker.open)

    assert states == [False] * 4 + [True]
    assert breaker.wait(0.0) == 1.0


def test_an_answer_between_them_starts_the_row_anew() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.unknown(0.0)
    breaker.answered()
    for _ in range(4):
        breaker.unknown(0.0)

    assert not breaker.open


def test_ten_unknown_of_the_last_fifty_open_it() -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker.unknown(0.0)
        for _ in range(4):
            breaker.answered()
    assert not breaker.open

    breaker.unknown(0.0)

    assert breaker.open


def test_older_than_fifty_do_not_count() -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker.unknown(0.0)
        breaker.answered()
    for _ in range(50):
        breaker.answered()
    breaker.unknown(0.0)

    assert not breaker.open


def test_five_requests_that_could_not_leave_open_it_and_blame_the_network() -> None:
    breaker = Breaker()
    states = []
    for _ in range(5):
        breaker.not_connected(0.0)
        states.append((breaker.open, breaker.connection_lost))

    assert states == [(False, False)] * 4 + [(True, True)]


def test_it_rests_longer_after_each_probe_that_fails_up_to_a_minute() -> None:
    breaker, now, rests = opened(0.0), 0.0, []
    for _ in range(9):
        rest = breaker.wait(now)
        assert rest is not None
        rests.append(rest)
        now += rest
        breaker.probe()
        breaker.unknown(now)

    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_one_probe_at_a_time() -> None:
    breaker = opened(100.0)
    assert breaker.wait(101.0) == 0.0
    breaker.probe()

    assert breaker.wait(101.0) is None


def test_a_probe_that_was_not_sent_makes_way_for_another() -> None:
    breaker = opened(100.0)
    breaker.probe()
    breaker.unprobe()

    assert breaker.wait(101.0) == 0.0


def test_an_answer_closes_it_for_good() -> None:
    breaker = opened(100.0)
    breaker.probe()
    breaker.answered()

    assert breaker.wait(101.0) == 0.0
    assert not breaker.open
    for _ in range(4):
        breaker.unknown(102.0)
    assert not breaker.open
    breaker.unknown(102.0)
    assert breaker.wait(102.0) == 1.0


def test_stragglers_from_before_it_opened_do_not_lengthen_its_rest() -> None:
    breaker = opened(100.0)
    for _ in range(50):
        breaker.unknown(100.5)

    assert breaker.wait(100.5) == 0.5


def test_while_closed_a_probe_is_no_probe() -> None:
    breaker = Breaker()
    breaker.probe()

    assert breaker.wait(0.0) == 0.0


def test_a_quarter_of_an_hour_open_is_told_once_and_again_a_quarter_later() -> None:
    breaker = opened(100.0)

    assert not breaker.given_up(999.9)
    assert breaker.given_up(1000.0)
    assert not breaker.given_up(1000.1)
    assert breaker.given_up(1900.0)
    assert not Breaker().given_up(1e9)


@pytest.mark.parametrize("latency", [0.05, 0.4])
def test_a_minute_of_502_at_80_a_second_costs_at_most_fifteen_beyond_those_in_flight(latency: float) -> None:
    breaker, now, unknown = Breaker(), 0.0, 0
    answers: list[float] = []
    most_in_flight = 0
    while now < 60.0:
        while answers and answers[0] <= now:
            heapq.heappop(answers)
            unknown += 1
            breaker.unknown(now)
        if breaker.wait(now) == 0.0:
            breaker.probe()
            heapq.heappush(answers, now + latency)
            if not breaker.open:
                most_in_flight = max(most_in_flight, len(answers))
        now += 1 / 80

    assert unknown <= 15 + most_in_flight
