"""Steps of a ramp: who is in which, and when the next one may begin."""

from collections import Counter
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.ramp import LEAST, PATIENCE, Step, chooser, state_of, top_up, why_stuck
from campaign.domain.sharding import Assigner

RAMP = (0.01, 0.1, 1.0)
PEOPLE = [sha256(str(number).encode()).digest() for number in range(20_000)]

NOW, LATER = timedelta(seconds=1), PATIENCE + timedelta(seconds=1)

ramps = st.lists(st.integers(1, 99), unique=True, max_size=5).map(
    lambda percents: (*(percent / 100 for percent in sorted(percents)), 1.0)
)


def test_each_step_reaches_its_share_of_the_whole() -> None:
    sizes = Counter(map(chooser("spring", RAMP), PEOPLE))

    assert [sizes[step] for step in range(3)] == pytest.approx([200, 1_800, 18_000], rel=0.15)


def test_a_step_is_a_sample_over_all_shards() -> None:
    assign, choose = Assigner([(f"shard {number}", 1.0) for number in range(32)]).assign, chooser("spring", RAMP)

    shards = Counter(assign(person) for person in PEOPLE if choose(person) == 1)

    assert len(shards) == 32
    assert max(shards.values()) < 2 * min(shards.values())


def test_another_campaign_begins_with_other_people() -> None:
    spring, autumn = chooser("spring", RAMP), chooser("autumn", RAMP)

    first = [{person for person in PEOPLE if choose(person) == 0} for choose in (spring, autumn)]

    assert len(first[0] & first[1]) < len(first[0]) / 10


@given(ramp=ramps, person=st.binary(min_size=16, max_size=32))
def test_a_person_is_in_one_step_and_always_in_the_same(ramp: tuple[float, ...], person: bytes) -> None:
    step = chooser("spring", ramp)(person)

    assert 0 <= step < len(ramp)
    assert chooser("spring", ramp)(person) == step


@given(share=st.floats(0.01, 0.5), more=st.floats(0.01, 0.4), person=st.binary(min_size=16, max_size=32))
def test_a_step_that_grows_keeps_whom_it_had(share: float, more: float, person: bytes) -> None:
    if chooser("spring", (share, 1.0))(person) == 0:
        assert chooser("spring", (share + more, 1.0))(person) == 0


@given(sizes=st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_no_step_but_the_last_is_too_small_while_there_are_people(sizes: list[int]) -> None:
    after = list(sizes)
    for step, messages in top_up(sizes):
        assert messages > 0
        left = messages
        for later in range(step + 1, len(after)):
            taken = min(left, after[later])
            after[later] -= taken
            left -= taken
        after[step] += messages - left
        assert left == 0

    assert sum(after) == sum(sizes)
    for number, (size, _) in enumerate(pairwise(after)):
        assert size >= LEAST or not any(after[number + 1 :])


def test_a_ramp_of_a_hundred_people_has_two_steps_of_fifty() -> None:
    assert top_up([1, 9, 90]) == [(0, 49), (1, 50)]


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (Step(True, 100, 100, 100, LATER), "sending"),
        (Step(False, 0, 0, 0, NOW), "over"),
        (Step(False, 100, 100, 95, NOW), "over"),
        (Step(False, 100, 100, 94, NOW), "waiting"),
        (Step(False, 100, 100, 50, LATER), "over"),
        (Step(False, 100, 100, 49, LATER), "stuck"),
        # What was refused has been told at once: it is the accepted ones that the next step waits for.
        (Step(False, 100, 20, 19, NOW), "over"),
        (Step(False, 100, 0, 0, NOW), "waiting"),
        (Step(False, 100, 0, 0, LATER), "stuck"),
    ],
)
def test_a_step_ends_with_95_percent_told_or_with_half_of_them_after_15_minutes(step: Step, state: str) -> None:
    assert state_of(step) == state


def test_the_pause_of_a_step_names_its_evidence() -> None:
    assert why_stuck(Step(False, 200, 200, 61, LATER), 1) == (
        "15 minutes after step 1 WhatsApp has told of 61 of its 200 messages (30.5%); the next step needs 50%"
    )
    assert why_stuck(Step(False, 200, 0, 0, LATER), 2) == (
        "WhatsApp accepted none of the 200 messages of step 2 within 15 minutes"
    )
