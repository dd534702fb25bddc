"""News of templates, numbers and the account, as documented and as it should not be."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from campaign.adapters.whatsapp.webhooks import ON_PREMISES, Parsed, parse_webhook
from campaign.domain.receipt import AccountEvent, Other, OurNumber

AT = datetime.fromtimestamp(1790000000, UTC)
TEMPLATE = {
    "message_template_id": 7,
    "message_template_name": "spring_sale",
    "message_template_language": "en-US",
}
STATUS = "message_template_status_update"
QUALITY = "message_template_quality_update"
CATEGORY = "template_category_update"


def parse(field: str, value: Any, **entry: Any) -> Parsed:
    said = {"id": "102", "time": 1790000000, "changes": [{"field": field, "value": value}], **entry}
    return parse_webhook(json.dumps({"object": "whatsapp_business_account", "entry": [said]}).encode())


def event(field: str, value: Any, **entry: Any) -> AccountEvent:
    parsed = parse(field, value, **entry)
    (item,) = parsed.items
    assert isinstance(item, AccountEvent)
    assert parsed.quarantined == []
    return item


def test_a_template_that_was_paused() -> None:
    value = {"event": "PAUSED", **TEMPLATE, "reason": None, "other_info": {"title": "SECOND_PAUSE"}}

    assert event(STATUS, value) == AccountEvent(STATUS, "PAUSED", "spring_sale", "en_US", AT, "102", value)


@pytest.mark.parametrize(
    ("field", "value", "said", "subject"),
    [
        (QUALITY, {"new_quality_score": "GREEN", **TEMPLATE}, "GREEN", "spring_sale"),
        (CATEGORY, {"new_category": "MARKETING", "previous_category": "UTILITY", **TEMPLATE}, "DONE", "spring_sale"),
        (CATEGORY, {"new_category": "UTILITY", "correct_category": "x", **TEMPLATE}, "IMPENDING", "spring_sale"),
        (
            "phone_number_quality_update",
            {"display_phone_number": "+1 555-010 0001", "event": "FLAGGED"},
            "FLAGGED",
            "15550100001",
        ),
        ("phone_number_quality_update", {"display_phone_number": 7, "event": "FLAGGED"}, "FLAGGED", None),
        (
            "phone_number_name_update",
            {"display_phone_number": "15550100001", "decision": "REJECTED"},
            "REJECTED",
            "15550100001",
        ),
        (
            "security",
            {"display_phone_number": "15550100001", "event": "PIN_CHANGED", "requester": "1"},
            "PIN_CHANGED",
            "15550100001",
        ),
        ("account_update", {"event": "DISABLED_UPDATE"}, "DISABLED_UPDATE", None),
        ("account_alerts", {"alert_info": {"alert_type": "OBA_APPROVED"}}, "OBA_APPROVED", None),
        ("account_alerts", {"alert_type": "OBA_APPROVED"}, "OBA_APPROVED", None),
        ("account_review_update", {"decision": "APPROVED"}, "APPROVED", None),
        ("business_capability_update", {"max_daily_conversations_per_business": 2000}, "LIMITS", None),
        ("business_capability_update", {"max_daily_conversations_per_business": "TIER_2K"}, "LIMITS", None),
    ],
)
def test_every_field_says_what_happened_to_what(field: str, value: Any, said: str, subject: str | None) -> None:
    found = event(field, value)

    assert (found.field, found.event, found.subject) == (field, said, subject)
    assert found.detail == value


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ({"event": "APPROVED"}, STATUS),
        ({"previous_quality_score": "GREEN", "new_quality_score": "RED"}, QUALITY),
        ({"new_category": "MARKETING"}, CATEGORY),
    ],
)
@pytest.mark.parametrize("printed", ["messages", "message_template_status_update", "something_else"])
def test_what_names_a_template_is_told_by_its_shape(printed: str, value: Any, meant: str) -> None:
    """Meta's own sample of the quality update names another field."""
    assert event(printed, {**TEMPLATE, **value}).field == meant


def test_errors_of_no_message_are_about_their_number() -> None:
    value = {"metadata": {"phone_number_id": "106"}, "errors": [{"code": "131031", "title": "t"}, "x", {"title": "u"}]}

    parsed = parse("messages", value)

    first, second = parsed.items
    assert first == AccountEvent("messages", "error", "106", None, AT, "102", {"code": 131031, "title": "t"})
    assert isinstance(second, AccountEvent)
    assert second.detail == {"code": 0, "title": "u"}
    assert parsed.quarantined == ["entry[0].changes[0].errors[1]: not an object"]


def test_errors_of_an_on_premises_client_are_about_the_one_number_it_has() -> None:
    (found,) = parse_webhook(b'{"errors": [{"code": 1031}]}').items

    assert found == AccountEvent("messages", "error", ON_PREMISES, detail={"code": 1031})


def test_what_people_dial_is_learnt_from_ordinary_webhooks() -> None:
    metadata = {"phone_number_id": "106", "display_phone_number": "+1 555-010-0001"}

    assert parse("messages", {"metadata": metadata, "statuses": []}).items == [OurNumber("106", "15550100001")]


@pytest.mark.parametrize("display", [None, 15550100001, "", "call us", "1" * 30, "\0", "1234"])
def test_what_nobody_can_dial_is_not_learnt(display: object) -> None:
    metadata = {"phone_number_id": "106", "display_phone_number": display}

    assert parse("messages", {"metadata": metadata, "statuses": []}).items == []


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        (STATUS, {"event": "PAUSED"}, "message_template_name is missing"),
        (STATUS, TEMPLATE, "event is missing"),
        (STATUS, {**TEMPLATE, "event": ["PAUSED"]}, "event is not usable text of 1 to 64 characters"),
        (QUALITY, {**TEMPLATE, "new_quality_score": 7}, "new_quality_score is not usable text of 1 to 64 characters"),
        (CATEGORY, {**TEMPLATE, "new_category": None}, "new_category is missing"),
        (STATUS, {"event": "PAUSED", "message_template_name": "a\0b"}, "message_template_name is not usable text"),
        ("phone_number_quality_update", {}, "event is missing"),
        ("account_update", {"event": "x" * 65}, "event is not usable text of 1 to 64 characters"),
        ("account_alerts", {"alert_info": []}, "alert_type is missing"),
        ("account_review_update", {}, "decision is missing"),
        ("messages", {"errors": {"code": 1}}, "not a list"),
    ],
)
def test_a_wrong_shape_is_quarantined_alone(field: str, value: Any, why: str) -> None:
    good = {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}
    changes = [good, {"field": field, "value": value}, good]

    parsed = parse("", {}, changes=changes)

    assert [item.event for item in parsed.items if isinstance(item, AccountEvent)] == ["ACCOUNT_DELETED"] * 2
    (found,) = parsed.quarantined
    assert found.startswith("entry[0].changes[1]")
    assert why in found


@pytest.mark.parametrize(("written", "read"), [("102", "102"), (102, "102"), (None, None), (True, None), ([], None)])
def test_whose_account_it_is_may_be_a_number_or_unsaid(written: object, read: str | None) -> None:
    assert event("account_update", {"event": "ACCOUNT_DELETED"}, id=written).account == read


def test_without_a_time_nothing_is_made_up() -> None:
    assert event("account_update", {"event": "ACCOUNT_DELETED"}, time=None).at is None


def test_odd_values_beside_the_event_can_be_stored() -> None:
    body = json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [
                {"changes": [{"field": "account_update", "value": {"event": "X", "odd": "a\0b", "more": "HERE"}}]}
            ],
        }
    ).encode()

    (found,) = parse_webhook(body.replace(b'"HERE"', b"1e999")).items

    assert isinstance(found, AccountEvent)
    assert found.detail == {"event": "X", "odd": "a�b", "more": None}


def test_fields_nobody_reads_stay_what_they_were() -> None:
    assert parse("account_settings_update", {"event": "X"}).items == [Other("account_settings_update")]
