"""One result from a set of facts, and one consequence of a piece of evidence."""

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.lifecycle import Delivery, Evidence, Fact, SendState, Standing, Witness, fold, witness

HELD = Fact("held_for_quality_assessment")
SENT = Fact("sent")
DELIVERED = Fact("delivered")
READ = Fact("read")
PLAYED = Fact("played")
FAILED = Fact("failed", 131049)
FAILED_OTHERWISE = Fact("failed", 131026)
DROPPED = Fact("failed", 132015)
DISABLED = Fact("failed", 132016)

EVERY_FACT = (HELD, SENT, DELIVERED, READ, FAILED, FAILED_OTHERWISE, DROPPED)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((), Delivery("none", None, conflict=False)),
        ((Fact("warning"),), Delivery("none", None, conflict=False)),
        ((Fact("a word of next year"), SENT), Delivery("sent", None, conflict=False)),
        ((HELD,), Delivery("held", None, conflict=False)),
        ((Fact("paused"),), Delivery("held", None, conflict=False)),
        (
            (Fact("Message has been held because quality assessment is pending"),),
            Delivery("held", None, conflict=False),
        ),
        ((HELD, SENT), Delivery("sent", None, conflict=False)),
        ((SENT, FAILED), Delivery("failed", 131049, conflict=False)),
        ((FAILED, FAILED_OTHERWISE), Delivery("failed", 131026, conflict=False)),
        ((Fact("failed", 0),), Delivery("failed", None, conflict=False)),
        ((Fact("failed", 0), FAILED), Delivery("failed", 131049, conflict=False)),
        ((HELD, DROPPED), Delivery("dropped", 132015, conflict=False)),
        ((HELD, DISABLED, FAILED), Delivery("dropped", 132016, conflict=False)),
        ((FAILED, DELIVERED), Delivery("delivered", None, conflict=True)),
        ((DROPPED, READ), Delivery("read", None, conflict=True)),
        ((READ,), Delivery("read", None, conflict=False)),
        ((PLAYED, DELIVERED), Delivery("read", None, conflict=False)),
        ((Fact("delivered", 132015),), Delivery("delivered", None, conflict=False)),
    ],
)
def test_the_best_news_is_the_state(facts: tuple[Fact, ...], expected: Delivery) -> None:
    assert fold(facts) == expected


def test_every_order_of_every_set_of_facts_folds_to_one_result() -> None:
    """All 13,700 orders of all subsets of seven facts."""
    for size in range(len(EVERY_FACT) + 1):
        for chosen in itertools.combinations(EVERY_FACT, size):
            assert {fold(order) for order in itertools.permutations(chosen)} == {fold(chosen)}


@given(facts=st.lists(st.sampled_from(EVERY_FACT)), repeats=st.lists(st.integers(0, 6)))
def test_repetition_changes_nothing(facts: list[Fact], repeats: list[int]) -> None:
    repeated = facts + [facts[index % len(facts)] for index in repeats if facts]

    assert fold(repeated) == fold(facts)


@given(first=st.frozensets(st.sampled_from(EVERY_FACT)), more=st.frozensets(st.sampled_from(EVERY_FACT)))
def test_more_facts_never_take_a_message_back(first: frozenset[Fact], more: frozenset[Fact]) -> None:
    rank = ["none", "held", "sent", "failed", "dropped", "delivered", "read"]

    assert rank.index(fold(first | more).state) >= rank.index(fold(first).state)


@pytest.mark.parametrize("state", get_args(SendState))
def test_the_messages_own_id_is_no_news(state: SendState) -> None:
    assert witness(Standing(state, 1, "m1"), Evidence("m1", 1)) is Witness.KNOWN


@pytest.mark.parametrize("state", get_args(SendState))
def test_without_an_attempt_nothing_is_proved(state: SendState) -> None:
    assert witness(Standing(state, 1, None), Evidence("m1", None)) is Witness.KNOWN


@pytest.mark.parametrize(
    ("state", "older", "same", "newer"),
    [
        ("pending", Witness.GHOST, Witness.GHOST, Witness.GHOST),
        ("in_flight", Witness.GHOST, Witness.SETTLES, Witness.GHOST),
        ("unknown", Witness.GHOST, Witness.SETTLES, Witness.GHOST),
        ("rejected", Witness.GHOST, Witness.GHOST, Witness.GHOST),
        ("skipped", Witness.GHOST, Witness.GHOST, Witness.GHOST),
        ("cancelled", Witness.GHOST, Witness.GHOST, Witness.GHOST),
        ("accepted", Witness.DOUBLES, Witness.DOUBLES, Witness.DOUBLED_GHOST),
    ],
)
def test_evidence_by_state_and_attempt(state: SendState, older: Witness, same: Witness, newer: Witness) -> None:
    had = "m0" if state == "accepted" else None
    found = [witness(Standing(state, 2, had), Evidence("m1", attempt)) for attempt in (1, 2, 3)]

    assert found == [older, same, newer]


def test_what_an_operator_settled_gets_the_id_of_its_attempt_and_of_no_other() -> None:
    found = [witness(Standing("accepted", 2, None), Evidence("m1", attempt)) for attempt in (1, 2, 3)]

    assert found == [Witness.DOUBLES, Witness.SETTLES, Witness.DOUBLED_GHOST]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("pending", Witness.LATE),
        ("rejected", Witness.LATE),
        ("skipped", Witness.LATE),
        ("cancelled", Witness.LATE),
        ("in_flight", Witness.AFTER_RESEND),
        ("unknown", Witness.AFTER_RESEND),
        ("accepted", Witness.AFTER_RESEND),
    ],
)
def test_an_attempt_the_operator_replaced_alarms_nobody(state: SendState, expected: Witness) -> None:
    assert witness(Standing(state, 2, None, superseded=True), Evidence("m1", 1)) is expected
