"""The portfolio limit as the simulator keeps it, by an account of its own."""

from campaign.simulator.portfolio import Reached


def test_a_person_counts_once_and_from_their_last_message() -> None:
    reached = Reached()
    for at in (0.0, 5.0):
        reached.accept("ada", at, window_s=10)
    reached.accept("bob", 6.0, window_s=10)

    assert reached.worst == 2
    assert reached.is_full("eve", 14.9, limit=2, window_s=10)
    assert not reached.is_full("ada", 14.9, limit=2, window_s=10)
    assert not reached.is_full("eve", 15.0, limit=2, window_s=10)


def test_the_worst_window_is_the_most_people_in_any() -> None:
    reached = Reached()
    for second in range(100):
        reached.accept(f"person {second}", float(second), window_s=10)

    assert reached.worst == 10
    reached.clear()
    assert reached.worst == 0
