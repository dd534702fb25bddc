"""What goes wrong so often that a campaign stops by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.stop_loss import WENT_WRONG, Breach, Tally, breach

LIMITS = {"rejected": 0.05, "unknown": 0.05, "after": 500}


@pytest.mark.parametrize(
    ("settled", "rejected", "stops"),
    [(499, 499, False), (500, 25, False), (500, 26, True), (10_000, 500, False), (10_000, 501, True)],
)
def test_a_share_counts_once_there_are_enough_and_only_above_its_limit(
    settled: int, rejected: int, *, stops: bool
) -> None:
    assert (breach(LIMITS, Tally(settled, {"rejected": rejected})) is not None) is stops


def test_the_present_step_is_judged_by_itself() -> None:
    run, step = Tally(10_000, {"rejected": 48}), Tally(600, {"rejected": 48})

    found = breach(LIMITS, run, step, number=2)

    assert found == Breach("rejected", 48, 600, 0.05, 2)
    assert found.words == "48 of 600 messages in step 2 (8.0%) were refused by WhatsApp; `stop_if` allows 5%"


def test_a_step_that_is_too_young_does_not_hide_the_run() -> None:
    found = breach(LIMITS, Tally(600, {"rejected": 48}), Tally(20, {"rejected": 1}))

    assert found is not None
    assert found.words == "48 of 600 messages (8.0%) were refused by WhatsApp; `stop_if` allows 5%"


def test_what_is_not_limited_stops_nothing() -> None:
    assert breach(LIMITS, Tally(600, {"failed": 600})) is None
    assert breach({"after": 1}, Tally(600, {"rejected": 600})) is None


def test_of_several_the_one_furthest_beyond_its_limit_is_named() -> None:
    found = breach({"rejected": 0.5, "opt_out": 0.01, "after": 1}, Tally(100, {"rejected": 60, "opt_out": 10}))

    assert found is not None
    assert found.evidence == {
        "kind": "opt_out", "messages": 10, "settled": 100, "limit": 0.01, "step": None, "share": 0.1
    }  # fmt: skip


@pytest.mark.parametrize("kind", WENT_WRONG)
def test_a_limit_of_nothing_is_crossed_by_the_first(kind: str) -> None:
    limits = {kind: 0.0, "after": 1}

    assert breach(limits, Tally(1, {kind: 0})) is None
    assert breach(limits, Tally(100, {kind: 1})) is not None


@given(
    settled=st.integers(0, 10_000),
    wrong=st.dictionaries(st.sampled_from(list(WENT_WRONG)), st.integers(0, 10_000)),
    limits=st.dictionaries(st.sampled_from(list(WENT_WRONG)), st.floats(0, 1)),
    after=st.integers(1, 2_000),
)
def test_it_stops_exactly_when_a_share_exceeds_its_limit(
    settled: int, wrong: dict[str, int], limits: dict[str, float], after: int
) -> None:
    crossed = {kind for kind, limit in limits.items() if wrong.get(kind, 0) > limit * settled and settled >= after}

    found = breach({**limits, "after": after}, Tally(settled, wrong))

    assert (found.kind in crossed) if found is not None else not crossed
