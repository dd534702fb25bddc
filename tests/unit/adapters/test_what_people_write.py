"""What people write and choose, as Meta's webhooks tell it."""

import json
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from campaign.adapters.whatsapp.webhooks import Parsed, parse_webhook
from campaign.domain.receipt import Inbound, Preference

AT = datetime.fromtimestamp(1790000000, UTC)


def envelope(value: Any, field: str) -> Parsed:
    changes = [{"field": field, "value": value}]
    body = {"object": "whatsapp_business_account", "entry": [{"id": "102", "changes": changes}]}
    return parse_webhook(json.dumps(body).encode())


def written(**message: Any) -> Inbound:
    whole = {"from": "33612345678", "id": "wamid.in", "timestamp": "1790000000", **message}
    (item,) = envelope({"metadata": {"phone_number_id": "106"}, "messages": [whole]}, "messages").items
    assert isinstance(item, Inbound)
    return item


REPLY = {"from": "15550100000", "id": "wamid.ours"}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"type": "text", "text": {"body": "Stop"}}, ("Stop",)),
        ({"type": "button", "button": {"payload": "p1", "text": "Stop promotions"}}, ("p1", "Stop promotions")),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "b1", "title": "No"}},
            },
            ("b1", "No"),
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "r1", "title": "T", "description": "stop"}},
            },
            ("r1", "T"),
        ),
        ({"type": "image", "image": {"id": "1", "caption": "stop"}}, ()),
        ({"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"body": "stop"}}}, ()),
        ({"type": "reaction", "reaction": {"emoji": "stop"}}, ()),
        ({"type": "text", "text": "stop"}, ()),
        ({"type": "text", "text": {"body": ["stop"]}}, ()),
        ({"type": "text", "text": {"body": ""}}, ()),
        ({"type": "text", "text": {"body": "stop\0"}}, ()),
        ({"type": "text", "button": {"payload": "stop"}}, ()),
        ({"text": {"body": "stop"}}, ()),
        ({"type": "text", "text": {"body": "stop"}, "group_id": "g"}, ()),
    ],
)
def test_only_what_a_person_chose_to_say_can_be_a_stop(message: dict[str, Any], said: tuple[str, ...]) -> None:
    assert written(**message).said == said


def test_somebody_without_a_number_says_something_all_the_same() -> None:
    heard = written(**{"from": "FR.13491208655302741918", "type": "text", "text": {"body": "stop"}, "context": REPLY})

    assert (heard.number, heard.said, heard.answers) == (None, ("stop",), "wamid.ours")


@pytest.mark.parametrize("context", [None, {}, "wamid", {"id": 7}, {"id": ""}, {"id": "x" * 513}])
def test_a_context_that_names_no_message_answers_none(context: Any) -> None:
    assert written(type="text", text={"body": "stop"}, context=context).answers is None


def test_what_was_written_is_kept_without_who_wrote_it() -> None:
    heard = written(type="text", text={"body": "hi"}, context=REPLY, from_user_id="FR.1")

    assert heard == Inbound(
        "wamid.in",
        "106",
        "+33612345678",
        AT,
        kind="text",
        said=("hi",),
        content={"type": "text", "text": {"body": "hi"}, "context": REPLY},
        answers="wamid.ours",
    )


def test_what_is_kept_is_what_the_ledger_can_hold() -> None:
    heard = written(type="text", text={"body": "a\0b \ud800"}, odd=[[[float("nan")]]])

    assert b"\\u0000" not in orjson.dumps(heard.content)


def test_a_notice_about_somebody_s_new_number_is_not_kept() -> None:
    heard = written(type="system", system={"body": "Ada changed to +33 6 99", "wa_id": "33699999999"})

    assert (heard.kind, heard.number, heard.said, heard.content) == ("system", None, (), None)


CHOICE = {
    "wa_id": "33612345678",
    "detail": "User requested to stop marketing messages",
    "category": "marketing_messages",
    "value": "stop",
    "timestamp": 1790000000,
}


def chosen(*choices: Any) -> Parsed:
    return envelope({"metadata": {"phone_number_id": "106"}, "user_preferences": list(choices)}, "user_preferences")


def test_what_people_choose_in_whatsapp() -> None:
    parsed = chosen(CHOICE, CHOICE | {"value": "resume", "timestamp": "1790000000"})

    assert parsed == Parsed([Preference("+33612345678", stopped, AT) for stopped in (True, False)], [])


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"value": "pause"}, "value is neither stop nor resume"),
        ({"value": ["stop"]}, "value is neither stop nor resume"),
        ({"value": None}, "value is neither stop nor resume"),
        ({"category": "utility_messages"}, "category is not marketing_messages"),
        ({"wa_id": None}, "wa_id is no number"),
        ({"wa_id": "FR.13491208655302741918"}, "wa_id is no number"),
        ({"wa_id": 33612345678}, "wa_id is no number"),
    ],
)
def test_a_choice_that_cannot_be_understood_waits_for_a_person(odd: dict[str, Any], why: str) -> None:
    parsed = chosen(CHOICE | odd, CHOICE, "stop")

    assert parsed.items == [Preference("+33612345678", stopped=True, at=AT)]
    assert parsed.quarantined == [
        f"entry[0].changes[0].user_preferences[0]: {why}",
        "entry[0].changes[0].user_preferences[2]: not an object",
    ]


def test_a_body_without_choices_is_quarantined() -> None:
    assert envelope({"messaging_product": "whatsapp"}, "user_preferences").quarantined == [
        "entry[0].changes[0].user_preferences: not a list"
    ]
