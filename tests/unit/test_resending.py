"""Who may be sent a message again, and what is risked: pure, and held to the worked example."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaign.domain.errors import ConfigurationError, RefusedByPlan
from campaign.domain.resending import Candidate, Coverage, Earlier, Which, WhyNot, ready_at, risk, why_not
from campaign.ports import Candidates, Ordered
from campaign.resending import Survey, check, check_ready, send_again, survey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=8)

READY = Candidate(1, 1, "unknown", "none", None, "rescued", "+33612345678", OLD, heard=True, suppressed=False,
                  arrived=False, two_ids=False, expired=False, window_closed=False)  # fmt: skip

SHARES = st.floats(0, 1)
COVERED = Coverage(1000, 995)


def test_the_risk_of_the_worked_example_is_two_percent() -> None:
    assert risk(0.8, 0.995) == pytest.approx(0.02, abs=0.0005)


@example(1.0, 1e-05)
@given(share=SHARES, coverage=SHARES)
def test_a_risk_is_a_probability_and_falls_as_webhooks_tell_more(share: float, coverage: float) -> None:
    assert 0 <= risk(share, coverage) <= 1
    assert risk(share, coverage) <= risk(share, coverage / 2) + 1e-9


def test_where_no_webhook_ever_tells_silence_changes_nothing() -> None:
    assert risk(0.8, 0) == pytest.approx(0.8)


def test_few_earlier_ones_are_not_gone_by() -> None:
    assert Earlier(29, 0, 0).accepted_share(1.0) == 0.8
    assert Earlier(30, 0, 0).accepted_share(1.0) == 0.0


def test_webhooks_miss_some_of_the_accepted_and_the_estimate_makes_up_for_it() -> None:
    assert Earlier(100, 45, 0).accepted_share(0.9) == pytest.approx(0.5)
    # Whom people settled are among those that webhooks missed; more of them than expected raise it.
    assert Earlier(100, 45, 5).accepted_share(0.9) == pytest.approx(0.5)
    assert Earlier(100, 45, 25).accepted_share(0.9) == pytest.approx(0.7)
    assert Earlier(100, 100, 0).accepted_share(0.5) == 1.0
    assert Earlier(100, 0, 0).accepted_share(0.0) == 1.0


@pytest.mark.parametrize(
    ("coverage", "share", "suffices"),
    [(Coverage(0, 0), None, False), (Coverage(100, 98), 0.98, False), (Coverage(100, 99), 0.99, True)],
)
def test_webhooks_that_tell_of_less_than_99_in_100_do_not_suffice(
    coverage: Coverage, share: float | None, *, suffices: bool
) -> None:
    assert (coverage.share, coverage.suffices) == (share, suffices)


def test_silence_of_a_day_says_something_if_somebody_listened_and_of_a_week_if_not() -> None:
    young = READY._replace(since=NOW - timedelta(hours=24) + timedelta(seconds=1))

    assert why_not(young, now=NOW) is WhyNot.TOO_YOUNG
    assert why_not(young, now=NOW + timedelta(seconds=1)) is None
    unheard = READY._replace(since=NOW - timedelta(days=7) + timedelta(seconds=1), heard=False)
    assert why_not(unheard, now=NOW) is WhyNot.UNHEARD
    assert why_not(unheard, now=NOW + timedelta(seconds=1)) is None
    assert ready_at(unheard) == NOW + timedelta(seconds=1)


@pytest.mark.parametrize("state", ["rejected", "accepted"])
def test_what_whatsapp_has_answered_need_not_be_old(state: str) -> None:
    assert why_not(READY._replace(state=state, since=NOW, heard=False), now=NOW) is None


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ({"suppressed": True}, WhyNot.SUPPRESSED),
        ({"number": ""}, WhyNot.SUPPRESSED),
        ({"arrived": True}, WhyNot.ARRIVED),
        ({"two_ids": True}, WhyNot.TWO_IDS),
        ({"expired": True}, WhyNot.EXPIRED),
        ({"window_closed": True}, WhyNot.WINDOW_CLOSED),
    ],
)
@pytest.mark.parametrize("state", ["unknown", "rejected", "accepted"])
def test_each_of_these_alone_keeps_a_message_out(fact: dict[str, Any], reason: WhyNot, state: str) -> None:
    assert why_not(READY._replace(state=state, **fact), now=NOW) is reason


# The order.


@dataclass
class Ledger:
    """A ledger that says what it is told, and remembers what it is ordered."""

    messages: Sequence[Candidate] = (READY,)
    state: str = "finished"
    in_flight: int = 0
    covered: Coverage = COVERED
    ordered: list[int] = field(default_factory=list)

    async def candidates(self, run: int, which: Which, *, code: int | None = None) -> Candidates:
        assert which
        assert code is None
        return Candidates(run, uuid4(), self.state, None, 0, self.in_flight, NOW, self.messages)

    async def coverage(self, run: int) -> Coverage:
        assert run
        return self.covered

    async def earlier(self) -> Earlier:
        return Earlier(0, 0, 0)

    async def settle(self, run: int, messages: Sequence[Candidate], ordered: Ordered) -> None:
        raise AssertionError("an order to send again settles nothing")

    async def send_again(self, run: int, which: Which, messages: Sequence[Candidate], ordered: Ordered) -> None:
        assert (run, which, ordered) == (1, Which.UNKNOWN, Ordered("ada@here", "they asked"))
        self.ordered += [each.row for each in messages]


async def look(ledger: Ledger, *rows: int, settles: bool = True) -> Survey:
    return await survey(ledger, 1, Which.UNKNOWN, rows=rows, settles=settles)


async def test_only_those_that_may_be_are_sent_again() -> None:
    old, young = READY, READY._replace(row=2, since=NOW)
    ledger = Ledger([old, young, READY._replace(row=3, suppressed=True)])

    found = await look(ledger)
    await send_again(ledger, found, Ordered("ada@here", "they asked"))

    assert ledger.ordered == [1]
    assert {reason: [each.row for each in those] for reason, those in found.left_out.items()} == {
        WhyNot.TOO_YOUNG: [2],
        WhyNot.SUPPRESSED: [3],
    }
    assert [each.row for each in found.asked] == [1, 2, 3]


async def test_rows_that_are_named_are_looked_at_alone() -> None:
    ledger = Ledger([READY, READY._replace(row=2)])

    assert [each.row for each in (await look(ledger, 2)).ready] == [2]
    with pytest.raises(ConfigurationError, match="rows 7, 9 are not unknown"):
        await look(ledger, 2, 9, 7)


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        (Ledger(state="cancelled"), "the run is cancelled"),
        (Ledger(in_flight=3), "answers are awaited to 3 of"),
        (Ledger(covered=Coverage(1000, 989)), "989 of the 1,000 messages that were accepted"),
        (Ledger(covered=Coverage(0, 0)), "webhooks cannot be judged"),
    ],
)
async def test_each_of_these_alone_forbids_the_whole_order(ledger: Ledger, said: str) -> None:
    found = await look(ledger)

    with pytest.raises(RefusedByPlan, match=said):
        await send_again(ledger, found, Ordered("ada@here", "they asked"))

    assert ledger.ordered == []


async def test_where_webhooks_cannot_settle_silence_says_nothing() -> None:
    found = await look(Ledger(), settles=False)

    with pytest.raises(RefusedByPlan, match="On-Premises webhooks do not carry our reference back"):
        check(found)
    assert found.doubt is not None
    assert found.doubt.risk == pytest.approx(0.8)


async def test_what_is_to_be_waited_for_is_said() -> None:
    soon = NOW - timedelta(hours=23)
    young = [READY._replace(since=soon), READY._replace(row=2, since=NOW, heard=False)]

    with pytest.raises(RefusedByPlan, match="none of 2 unknown messages may be sent again now") as refused:
        check_ready(await look(Ledger(young)))

    first = (soon + timedelta(hours=24)).astimezone()
    assert f"{first:%d %b %Y %H:%M}" in str(refused.value.remedy)
    assert "7 days" in str(refused.value.remedy)


async def test_dropped_messages_have_no_doubt_about_them() -> None:
    dropped = READY._replace(state="accepted", delivery="dropped", since=NOW, heard=False)
    found = await survey(Ledger([dropped], in_flight=5, covered=Coverage(0, 0)), 1, Which.DROPPED)

    check(found)
    check_ready(found)

    assert (found.doubt, list(found.ready)) == (None, [dropped])


async def test_a_cancelled_run_sends_nothing_again_whatever_it_is() -> None:
    found = await survey(Ledger(), 1, Which.FAILED)

    with pytest.raises(RefusedByPlan, match="cancelled") as refused:
        check(replace(found, found=replace(found.found, state="cancelled")))
    assert "--run NEW" in str(refused.value.remedy)
