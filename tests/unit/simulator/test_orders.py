"""What an order to post something becomes on the wire."""

from typing import Any

import pytest

from campaign.simulator.cloud import CloudDialect
from campaign.simulator.desk import Desk, Timed
from campaign.simulator.dialect import FieldEvent, RawEvent, StatusEvent
from campaign.simulator.orders import order_of
from campaign.simulator.profile import Profile, ProfileError
from campaign.simulator.templates import DEFAULT_TEMPLATES, Shelf, Template, TemplateStatus
from campaign.simulator.windows import Windows

SALE = ("spring_sale", "fr")
NOW = 1790000000


def desk() -> Desk:
    dialect = CloudDialect(business_account_id="102")
    return Desk(NOW + 0.9, "106", Shelf(DEFAULT_TEMPLATES), Windows(), dialect)


def read(written: dict[str, Any]) -> Timed:
    order = order_of(written)
    assert not isinstance(order, str), order
    return order


def news(written: dict[str, Any], at: Desk | None = None) -> FieldEvent:
    event = read(written).event(at or desk())
    assert isinstance(event, FieldEvent)
    return event


def value(written: dict[str, Any], at: Desk | None = None) -> dict[str, Any]:
    found = news(written, at).value
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("written", "field", "said"),
    [
        ({"field": "security", "value": {"event": "X"}}, "security", {"event": "X"}),
        (
            {"template": "spring_sale", "event": "PAUSED"},
            "message_template_status_update",
            {"event": "PAUSED", "message_template_name": "spring_sale", "message_template_language": "fr"},
        ),
        (
            {"template": "spring_sale", "event": "DISABLED", "language": "en_US"},
            "message_template_status_update",
            {"disable_info": {"disable_date": NOW}, "message_template_language": "en_US", "reason": "NONE"},
        ),
        (
            {"template": "spring_sale", "quality": "RED", "previous": "GREEN"},
            "message_template_quality_update",
            {"previous_quality_score": "GREEN", "new_quality_score": "RED"},
        ),
        (
            {"template": "spring_sale", "category": "UTILITY"},
            "template_category_update",
            {"previous_category": "MARKETING", "new_category": "UTILITY"},
        ),
        (
            {"template": "spring_sale", "correct_category": "UTILITY"},
            "template_category_update",
            {"new_category": "MARKETING", "correct_category": "UTILITY", "category_update_timestamp": NOW + 86400},
        ),
        (
            {"number_event": "FLAGGED", "limit": "TIER_1K"},
            "phone_number_quality_update",
            {"display_phone_number": "15550100106", "event": "FLAGGED", "current_limit": "TIER_1K"},
        ),
        (
            {"account_event": "ACCOUNT_VIOLATION"},
            "account_update",
            {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SPAM"}},
        ),
        (
            {"account_event": "DISABLED_UPDATE", "more": {"ban_info": {"waba_ban_state": "REINSTATE"}}},
            "account_update",
            {"ban_info": {"waba_ban_state": "REINSTATE"}},
        ),
        ({"alert": "PROFILE_PICTURE_LOST"}, "account_alerts", {"entity_type": "PHONE_NUMBER", "entity_id": "106"}),
        (
            {"capability": 2000},
            "business_capability_update",
            {"max_daily_conversations_per_business": 2000},
        ),
        ({"errors": [131031]}, "messages", {"messaging_product": "whatsapp"}),
    ],
)
def test_a_short_form_becomes_the_words_of_its_field(written: dict[str, Any], field: str, said: dict[str, Any]) -> None:
    event = news(written)

    assert (event.field, event.at) == (field, NOW)
    assert isinstance(event.value, dict)
    assert event.value.items() >= said.items()


def test_the_timestamp_of_a_preference_is_a_number() -> None:
    found = value({"preference": "stop", "from": "33600000001", "at": 5})

    (wish,) = found["user_preferences"]
    assert wish["timestamp"] == 5
    assert (wish["wa_id"], wish["value"], wish["category"]) == ("33600000001", "stop", "marketing_messages")
    assert found["metadata"] == {"display_phone_number": "15550100106", "phone_number_id": "106"}


def test_errors_of_an_account_are_told_whole() -> None:
    (error,) = value({"errors": [131031]})["errors"]

    assert (error["code"], error["title"]) == (131031, "Account has been locked")
    assert {"message", "error_data", "href"} <= set(error)


def test_when_and_whose_it_is_can_be_said() -> None:
    event = news({"account_event": "ACCOUNT_DELETED", "time": 3, "account": "103"})

    assert (event.at, event.account) == (3, "103")


def test_what_is_told_of_a_template_holds_from_then_on() -> None:
    at = desk()

    value({"template": "spring_sale", "event": "DISABLED"}, at)
    value({"template": "spring_sale", "category": "UTILITY"}, at)

    sale = at.shelf.find(SALE)
    assert isinstance(sale, Template)
    assert (sale.status, at.shelf.category(SALE)) == (TemplateStatus.DISABLED, "utility")


def test_a_status_may_be_of_a_message_nobody_sent() -> None:
    ordered = {"status": "failed", "to": "33600000001", "code": 131050, "callback_data": "c1.y", "at": 7}
    first, second = (read(ordered).event(desk()) for _ in range(2))

    assert isinstance(first, StatusEvent)
    assert isinstance(second, StatusEvent)
    assert (first.status, first.code, first.at, first.message.number) == ("failed", 131050, 7, "106")
    assert first.message.submission.callback_data == "c1.y"
    assert first.message.message_id != second.message.message_id


def test_who_deletes_a_message_is_who_wrote_it() -> None:
    at = desk()
    at.windows.write("107", "33600000001", "wamid.9", NOW)

    event = read({"deleted": "wamid.9"}).event(at)

    assert isinstance(event, StatusEvent)
    assert (event.status, event.message.message_id, event.message.number) == ("deleted", "wamid.9", "107")
    assert event.message.submission.person == "33600000001"


@pytest.mark.parametrize(
    ("written", "event"),
    [
        ({"raw": "{"}, RawEvent(b"{")),
        ({"raw_base64": "AP8="}, RawEvent(b"\x00\xff")),
        ({"raw": "{}", "signed": False}, RawEvent(b"{}", "")),
        ({"raw": "{}", "signed": "sha1=00"}, RawEvent(b"{}", "sha1=00")),
    ],
)
def test_a_raw_body_stays_as_it_is(written: dict[str, Any], event: RawEvent) -> None:
    assert read(written).event(desk()) == event


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ({}, "an order has one of raw"),
        ([], "an order has one of raw"),
        ({"template": "spring_sale"}, "write one of event, quality"),
        ({"template": "spring_sale", "event": "PAUSED", "quality": "RED"}, "write one of event, quality"),
        ({"preference": "maybe", "from": "336"}, "preference: Input should be 'stop' or 'resume'"),
        ({"preference": "stop", "from": "Ada"}, "from: String should match"),
        ({"raw_base64": "?"}, "raw_base64 is not base64"),
        ({"capability": 1, "after_s": -1}, "after_s: Input should be greater"),
        ({"capability": 1, "afters": 1}, "afters: Extra inputs"),
    ],
)
def test_an_order_nobody_understands_says_what_is_wrong(written: object, complaint: str) -> None:
    said = order_of(written)

    assert isinstance(said, str)
    assert complaint in said


def test_a_schedule_is_checked_with_its_profile_and_kept_by_a_live_change() -> None:
    schedule = [
        {"after_s": 5, "field": "security", "value": {}},
        {"after_s": 6, "template": "spring_sale", "event": "PAUSED"},
        {"preference": "stop", "from": "33600000001", "more": {"x": 1}},
        {"raw": "{", "repeat": 2},
        {"status": "played", "to": "33600000001"},
        {"alert": "OBA_APPROVED"},
    ]
    profile = Profile().changed({"schedule": schedule})

    assert [order.after_s for order in profile.schedule] == [5, 6, 0, 0, 0, 0]
    assert profile.changed({"drop": 0.5}).schedule == profile.schedule
    assert Profile().changed(profile.model_dump(mode="json")) == profile
    with pytest.raises(ProfileError, match=r"schedule\.0"):
        Profile().changed({"schedule": [{"after_s": 5}]})


def test_a_number_is_said_to_be_as_the_news_of_it_say() -> None:
    at = desk()

    value({"number_event": "FLAGGED", "number": "7", "number_status": "FLAGGED", "number_quality": "RED"}, at)
    value({"number_event": "UNFLAGGED", "number": "7", "number_status": "CONNECTED"}, at)

    assert (at.conditions.of("7").status, at.conditions.of("7").quality_rating) == ("CONNECTED", "RED")
    assert at.conditions.of("8").status is None


def test_a_template_is_listed_with_the_quality_that_was_told() -> None:
    at = desk()

    value({"template": "spring_sale", "quality": "RED"}, at)

    sale = at.shelf.find(SALE)
    assert sale is not None
    assert sale.quality == "RED"
