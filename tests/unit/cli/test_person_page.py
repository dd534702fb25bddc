"""One person as a page: why they got what they got, in words that need no engineer."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from rich.console import Console

from campaign.adapters.postgres.persons import (
    PersonFacts,
    PersonMessage,
    PersonRefusal,
    Preferred,
    Suppression,
    Window,
    Written,
)
from campaign.bootstrap.persons import Known
from campaign.entrypoints.cli.person_page import page, person_object, why

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
MESSAGE = PersonMessage(
    campaign="spring",
    run="once",
    row=17,
    state="accepted",
    delivery="read",
    reason=None,
    code=None,
    attempt=1,
    at=AT,
    waits_until=None,
    run_state="finished",
    run_reason=None,
    run_code=None,
    stopped_code=None,
    gated=False,
    never_delivered=False,
    held_too_long=False,
    held_limit_seconds=86_400.0,
    erased=False,
    news=(),
    earlier=(),
)
NOTHING = PersonFacts([], [], [], None, [], [])


def _text(facts: PersonFacts, width: int = 160) -> str:
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(width=width, record=True, file=nowhere)
        console.print(page(Known("+33…5678", facts)))
        return console.export_text()


@pytest.mark.parametrize(
    ("change", "told", "remedy"),
    [
        ({"state": "skipped", "reason": "already_sent"}, "got the same content lately", "duplicates.within"),
        ({"state": "rejected", "code": 131026}, "(131026)", ""),
        ({"state": "unknown", "reason": "rescued"}, "its sender died", "campaign unknown list spring@once"),
        ({"state": "cancelled"}, "the run was cancelled", ""),
        ({"delivery": "failed", "code": 131049}, "(131049)", ""),
        ({"delivery": "dropped", "code": 132015}, "(132015)", ""),
        ({"delivery": "read"}, "", ""),
        ({"delivery": "sent", "never_delivered": True}, "never delivered", "whether they have blocked it"),
        ({"delivery": "held", "held_too_long": True}, "held for longer than 1d: WhatsApp has said nothing", "Manager"),
        ({"state": "pending", "run_state": "running"}, "its turn has not come", ""),
        ({"state": "pending", "run_state": "scheduled"}, "the run has not begun", ""),
        ({"state": "pending", "run_state": "running", "gated": True}, "quality check of its template", ""),
        (
            {"state": "pending", "run_state": "running", "waits_until": AT, "code": 131049},
            "not before 21 Nov 2026",
            "",
        ),
        (
            {"state": "pending", "run_state": "running", "stopped_code": 131031},
            "its shard is stopped: WhatsApp's code 131031",
            "campaign resume spring@once",
        ),
        (
            {"state": "pending", "run_state": "paused", "run_reason": "command"},
            "the run is paused: by command",
            "`campaign resume spring@once` goes on",
        ),
        (
            {"state": "pending", "run_state": "paused", "run_reason": "account", "run_code": 131042},
            "the run is paused: WhatsApp's code 131042",
            "campaign resume spring@once",
        ),
    ],
    ids=str,
)
def test_every_message_says_why_it_is_where_it_is(change: dict[str, Any], told: str, remedy: str) -> None:
    found = why(replace(MESSAGE, **change))

    assert told in found.words
    assert remedy in found.remedy
    assert bool(found.words) == bool(told)


def test_a_stranger_is_told_as_one() -> None:
    assert _text(NOTHING).strip() == "+33…5678: the ledger knows nothing of this person"
    assert person_object(Known("+33…5678", NOTHING))["known"] is False


def test_the_page_goes_from_whether_to_write_to_what_they_said() -> None:
    facts = PersonFacts(
        messages=[
            replace(MESSAGE, attempt=2, news=[{"status": "read", "at": AT.isoformat(), "code": None}]),
            replace(MESSAGE, row=18, never_delivered=True, delivery="sent"),
        ],
        refusals=[PersonRefusal("winter", "once", 3, "no_consent", "ask the person", AT)],
        suppressions=[
            Suppression("marketing", "whatsapp", "131050", AT),
            Suppression("all", "command", "by command", AT),
        ],
        preference=Preferred(stopped=True, at=AT),
        windows=[Window("paris", AT)],
        wrote=[Written("text", AT, "Please\nstop " + "x" * 100), Written("image", AT, None)],
    )

    text = _text(facts)

    order = [
        "Must not be written to", "no marketing since", "WhatsApp's code", "(131050)", "no message at all since",
        "Messages", "spring@once, row 17", "taken by WhatsApp; read, attempt 2", "WhatsApp told: read",
        "spring@once, row 18", "never delivered", "Rows that became no message", "winter@once, row 3",
        "no consent on record", "What they wrote", "text: Please stop xxx", "image",
        "they stopped marketing", "paris until",
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert "x" * 80 not in text
    assert "(by command)" not in text


def test_that_somebody_was_erased_stands_first() -> None:
    facts = replace(NOTHING, suppressions=[Suppression("all", "erased", "by letter", AT)], messages=[MESSAGE])

    assert "erased on 21 Nov 2026" in _text(facts).split("Messages")[0]
    assert person_object(Known("+33…5678", facts))["erased_at"] == AT


def test_the_object_is_json_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    facts = replace(NOTHING, messages=[replace(MESSAGE, state="skipped", reason="suppressed")])

    (message,) = orjson.loads(orjson.dumps(person_object(Known("+33…5678", facts))))["messages"]

    assert (message["why"], message["state"]) == ("not to be written to any more", "skipped")
    assert "held_limit_seconds" not in message


def test_news_of_one_second_stand_in_the_order_in_which_things_happen() -> None:
    at = AT.isoformat()
    news = tuple({"status": status, "at": at, "code": None} for status in ("delivered", "read", "sent"))

    text = _text(replace(NOTHING, messages=[replace(MESSAGE, news=news)]))

    assert text.index("sent 21") < text.index("delivered 21") < text.index("read 21")
