"""The On-Premises dialect, whose answers name errors in a list and sometimes not at all."""

import json
from typing import Any

import pytest

from campaign.adapters.whatsapp.on_premises import OnPremisesWire
from campaign.adapters.whatsapp.wire import table_of
from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected, Scope, Unclear
from campaign.ports import Post, Route
from campaign.ports.media import MediaFile

TABLE = table_of("on_premises")
WIRE = OnPremisesWire(TABLE, base_url="https://wa.example.com/")
POST = Post("on-premises", "+33612345678", b'{"text":{"body":"hello"},"type":"text"}', "c1.x.y.0.1")

ID = "gBEGkYiEB1VXAglK1ZEqA1YKPrU"
SENTENCE = "Message has been held because quality assessment is pending"
META = {"api_status": "stable", "version": "2.53.1"}


def understand(status: int, answer: Any, **headers: str) -> Outcome:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WIRE.understand(POST, status, named, body)


def taken(**message: Any) -> dict[str, Any]:
    return {"messages": [message], "meta": META}


def errors(*codes: Any) -> dict[str, Any]:
    return {"errors": [{"code": code, "title": "words", "details": "more"} for code in codes], "meta": META}


def test_a_message_is_posted_to_digits_without_what_only_the_cloud_knows() -> None:
    assert json.loads(WIRE.envelope(POST)) == {
        "recipient_type": "individual",
        "to": "33612345678",
        "type": "text",
        "text": {"body": "hello"},
    }
    assert str(WIRE.url(POST)) == "https://wa.example.com/v1/messages"


def test_a_route_of_the_cloud_changes_nothing() -> None:
    post = POST._replace(route=Route("marketing_messages", b'"product_policy":"STRICT",'))

    assert (WIRE.url(post), WIRE.envelope(post)) == (WIRE.url(POST), WIRE.envelope(POST))


def test_the_rendered_bytes_are_kept_as_they_are() -> None:
    content = b'{"text":{"body":"caf\xc3\xa9"},"type":"text"}'

    assert WIRE.envelope(POST._replace(content=content)).endswith(content[1:])


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (taken(id=ID), Accepted(ID)),
        (taken(id=ID, message_status=SENTENCE), Accepted(ID, held=True)),
        (taken(id=ID, message_status="held_for_quality_assessment"), Accepted(ID, held=True)),
        (taken(id=ID, message_status="accepted"), Accepted(ID)),
        (taken(id=ID, message_status=[SENTENCE]), Accepted(ID)),
        (taken(id=""), Unclear("no_message_id")),
        (taken(), Unclear("no_message_id")),
        ({"messages": [{"id": ID}, {"id": "2"}]}, Unclear("no_message_id")),
        (errors(1013), Unclear("no_message_id")),
        (b"<html>", Unclear("unreadable")),
        (b"", Unclear("unreadable")),
    ],
)
@pytest.mark.parametrize("status", [200, 201])
def test_only_200_and_201_with_one_message_id_were_accepted(status: int, answer: Any, outcome: Outcome) -> None:
    assert understand(status, answer) == outcome


SLOW = NotNow(429, Scope.SHARD, 1.0)
LOGIN = NotNow(401, Scope.NUMBER, 1.0, Halt.TOKEN)


@pytest.mark.parametrize(
    ("status", "answer", "outcome"),
    [
        (400, errors(1008), Rejected(1008, mistake=True)),
        (404, errors(1006), Rejected(1006)),
        (400, errors(1013), Rejected(1013, suppress="all")),
        (400, errors(2061), Rejected(2061, Halt.TEMPLATE)),
        (403, errors(1005), NotNow(1005, Scope.NUMBER, 1.0, Halt.ACCOUNT)),
        (429, errors(1015), NotNow(1015, Scope.SHARD, 1.0)),
        (400, errors(131026), TABLE.listed[131026]),
        (400, errors(7777), Unclear("unlisted_code", code=7777)),
        (400, errors(), Unclear("http_400")),
        (400, errors("1013"), Unclear("http_400")),
        (400, {"errors": {"code": 1013}}, Unclear("http_400")),
        (400, {"errors": ["1013"]}, Unclear("http_400")),
        (400, {"error": {"code": 1013}}, Unclear("http_400")),
        (400, b"<html>Bad Request</html>", Unclear("unreadable")),
        (401, errors(1005), LOGIN),
        (401, b"", LOGIN),
        (403, b"", Unclear("http_403_not_allowed")),
        (404, b"404 page not found", Unclear("http_404_no_such_path")),
        (405, {}, Unclear("http_405_wrong_method")),
        (429, b"slow down", SLOW),
        (429, {}, SLOW),
        (429, errors(429), SLOW),
        (503, b"<html>", Unclear("http_503_overloaded", rest_seconds=2.0)),
        (503, errors(1016), Unclear("server_error", code=1016)),
        (500, errors(1013), Unclear("server_error", code=1013)),
        (500, b"", Unclear("unreadable")),
        (302, errors(1013), Unclear("http_302", code=1013)),
        (202, taken(id=ID), Unclear("http_202")),
    ],
)
def test_only_a_documented_refusal_was_refused(status: int, answer: Any, outcome: Outcome) -> None:
    assert understand(status, answer) == outcome


@pytest.mark.parametrize(
    ("codes", "decides"),
    [
        ((1015, 1008), 1008),
        ((1008, 1013), 1008),
        ((1008, 1031), 1031),
        ((1015, 1014), 1014),
        ((1008, 7777), 7777),
    ],
)
def test_of_several_errors_doubt_counts_first_then_what_stops_most(codes: tuple[int, ...], decides: int) -> None:
    for order in (codes, codes[::-1]):
        outcome = understand(400, errors(*order))
        expected = decides if codes != (1008, 1013) else order[0]
        assert isinstance(outcome, NotNow | Rejected | Unclear)
        assert outcome.code == expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 1.0), ("99999999999999", 3600.0), ("soon", 1.0), ("Wed, 21 Oct 2026 07:28:00 GMT", 1.0)],
)
def test_a_message_that_came_too_fast_waits_as_long_as_it_is_told(header: str, seconds: float) -> None:
    assert understand(429, b"", Retry_After=header) == NotNow(429, Scope.SHARD, seconds)


@pytest.mark.parametrize("status", [*range(100, 200), *range(202, 400), *range(500, 600)])
def test_no_listed_code_means_anything_beyond_4xx(status: int) -> None:
    assert {type(understand(status, errors(code))) for code in TABLE.listed} == {Unclear}


def test_a_file_is_uploaded_as_it_is() -> None:
    upload = WIRE.upload("on-premises", MediaFile(b"\x01" * 32, "image/png", "a.png", b"bytes"))

    assert (str(upload.url), upload.data.read(), upload.content_type) == (
        "https://wa.example.com/v1/media",
        b"bytes",
        "image/png",
    )


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"media": [{"id": "f043afd0"}]}, "f043afd0"),
        ({"media": []}, None),
        ({"media": [{"id": ""}]}, None),
        ({}, None),
    ],
)
def test_the_id_of_a_file_is_read(answer: dict[str, Any], found: str | None) -> None:
    assert WIRE.media_id(answer) == found
