from typing import Any

import pytest

from campaign.domain.message import MESSAGE_TYPES, check_message, spelled


def template(**more: Any) -> dict[str, Any]:
    return {"type": "template", "template": {"name": "spring_sale", "language": {"code": "fr"}, **more}}


def body(*parameters: Any) -> dict[str, Any]:
    return template(components=[{"type": "body", "parameters": list(parameters)}])


GOOD = {
    "template": template(),
    "parameters": body({"type": "text", "text": "{{ x }}"}),
    "text": {"type": "text", "text": {"body": "x" * 4096}},
    "text with an expression": {"type": "text", "text": {"body": "x" * 4090 + "{{ offer }}"}},
    "image": {"type": "image", "image": {"id": "1"}, "context": {"message_id": "x"}},
    "contacts": {"type": "contacts", "contacts": [{}]},
}
CODE_REMEDY = "write language: {code: fr}, or pt_BR, as approved"
NAME = (
    "message.template.name: that is no template's name; "
    "write it as approved: a-z, 0-9 and _, at most 512, no expression"
)
PARAMETER = 'write {type: text, text: "{{ column }}"}'
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no type": ({}, f"message: the message has no 'type'; write one of {', '.join(MESSAGE_TYPES)}"),
    "near type": (
        {"type": "templat"},
        "message.type: the API knows no message of that type; did you mean 'template'?",
    ),
    "no content": ({"type": "text"}, "message: a message of type text needs 'text'; write its content under 'text:'"),
    "two contents": (
        {"type": "text", "text": {"body": "x"}, "image": {}},
        "message.image: 'image' has no place in a message of type text; leave it out, or change the type",
    ),
    "recipient": (
        {"type": "text", "text": {"body": "x"}, "to": "x"},
        "message.to: the sender fills 'to' in; leave it out",
    ),
    "list": (
        {"type": "contacts", "contacts": {}},
        "message.contacts: 'contacts' must hold a list; see the message's type in Meta's reference",
    ),
    "blank body": (
        {"type": "text", "text": {"body": " "}},
        "message.text.body: a text needs a body; write 1 to 4096 characters",
    ),
    "long body": (
        {"type": "text", "text": {"body": "x" * 4097}},
        "message.text.body: the body has 4097 characters; write at most 4096",
    ),
    "template name": (template(name="Spring"), NAME),
    "template name by expression": (template(name="{{ name }}"), NAME),
    "long template name": (template(name="x" * 513), NAME),
    "no language": (
        template(language="fr"),
        f"message.template.language: the template's language has no code; {CODE_REMEDY}",
    ),
    "language": (
        template(language={"code": "french"}),
        f"message.template.language.code: the template's language has no code; {CODE_REMEDY}",
    ),
    "components": (
        template(components={}),
        "message.template.components: 'components' must be a list; start each one with a dash",
    ),
    "component": (
        template(components=[{"type": "boby"}]),
        (
            "message.template.components[0].type: templates have no such component; "
            "write one of header, body, button, limited_time_offer, carousel, order_status"
        ),
    ),
    "bare component": (
        template(components=["body"]),
        (
            "message.template.components[0]: a component must hold keys and values; "
            "write {type: body, parameters: [...]}"
        ),
    ),
    "bare parameter": (
        body("{{ x }}"),
        f"message.template.components[0].parameters[0]: a parameter needs a type; {PARAMETER}",
    ),
    "blank parameter": (
        body({"type": "text", "text": ""}),
        f"message.template.components[0].parameters[0]: a text parameter needs a text; {PARAMETER}",
    ),
    "parameters": (
        template(components=[{"type": "body", "parameters": "x"}]),
        "message.template.components[0].parameters: 'parameters' must be a list; start each one with a dash",
    ),
    "not a number": (
        {"type": "location", "location": {"latitude": float("nan")}},
        "message.location.latitude: JSON cannot carry that number; write a finite one",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_the_api_takes_is_taken(case: str) -> None:
    assert check_message(GOOD[case]) == []


@pytest.mark.parametrize("case", BAD)
def test_what_the_api_would_refuse_is_found_with_its_path(case: str) -> None:
    message, sentence = BAD[case]
    assert [f"{spelled(fault.path)}: {fault.what}; {fault.remedy}" for fault in check_message(message)] == [sentence]


@pytest.mark.parametrize("key", ["to", "recipient", "messaging_product", "recipient_type", "biz_opaque_callback_data"])
def test_what_the_sender_fills_in_is_no_content(key: str) -> None:
    faults = check_message({**template(), key: "x"})
    assert [fault.path for fault in faults] == [(key,)]
