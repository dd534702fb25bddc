"""The Cloud API's spelling of answers and webhooks."""

import base64
from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from campaign.simulator.cloud import CloudDialect
from campaign.simulator.cloud_errors import CLOUD_ERRORS
from campaign.simulator.dialect import (
    Event,
    FieldEvent,
    InboundEvent,
    Manner,
    Message,
    Refusal,
    StatusEvent,
    Submission,
)
from campaign.simulator.reasons import Reason

DIALECT = CloudDialect(business_account_id="102")
SUBMISSION = Submission(to="+33600000001", person="33600000001", content="c0", callback_data="c1.x", template=None)


def message(number: str = "106") -> Message:
    return Message(1, 1790000000.9, number, "wamid.1", SUBMISSION, "marketing", held=False)


def entries(events: Sequence[Event], manner: Manner | None = None) -> list[Any]:
    body = orjson.loads(DIALECT.envelope(events, manner or Manner()))
    assert body["object"] == "whatsapp_business_account"
    return list(body["entry"])


def changes(events: Sequence[Event], manner: Manner | None = None) -> list[Any]:
    (entry,) = entries(events, manner)
    assert entry["id"] == "102"
    return list(entry["changes"])


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


def test_one_persons_price_can_be_told_otherwise() -> None:
    told = {"33600000001": {"billable": False, "type": "free_entry_point", "pricing_model": None}}

    (change,) = changes([StatusEvent(message(), "delivered", 1.0)], Manner(pricing=told))

    assert change["value"]["statuses"][0]["pricing"] == {
        "billable": False,
        "type": "free_entry_point",
        "category": "marketing",
    }


def test_a_failed_status_carries_its_code() -> None:
    (change,) = changes([StatusEvent(message(), "failed", 1.0, 131049)])

    assert [error["code"] for error in change["value"]["statuses"][0]["errors"]] == [131049]


def test_callback_data_may_be_missing_on_failed_alone() -> None:
    """The platform does not promise it there."""
    events = [StatusEvent(message(), "sent", 1.0), StatusEvent(message(), "failed", 2.0, 132015)]

    (change,) = changes(events, Manner(callback_data_on_failed=False))

    sent, failed = change["value"]["statuses"]
    assert "biz_opaque_callback_data" in sent
    assert "biz_opaque_callback_data" not in failed


def test_the_statuses_of_one_number_share_a_change() -> None:
    events = [StatusEvent(message(number), "sent", 1.0) for number in ("106", "107", "106")]

    found = {c["value"]["metadata"]["phone_number_id"]: len(c["value"]["statuses"]) for c in changes(events)}

    assert found == {"106": 2, "107": 1}


def test_news_say_when_and_whose_they_are_and_messages_do_not() -> None:
    ours = [FieldEvent("account_update", {"event": each}, 7) for each in ("A", "B")]
    others = FieldEvent("account_update", {"event": "C"}, 7, account="103")

    found = entries([*ours, others, StatusEvent(message(), "sent", 1.0)])

    said = [(entry["id"], entry.get("time"), [change["field"] for change in entry["changes"]]) for entry in found]
    assert said == [("102", 7, ["account_update"] * 2), ("103", 7, ["account_update"]), ("102", None, ["messages"])]


def test_only_v23_has_conversations_and_only_sent_says_when_one_ends() -> None:
    events = [StatusEvent(message(), status, 5.0) for status in ("sent", "delivered", "read")]
    (new,), (old,) = changes(events), changes(events, Manner(conversations=True))

    sent, delivered, read = old["value"]["statuses"]
    assert not any("conversation" in status for status in new["value"]["statuses"])
    assert sent["conversation"]["id"] == delivered["conversation"]["id"]
    assert sent["conversation"]["origin"] == {"type": "marketing"}
    assert sent["conversation"]["expiration_timestamp"] == "86405"
    assert "expiration_timestamp" not in delivered["conversation"]
    assert "conversation" not in read


def test_an_error_is_told_whole() -> None:
    (change,) = changes([StatusEvent(message(), "failed", 1.0, 131049)])

    (error,) = change["value"]["statuses"][0]["errors"]
    assert set(error) == {"code", "title", "message", "error_data", "href"}
    assert error["error_data"]["details"]


def test_a_hidden_number_is_nowhere_in_what_is_told_of_a_person() -> None:
    manner = Manner(scoped=1)
    written = InboundEvent("106", "33600000001", "Ada", "wamid.2", 5.0, {"type": "text", "text": {"body": "Hi"}})

    told, heard = (
        change["value"]
        for change in sorted(
            changes([StatusEvent(message(), "sent", 1.0), written], manner), key=lambda c: "messages" in c["value"]
        )
    )

    name = told["statuses"][0]["recipient_user_id"]
    assert name.startswith("FR.")
    assert (told["contacts"][0]["user_id"], heard["contacts"][0]["user_id"]) == (name, name)
    assert heard["messages"][0]["from_user_id"] == name
    assert "33600000001" not in orjson.dumps([told, heard]).decode()


def test_the_same_people_are_hidden_every_time() -> None:
    people = [f"336{n:08d}" for n in range(1000)]
    few, more = ({person for person in people if Manner(scoped=share).hides(person)} for share in (0.2, 0.5))

    assert few < more
    assert 100 < len(few) < 300


def test_every_reason_has_a_code_the_platform_lists() -> None:
    assert set(DIALECT.codes) == set(Reason)
    assert set(DIALECT.codes.values()) <= set(CLOUD_ERRORS)
