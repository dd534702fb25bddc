import json
from typing import Any

import pytest

from campaign.adapters.whatsapp.cloud import CloudWire
from campaign.adapters.whatsapp.wire import table_of
from campaign.domain.answers import Action
from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected, Scope, Unclear
from campaign.ports import Post, Route

TABLE = table_of("cloud")
LISTED = TABLE.listed
WIRE = CloudWire(TABLE, base_url="https://graph.facebook.com/", version="v23.0")
POST = Post("106540352242922", "+33612345678", b'{"type":"text"}', "c1.x.y.0.1")
RECEIPT = POST._replace(content=b'{"message_id":"wamid.in","status":"read"}')

ID = "wamid.HBgLMzM2MTIzNDU2NzgVAgARGBI5"


def understand(status: int, answer: bytes, post: Post = POST) -> Outcome:
    return WIRE.understand(post, status, {}, answer)


def body(answer: Any) -> bytes:
    return json.dumps(answer).encode()


def taken(*messages: Any) -> bytes:
    return body({"messaging_product": "whatsapp", "contacts": [{"wa_id": "1"}], "messages": list(messages)})


def error(code: Any, **more: Any) -> bytes:
    return body({"error": {"message": "(#1) words", "type": "OAuthException", "code": code, **more}})


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (taken({"id": ID}), Accepted(ID)),
        (taken({"id": ID, "message_status": "accepted"}), Accepted(ID)),
        (taken({"id": ID, "message_status": "held_for_quality_assessment"}), Accepted(ID, held=True)),
        (taken({"id": ID, "message_status": "paused"}), Accepted(ID, held=True)),
        (taken({"id": ID, "message_status": ["paused"]}), Accepted(ID)),
        (taken({"id": ID, "message_status": None}), Accepted(ID)),
        (taken({"id": "i" * 512}), Accepted("i" * 512)),
        (taken({"id": "i" * 513}), Unclear("no_message_id")),
        (taken({"id": ""}), Unclear("no_message_id")),
        (taken({"id": 7}), Unclear("no_message_id")),
        (taken({"id": "a\0b"}), Unclear("no_message_id")),
        (taken({}), Unclear("no_message_id")),
        (taken(), Unclear("no_message_id")),
        (taken({"id": ID}, {"id": "wamid.2"}), Unclear("no_message_id")),
        (taken("wamid"), Unclear("no_message_id")),
        (body({"messages": {"id": ID}}), Unclear("no_message_id")),
        (body({"contacts": []}), Unclear("no_message_id")),
        (error(130429), Unclear("no_message_id")),
        (b"", Unclear("unreadable")),
        (b"<html>OK</html>", Unclear("unreadable")),
        (b'{"messages":[{"id":"wamid', Unclear("unreadable")),
        (b"\xff\xfe", Unclear("unreadable")),
        (b"null", Unclear("unreadable")),
        (taken({"id": ID})[:-1] + b',"x":NaN}', Unclear("unreadable")),
        (b"[" * 100_000, Unclear("unreadable")),
    ],
)
def test_only_a_200_with_exactly_one_message_id_was_accepted(answer: bytes, outcome: Outcome) -> None:
    assert understand(200, answer) == outcome


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (400, error(131026), Rejected(131026)),
        (404, error(132001), Rejected(132001, Halt.TEMPLATE)),
        (400, error(132015), Rejected(132015, Halt.TEMPLATE)),
        (429, error(130429), NotNow(130429, Scope.SHARD, 1.0)),
        (400, error(131056), NotNow(131056, Scope.PERSON, 1.0)),
        (400, error(80007), NotNow(80007, Scope.NUMBER, 60.0, longest_seconds=3600.0, slows=True)),
        (400, error(4), NotNow(4, Scope.NUMBER, 60.0, longest_seconds=3600.0, slows=True)),
        (401, error(190, error_subcode=463), NotNow(190, Scope.NUMBER, 1.0, Halt.TOKEN)),
        (403, error(131031), NotNow(131031, Scope.NUMBER, 1.0, Halt.ACCOUNT)),
        (400, error(999_999), Unclear("unlisted_code", code=999_999)),
        (400, error(2), Unclear("listed_unclear", code=2, rest_seconds=300.0)),
        (400, error("131026"), Unclear("http_400")),
        (400, error(131026.0), Unclear("http_400")),
        (400, error(False), Unclear("http_400")),
        (400, error(True), Unclear("http_400")),
        (400, error(None), Unclear("http_400")),
        (400, error(10**12), Unclear("http_400")),
        (400, error(-1), Unclear("http_400")),
        (400, body({"error": {"message": "no code"}}), Unclear("http_400")),
        (400, body({"error": "131026"}), Unclear("http_400")),
        (400, body({"error": [131026]}), Unclear("http_400")),
        (400, body({}), Unclear("http_400")),
        (400, b"<html>Bad Request</html>", Unclear("unreadable")),
        (400, taken({"id": ID}), Unclear("http_400")),
        (500, error(131026), Unclear("server_error", code=131026)),
        (500, error(999_999), Unclear("http_500", code=999_999)),
        (500, error(3), Unclear("server_error", code=3, rest_seconds=1.0, halt=Halt.ACCOUNT)),
        (503, error(130429), Unclear("server_error", code=130429)),
        (500, error(2), Unclear("listed_unclear", code=2, rest_seconds=300.0)),
        (502, b"<html>Bad Gateway</html>", Unclear("unreadable")),
        (504, b"", Unclear("unreadable")),
        (500, taken({"id": ID}), Unclear("http_500")),
        (201, taken({"id": ID}), Unclear("http_201")),
        (204, b"", Unclear("unreadable")),
        (307, b"", Unclear("unreadable")),
        (302, error(131026), Unclear("http_302", code=131026)),
    ],
)
def test_only_a_4xx_with_a_listed_code_was_refused(status: int, answer: bytes, outcome: Outcome) -> None:
    assert understand(status, answer) == outcome


@pytest.mark.parametrize("status", [*range(100, 200), *range(201, 400), *range(500, 600)])
def test_no_listed_code_means_anything_beyond_4xx(status: int) -> None:
    assert {type(understand(status, error(code))) for code in LISTED} == {Unclear}


@pytest.mark.parametrize("code", sorted(LISTED))
def test_a_listed_code_means_what_its_table_says_and_carries_itself(code: int) -> None:
    outcome = understand(400, error(code))

    assert outcome == LISTED[code]
    assert isinstance(outcome, NotNow | Rejected | Unclear)
    assert outcome.code == code


@pytest.mark.parametrize("code", [1, 2, 131000, 131016, 133004])
def test_what_does_not_document_non_acceptance_stays_unclear(code: int) -> None:
    assert isinstance(understand(400, error(code)), Unclear)


def test_the_envelope_is_the_message_with_address_and_reference() -> None:
    content = {"type": "text", "text": {"body": 'Zoë said "hi" \\ 👋'}}
    post = Post("106540352242922", "+33612345678", json.dumps(content, ensure_ascii=False).encode(), "c1.x.y.0.1")

    assert json.loads(WIRE.envelope(post)) == content | {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+33612345678",
        "biz_opaque_callback_data": "c1.x.y.0.1",
    }


def test_the_envelope_keeps_the_rendered_bytes_as_they_are() -> None:
    content = b'{"text":{"body":"caf\xc3\xa9"},"type":"text"}'

    assert WIRE.envelope(Post("1", "+1", content, "c1")).endswith(content[1:])


def test_the_members_of_a_route_stand_in_the_envelope() -> None:
    post = POST._replace(route=Route("marketing_messages", b'"message_activity_sharing":false,'))

    assert json.loads(WIRE.envelope(post))["message_activity_sharing"] is False
    assert str(WIRE.url(post)) == "https://graph.facebook.com/v23.0/106540352242922/marketing_messages"


def test_a_read_receipt_has_no_address_and_no_reference() -> None:
    assert json.loads(WIRE.envelope(RECEIPT)) == {
        "messaging_product": "whatsapp",
        "message_id": "wamid.in",
        "status": "read",
    }


@pytest.mark.parametrize(
    ("post", "answer", "outcome"),
    [
        (RECEIPT, {"success": True}, Accepted("wamid.in")),
        (RECEIPT, {"success": False}, Unclear("no_message_id")),
        (RECEIPT, {"success": "true"}, Unclear("no_message_id")),
        (RECEIPT, {}, Unclear("no_message_id")),
        (RECEIPT._replace(content=b'{"message_id":7,"status":"read"}'), {"success": True}, Unclear("no_message_id")),
        (POST, {"success": True}, Unclear("no_message_id")),
        (POST, {"success": True, "messages": [{"id": ID}]}, Accepted(ID)),
    ],
)
def test_success_alone_accepts_read_receipts_and_nothing_else(post: Post, answer: Any, outcome: Outcome) -> None:
    assert understand(200, body(answer), post) == outcome


def test_an_operator_may_say_what_a_code_means() -> None:
    wire = CloudWire(table_of("cloud", {2: Action.LATER, 999_999: Action.REJECT}), base_url="http://x", version="v23.0")

    assert wire.understand(POST, 503, {}, error(2)) == NotNow(2, Scope.NUMBER, 300.0)
    assert wire.understand(POST, 400, {}, error(999_999)) == Rejected(999_999)
