"""Where the On-Premises client reads otherwise than the Cloud API."""

from typing import Any

import orjson
import pytest

from campaign.simulator.dialect import Refusal, Submission
from campaign.simulator.on_premises_reading import read
from tests.unit.simulator.bodies import button, interactive, replies, template, words


def body(**changes: Any) -> bytes:
    whole = {"to": "+33600000001", "type": "text", "text": {"body": "Hello"}, **changes}
    return orjson.dumps({name: value for name, value in whole.items() if value is not ...})


def single_button() -> dict[str, Any]:
    pressed = button("url", words())
    del pressed["index"]
    return template(pressed)


@pytest.mark.parametrize(
    "changes",
    [
        {"preview_url": True, "ttl": "P1D", "recipient_type": "individual"},
        {"messaging_product": "whatsapp", "biz_opaque_callback_data": "x" * 600, "anything": 1},
        {"text": {"body": "Hello", "preview_url": "whatever"}},
        {"type": "voice", "text": ..., "voice": {"id": "1"}},
        {"type": "template", "text": ..., "template": template(namespace="ns_1")},
        {"type": "template", "text": ..., "template": single_button()},
        {"type": "interactive", "text": ..., "interactive": interactive("button", {"buttons": replies(" a ")})},
    ],
)
def test_the_client_takes_what_the_cloud_api_refuses(changes: dict[str, Any]) -> None:
    read_body = read(body(**changes))

    assert isinstance(read_body, Submission), read_body
    assert read_body.callback_data is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ...}, 1008),
        ({"to": "somebody"}, 1009),
        ({"type": ...}, 1008),
        ({"type": "fax"}, 1009),
        ({"recipient_type": "crowd"}, 1002),
        ({"text": {"body": "x" * 4097}}, 1001),
        ({"type": "hsm", "text": ..., "hsm": {"element_name": "a"}}, 1009),
        ({"type": "template", "text": ..., "template": {"name": "a", "language": {"code": "fr"}}}, 1008),
        ({"type": "interactive", "text": ..., "interactive": interactive("carousel", {"cards": []})}, 1009),
    ],
)
def test_a_malformed_message_is_refused_with_the_clients_code(changes: dict[str, Any], code: int) -> None:
    refusal = read(body(**changes))

    assert isinstance(refusal, Refusal)
    assert refusal.code == code


def test_what_is_no_json_is_no_valid_request() -> None:
    assert read(b"{") == Refusal(1025, "The request body is not JSON")
