"""What the platform accepts as a message, and the code with which it refuses the rest."""

from typing import Any

import orjson
import pytest

from campaign.simulator.cloud_reading import read
from campaign.simulator.dialect import ReadReceipt, Refusal, Submission
from campaign.simulator.template_use import Part, TemplateUse


def template_body(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+33 6 00 00 00 01",
        "type": "template",
        "biz_opaque_callback_data": "c1.x",
        "template": {
            "name": "spring_sale",
            "language": {"code": "fr"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Ada"}]}],
        },
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not ...}


def submitted(body: dict[str, Any]) -> Submission:
    submission = read(orjson.dumps(body))
    assert isinstance(submission, Submission), submission
    return submission


def component(**fields: Any) -> dict[str, Any]:
    return {"name": "spring_sale", "language": {"code": "fr"}, "components": [fields]}


def test_a_template_message_is_read_with_its_person_and_template() -> None:
    submission = submitted(template_body())

    assert submission.to == "+33 6 00 00 00 01"
    assert submission.person == "33600000001"
    assert submission.callback_data == "c1.x"
    assert submission.template == TemplateUse(("spring_sale", "fr"), Part(body=1))


def test_content_is_the_message_without_its_recipient_and_callback_data() -> None:
    one = submitted(template_body())
    two = submitted(template_body(to="+33600000002", biz_opaque_callback_data="c1.y"))
    three = submitted(template_body(template={"name": "launch_demo", "language": {"code": "fr"}}))

    assert one.content == two.content != three.content


def test_the_media_of_a_message_are_found_wherever_they_are() -> None:
    header = {"type": "header", "parameters": [{"type": "image", "image": {"id": "7"}}]}
    used = submitted(template_body(template={"name": "a", "language": {"code": "fr"}, "components": [header]}))

    assert used.media == ("7",)
    assert submitted(template_body(type="audio", template=..., audio={"id": "8"})).media == ("8",)


def test_a_read_receipt_needs_nobody_to_go_to() -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"}

    assert read(orjson.dumps(body)) == ReadReceipt("wamid.x")
    assert read(orjson.dumps({**body, "to": "+33600000001"})) == Refusal(100, "Unexpected key 'to' on param message.")


def test_the_marketing_endpoint_takes_templates_and_two_members_of_its_own() -> None:
    own = {"product_policy": "STRICT", "message_activity_sharing": True}
    there = read(orjson.dumps(template_body(**own)), endpoint="marketing_messages")
    text = read(
        orjson.dumps(template_body(type="text", template=..., text={"body": "a"})), endpoint="marketing_messages"
    )
    here = read(orjson.dumps(template_body(**own)))

    assert isinstance(there, Submission)
    assert there.strict_policy
    assert isinstance(text, Refusal)
    assert isinstance(here, Refusal)
    assert (text.code, here.code) == (131055, 100)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"messaging_product": ...}, 100),
        ({"messaging_product": "telegram"}, 100),
        ({"to": ...}, 100),
        ({"to": 33600000001}, 100),
        ({"to": "somebody"}, 131009),
        ({"to": "+()"}, 131009),
        ({"recipient_type": ["individual"]}, 100),
        ({"type": ...}, 100),
        ({"type": "fax"}, 131051),
        ({"namespace": "x"}, 100),
        ({"text": {"body": "a second type"}}, 100),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"biz_opaque_callback_data": 7}, 100),
        ({"template": ...}, 131008),
        ({"template": []}, 100),
        ({"template": {"language": {"code": "fr"}}}, 131008),
        ({"template": {"name": "spring_sale"}}, 131008),
        ({"template": {"name": "spring_sale", "language": "fr"}}, 100),
        ({"template": {"name": "spring_sale", "language": {"policy": "deterministic"}}}, 131008),
        ({"template": {"name": "a", "language": {"code": "fr"}, "components": {}}}, 100),
        ({"template": component(parameters=[])}, 131008),
        ({"template": component(type="body", parameters={})}, 100),
        ({"template": component(type="body", parameters=[{"type": "text", "text": ""}])}, 131008),
        ({"template": component(type="body", parameters=["Ada"])}, 100),
        ({"template": component(type="button", sub_type="url", parameters=[])}, 131008),
        ({"type": "text", "template": ..., "text": {"body": ""}}, 131008),
        ({"type": "text", "template": ..., "text": {"body": ["a"]}}, 100),
        ({"type": "text", "template": ..., "text": {"body": "x" * 4097}}, 100),
        ({"type": "image", "template": ..., "image": {"caption": "no image"}}, 131008),
        ({"type": "contacts", "template": ..., "contacts": []}, 131008),
        ({"type": "voice", "template": ..., "voice": {"id": "1"}}, 131051),
        ({"type": "text", "template": ..., "text": {"body": "a"}, "preview_url": True}, 100),
        ({"context": {"message_id": " wamid.x"}}, 131009),
        (
            {
                "type": "reaction",
                "template": ...,
                "reaction": {"message_id": "a", "emoji": ""},
                "context": {"message_id": "a"},
            },
            100,
        ),
    ],
)
def test_a_malformed_message_is_refused_with_the_platforms_code(changes: dict[str, Any], code: int) -> None:
    refusal = read(orjson.dumps(template_body(**changes)))

    assert isinstance(refusal, Refusal)
    assert refusal.code == code


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"text"', b"\xff"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    assert isinstance(read(raw), Refusal)


def test_a_refusal_does_not_repeat_the_number() -> None:
    refusal = read(orjson.dumps(template_body(to="+33600000001x")))

    assert isinstance(refusal, Refusal)
    assert "336" not in refusal.details
