"""The Cloud API's spelling of answers and webhooks."""

import base64
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from campaign.simulator.cloud import CloudDialect
from campaign.simulator.cloud_errors import CLOUD_ERRORS
from campaign.simulator.dialect import Message, Refusal, StatusEvent, Submission, TemplateEvent
from campaign.simulator.reasons import Reason

DIALECT = CloudDialect(business_account_id="102")
SUBMISSION = Submission(to="+33600000001", person="33600000001", content="c0", callback_data="c1.x", template=None)


def message(number: str = "106") -> Message:
    return Message(1, 1790000000.9, number, "wamid.1", SUBMISSION, "marketing", held=False)


def changes(events: Sequence[StatusEvent | TemplateEvent], *, callback_data_on_failed: bool = True) -> list[Any]:
    body = orjson.loads(DIALECT.envelope(events, callback_data_on_failed=callback_data_on_failed))
    assert body["object"] == "whatsapp_business_account"
    assert [entry["id"] for entry in body["entry"]] == ["102"]
    return list(body["entry"][0]["changes"])


def test_an_accepted_message_is_answered_with_its_id_and_contact() -> None:
    answer = DIALECT.accepted(SUBMISSION, "wamid.1", held=False)

    assert answer.status == 200
    assert orjson.loads(answer.body) == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+33600000001", "wa_id": "33600000001"}],
        "messages": [{"id": "wamid.1", "message_status": "accepted"}],
    }


def test_a_held_message_says_so() -> None:
    answer = orjson.loads(DIALECT.accepted(SUBMISSION, "wamid.1", held=True).body)

    assert answer["messages"][0]["message_status"] == "held_for_quality_assessment"


def test_a_message_id_is_base64_around_the_number_and_never_the_same() -> None:
    first, second = DIALECT.new_message_id("33600000001"), DIALECT.new_message_id("33600000001")

    assert first != second
    assert b"33600000001" in base64.b64decode(first.removeprefix("wamid."), validate=True)


@pytest.mark.parametrize(
    ("code", "status"),
    [(190, 401), (368, 403), (2, 503), (131000, 500), (132001, 404), (130429, 400), (250, 403), (999999, 400)],
)
def test_an_error_comes_with_the_status_of_the_platforms_table(code: int, status: int) -> None:
    answer = DIALECT.refused(Refusal(code, "why"), statuses={})

    error = orjson.loads(answer.body)["error"]
    assert answer.status == status
    assert (error["code"], error["type"]) == (code, "OAuthException")
    assert error["error_data"] == {"messaging_product": "whatsapp", "details": "why"}
    assert error["message"].startswith(f"(#{code}) ")


def test_the_status_of_a_code_can_be_overridden() -> None:
    assert DIALECT.refused(Refusal(130429, "why"), statuses={130429: 429}).status == 429


def test_a_status_carries_number_callback_data_and_price() -> None:
    (change,) = changes([StatusEvent(message(), "sent", 1790000001.7)])

    assert change["field"] == "messages"
    assert change["value"]["metadata"]["phone_number_id"] == "106"
    assert change["value"]["statuses"] == [
        {
            "id": "wamid.1",
            "status": "sent",
            "timestamp": "1790000001",
            "recipient_id": "33600000001",
            "biz_opaque_callback_data": "c1.x",
            "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"},
        }
    ]


def test_a_failed_status_carries_its_code() -> None:
    (change,) = changes([StatusEvent(message(), "failed", 1.0, 131049)])

    assert [error["code"] for error in change["value"]["statuses"][0]["errors"]] == [131049]


def test_callback_data_may_be_missing_on_failed_alone() -> None:
    """The platform does not promise it there."""
    events = [StatusEvent(message(), "sent", 1.0), StatusEvent(message(), "failed", 2.0, 132015)]

    (change,) = changes(events, callback_data_on_failed=False)

    sent, failed = change["value"]["statuses"]
    assert "biz_opaque_callback_data" in sent
    assert "biz_opaque_callback_data" not in failed


def test_the_statuses_of_one_number_share_a_change() -> None:
    events = [StatusEvent(message(number), "sent", 1.0) for number in ("106", "107", "106")]

    found = {c["value"]["metadata"]["phone_number_id"]: len(c["value"]["statuses"]) for c in changes(events)}

    assert found == {"106": 2, "107": 1}


def test_template_events_have_fields_of_their_own() -> None:
    paused = TemplateEvent(("spring_sale", "fr"), 7, "MARKETING", "PAUSED", None)
    green = TemplateEvent(("spring_sale", "fr"), 7, "MARKETING", None, "GREEN")

    first, second = changes([paused, green])

    assert (first["field"], first["value"]["event"]) == ("message_template_status_update", "PAUSED")
    assert (second["field"], second["value"]["new_quality_score"]) == ("message_template_quality_update", "GREEN")
    assert first["value"]["message_template_name"] == second["value"]["message_template_name"] == "spring_sale"


def test_every_reason_has_a_code_the_platform_lists() -> None:
    assert set(DIALECT.codes) == set(Reason)
    assert set(DIALECT.codes.values()) <= set(CLOUD_ERRORS)
