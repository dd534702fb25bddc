"""Fates are drawn: repeatable, and in the shares the profile asks for."""

from collections import Counter

import pytest

from campaign.simulator.dice import Dice
from campaign.simulator.fault import ANSWERED, Fault
from campaign.simulator.faults import Fate, Fates
from campaign.simulator.profile import Profile
from campaign.simulator.profiles import NAMED

PEOPLE = [f"336{n:08d}" for n in range(4000)]


def fates(profile: Profile, *, seed: int, people: list[str]) -> dict[str, Fate]:
    dice, drawn = Dice(seed), Fates(profile)
    return {person: drawn.draw(dice.throw(person)) for person in people}


def test_a_seed_decides_each_persons_fate_whoever_comes_first() -> None:
    forwards = fates(NAMED["rough"], seed=7, people=PEOPLE)
    backwards = fates(NAMED["rough"], seed=7, people=PEOPLE[::-1])

    assert forwards == backwards
    assert forwards != fates(NAMED["rough"], seed=8, people=PEOPLE)


def test_a_second_request_of_the_same_person_meets_a_fate_of_its_own() -> None:
    dice = Dice(7)

    assert dice.throw("33600000001").random() != dice.throw("33600000001").random()


def test_the_shares_come_out_as_written() -> None:
    drawn = fates(Profile(drop=0.25, accept_then_reset=0.5, errors={130429: 0.125}), seed=1, people=PEOPLE)

    kinds = Counter(fate.fault or fate.error for fate in drawn.values())

    assert kinds[Fault.DROP] == pytest.approx(1000, abs=120)
    assert kinds[Fault.ACCEPT_THEN_RESET] == pytest.approx(2000, abs=140)
    assert kinds[130429] == pytest.approx(500, abs=90)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_can_be_made_certain(fault: Fault) -> None:
    (fate,) = fates(Profile.model_validate({fault: 1}), seed=1, people=PEOPLE[:1]).values()

    assert fate.fault is fault
    assert (fate.fault in ANSWERED) == fault.startswith("accept_then")


def test_a_storm_of_502_wins_over_what_else_the_profile_asks_for() -> None:
    storm = NAMED["rough"].changed({"respond_502": 1.0})

    assert {fate.fault for fate in fates(storm, seed=1, people=PEOPLE).values()} == {Fault.RESPOND_502}


def test_nothing_goes_wrong_unless_asked_for() -> None:
    assert set(fates(Profile(), seed=1, people=PEOPLE).values()) == {Fate(latency_s=0.0)}


def test_latency_stays_within_its_range() -> None:
    drawn = fates(Profile(latency_ms=(20, 60)), seed=1, people=PEOPLE)

    assert all(0.02 <= fate.latency_s <= 0.06 for fate in drawn.values())
