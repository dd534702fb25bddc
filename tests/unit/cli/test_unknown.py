"""`campaign unknown` and `campaign resend`: what is asked for, and what a person reads."""

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from rich.console import Console

from campaign.bootstrap.resending import Looked
from campaign.domain.resending import Candidate, Coverage, Earlier, Which
from campaign.entrypoints import words
from campaign.entrypoints.cli.app import run
from campaign.entrypoints.cli.resending import extras, told
from campaign.entrypoints.cli.unknown_page import page, spelled
from campaign.ports import Candidates
from campaign.report import RunReport
from campaign.resending import Doubt, Survey, sorted_out

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RUN = UUID("12345678-1234-5678-1234-567812345678")
READY = Candidate(7, 1, "unknown", "none", None, "rescued", "+33612345678", NOW - timedelta(days=2), heard=True,
                  suppressed=False, arrived=False, two_ids=False, expired=False, window_closed=False)  # fmt: skip
YOUNG = READY._replace(row=9, reason="http_502", since=NOW - timedelta(hours=1))
STOPPED = READY._replace(row=12, reason="TimeoutError", suppressed=True)
DOUBT = Doubt(Coverage(1000, 995), Earlier(12, 4, 0), settles=True)


def looked(
    messages: Sequence[Candidate],
    *,
    which: Which = Which.UNKNOWN,
    doubt: Doubt | None = DOUBT,
    state: str = "finished",
    reason: str | None = None,
    pending: int = 0,
) -> Looked:
    found = Candidates(1, RUN, state, reason, pending, 0, NOW, messages)
    ready, left_out = sorted_out(messages, now=NOW)
    return Looked(RunReport("spring", "once", state=state), Survey(found, which, ready, left_out, doubt))


def read(what: Looked) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(page(what))
    return re.sub(r"[ \n]+", " ", str(console.file.getvalue()))  # type: ignore[attr-defined] # a StringIO, see above


def test_each_unknown_message_is_shown_with_what_is_known_and_when_it_may_be_sent_again() -> None:
    text = read(looked([READY, YOUNG, STOPPED]))

    since, ready_at = YOUNG.since.astimezone(), (YOUNG.since + timedelta(hours=24)).astimezone()
    assert "spring@once 3 unknown" in text
    assert "7 1 +33…5678" in text
    assert "its sender died may be ordered" in text
    assert f"{since:%d %b %H:%M} answer HTTP 502 from {ready_at:%d %b %H:%M}" in text
    assert "no answer within 60 s no: not to be written to any more" in text
    assert f"{RUN}.ROW.ATTEMPT" in text
    assert "995 of 1,000 accepted messages (99.50%)" in text
    assert "Too few were unknown before to go by (12)" in text
    assert "`campaign unknown resend spring@once`" in text


def test_the_risk_is_told_in_percent_and_in_people() -> None:
    assert words.risk(0.0196, 38) == "if you resend 38 messages, about 1 of these people gets it twice (2.0% each)"
    assert words.risk(0.0196, 200) == "if you resend 200 messages, about 4 of these people get it twice (2.0% each)"
    assert words.risk(0.211, 1) == "if you resend 1 message, perhaps one of these people gets it twice (21.1% each)"
    assert words.risk(0.0, 1).startswith("if you resend 1 message, hardly anybody gets it twice (below 0.1% each")


def test_earlier_ones_are_gone_by_once_there_are_enough() -> None:
    text = read(looked([READY], doubt=Doubt(Coverage(1000, 1000), Earlier(100, 55, 5), settles=True)))

    assert "Of 100 messages that were unknown once, 60 turned out to have been taken." in text


def test_on_premises_it_is_said_that_no_webhook_settles_them() -> None:
    text = read(looked([READY], doubt=Doubt(Coverage(1000, 1000), Earlier(0, 0, 0), settles=False)))

    assert "On-Premises webhooks do not carry our own reference back" in text
    assert "not now, see below" in text
    assert "about 1 of these people gets it twice (80.0% each)" in text
    assert "unknown resend" not in text


def test_where_nothing_is_unknown_the_page_says_so() -> None:
    assert "nothing is in doubt" in read(looked([]))


def test_many_are_not_all_put_on_a_page() -> None:
    many = [READY._replace(row=row) for row in range(1000, 1060)]

    text = read(looked(many))

    assert "and 10 more; --json lists all" in text
    assert "1049 1" in text
    assert "1050 1" not in text


def test_the_object_names_each_attempt_as_webhooks_do_and_masks_its_number() -> None:
    said = spelled(looked([READY, YOUNG]).survey)

    first, second = said["unknown"]
    assert (first["attempt"], first["number"], first["why_not"]) == (f"{RUN}.7.1", "+33…5678", None)
    assert (second["why_not"], second["evidence"]) == ("too_young", "answer HTTP 502")
    assert second["ready_at"] == (YOUNG.since + timedelta(hours=24)).isoformat()
    assert said["webhooks"] == {"settle": True, "accepted": 1000, "told": 995, "share": 0.995}
    assert said["earlier"] == {"unknown": 12, "heard": 4, "settled": 0, "accepted_share": 0.8, "assumed": True}
    assert said["risk"] == pytest.approx(0.0196, abs=0.0001)


@pytest.mark.parametrize(
    ("reason", "code", "said"),
    [
        ("rescued", None, "its sender died"),
        ("ClientOSError", None, "connection reset after sending"),
        ("server_error", 131000, "WhatsApp's own error, code 131000"),
        ("http_503_overloaded", None, "answer HTTP 503"),
        ("http_200", 7, "answer HTTP 200, code 7"),
        ("SomethingNew", None, "no usable answer"),
        (None, None, "no usable answer"),
    ],
)
def test_evidence_is_told_in_words(reason: str | None, code: int | None, said: str) -> None:
    assert words.evidence(reason, code) == said


# Before the question.


def test_an_order_says_whom_it_is_about_and_names_those_it_leaves_out() -> None:
    lines = list(told(looked([READY, YOUNG, STOPPED])))

    assert lines == [
        "spring@once: 1 unknown message to be sent again",
        "  left out: 1 not yet: unknown for less than 24 hours (row 9)",
        "  left out: 1 not to be written to any more (row 12)",
        "  risk: if you resend 1 message, hardly anybody gets it twice (2.0% each)",
    ]
    assert extras(looked([READY, YOUNG, STOPPED]), ordered=1) == {
        "ordered": 1,
        "left_out": {"too_young": 1, "suppressed": 1},
    }


def test_an_order_about_a_paused_run_says_what_it_had_paused_for_and_who_goes_along() -> None:
    dropped = READY._replace(state="accepted", delivery="dropped", code=132015)
    what = looked([dropped], which=Which.DROPPED, doubt=None, state="paused", reason="dropped", pending=40)

    text = "\n".join(told(what))

    assert "1 dropped message to be sent again" in text
    assert "the run is paused: WhatsApp dropped held messages after its quality check; this sets it going again" in text
    assert "look at the template in WhatsApp Manager first" in text
    assert "40 more that still wait to be sent go with them" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["resend", "spring"], "--dropped or --failed"),
        (["resend", "spring", "--dropped", "--failed"], "--dropped or --failed"),
        (["resend", "spring", "--dropped", "--code", "1"], "--code is for --failed"),
        (["resend", "spring", "--dropped", "--yes"], "add --reason TEXT"),
        (["resend", "spring", "--dropped", "--reason", " ", "--yes"], "--reason is empty"),
        (["unknown", "resend", "spring", "--count", "3"], "add --reason TEXT"),
        (["unknown", "settle", "spring", "--reason", "seen"], "--accepted"),
        (["unknown", "settle", "spring", "--accepted"], "add --reason TEXT"),
    ],
)
def test_an_order_without_all_it_needs_is_refused_before_anything_is_opened(
    line: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line) == 2
    assert said in capsys.readouterr().err
