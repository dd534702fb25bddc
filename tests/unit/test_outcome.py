from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.outcome import (
    Accepted,
    Halt,
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


@given(OUTCOMES, st.integers(0, 32_767))
def test_every_outcome_settles(outcome: Outcome, pair_waits: int) -> None:
    settlement = settle(outcome, pair_waits=pair_waits)

    assert settlement.state in get_args(SettledState)
    assert (settlement.state == "accepted") == (settlement.message_id is not None)
    assert settlement.state != "rejected" or settlement.code is not None


@given(OUTCOMES, st.integers(0, 32_767))
def test_only_what_documents_non_acceptance_is_ever_sent_again(outcome: Outcome, pair_waits: int) -> None:
    assert (settle(outcome, pair_waits=pair_waits).state == "pending") == isinstance(outcome, NotNow | NotSent)
