"""The On-Premises client's spelling of answers and webhooks."""

from typing import Any

import orjson
import pytest

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
from campaign.simulator.on_premises import HELD, META, OnPremisesDialect
from campaign.simulator.on_premises_errors import CLIENT_ERRORS
from campaign.simulator.on_premises_reading import CODES
from campaign.simulator.reasons import Reason

SUBMISSION = Submission(to="+33600000001", person="33600000001", content="c0", callback_data=None, template=None)
MESSAGE = Message(1, 1790000000.9, "on-premises", "gBE.1", SUBMISSION, "marketing", held=False)
INBOUND = InboundEvent("on-premises", "33600000001", "Ada", "gBE.2", 5.0, {"type": "text", "text": {"body": "Hi"}})


def dialect(*, sent_status: bool = False) -> OnPremisesDialect:
    return OnPremisesDialect(settings={"sent_status": sent_status})


def body(*events: Event) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(dialect().envelope(events, Manner()))
    return found


def test_an_answer_has_the_id_and_a_word_about_it_only_when_it_is_held() -> None:
    plain = orjson.loads(dialect().accepted(SUBMISSION, "gBE.1", held=False).body)
    held = orjson.loads(dialect().accepted(SUBMISSION, "gBE.1", held=True).body)

    assert plain == {"messages": [{"id": "gBE.1"}], "meta": META}
    assert held["messages"] == [{"id": "gBE.1", "message_status": HELD}]
    assert HELD == "Message has been held because quality assessment is pending"


def test_an_id_says_nothing_of_the_person() -> None:
    first, second = dialect().new_message_id("33600000001"), dialect().new_message_id("33600000001")

    assert first != second
    assert "33600000001" not in first
    assert not first.startswith("wamid.")


@pytest.mark.parametrize(
    ("code", "status"), [(1008, 400), (1005, 403), (1016, 503), (1000, 500), (429, 429), (2001, 404), (9999, 400)]
)
def test_an_error_comes_with_its_status(code: int, status: int) -> None:
    answer = dialect().refused(Refusal(code, "why"), statuses={})

    (error,) = orjson.loads(answer.body)["errors"]
    assert (answer.status, error["code"], error["details"]) == (status, code, "why")


def test_a_failure_is_told_bare_with_its_code_and_no_callback_data() -> None:
    (status,) = body(StatusEvent(MESSAGE, "failed", 7.9, 1026))["statuses"]

    assert (status["id"], status["status"], status["timestamp"]) == ("gBE.1", "failed", "7")
    assert [(error["code"], error["title"]) for error in status["errors"]] == [(1026, "Receiver incapable")]
    assert "biz_opaque_callback_data" not in status


def test_what_somebody_writes_comes_with_who_it_was() -> None:
    assert body(INBOUND) == {
        "contacts": [{"profile": {"name": "Ada"}, "wa_id": "33600000001"}],
        "messages": [{"from": "33600000001", "id": "gBE.2", "timestamp": "5", "type": "text", "text": {"body": "Hi"}}],
    }


def test_sent_is_told_only_where_it_is_set_and_templates_never() -> None:
    sent, read = (StatusEvent(MESSAGE, each, 1.0) for each in ("sent", "read"))
    template = FieldEvent("message_template_status_update", {"event": "PAUSED"}, 7)

    assert [dialect().tells(each) for each in (sent, read, template, INBOUND)] == [False, True, False, True]
    assert dialect(sent_status=True).tells(sent)


def test_every_reason_has_a_code_the_client_lists() -> None:
    assert set(CODES) == set(Reason)
    assert set(CODES.values()) <= set(CLIENT_ERRORS)
