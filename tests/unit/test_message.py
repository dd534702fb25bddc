from typing import Any

import pytest

from campaign.domain.message import MESSAGE_TYPES, Dialect, check_message, is_free_form, spelled, text_rule
from tests.unit.catalogue.cases import GOOD, Message, component, flow, template, text

TYPES = ", ".join(MESSAGE_TYPES)
LISTED = "start each item with a dash"
KEYED = "write them indented under it, or in {...}"
NAME = "that is no template's name; write it as approved: a-z, 0-9 and _, at most 512, no expression"
FIRST = "message.template.components[0]"


def body(*parameters: Any) -> Message:
    return template(component("body", *parameters))


BAD: dict[str, tuple[Message, str]] = {
    "no type": ({}, f"message: the message has no 'type'; write one of {TYPES}"),
    "near type": (
        {"type": "templat"},
        "message.type: the API knows no message of that type; did you mean 'template'?",
    ),
    "no content": ({"type": "text"}, "message: 'text' is missing; write text: ..."),
    "two contents": (
        {"type": "text", "text": {"body": "x"}, "image": {}},
        "message.image: the platform knows no 'image' here; leave it out; text, context can stand here",
    ),
    "misspelt key": (
        {"type": "text", "text": {"body": "x", "preview": True}},
        "message.text.preview: the platform knows no 'preview' here; did you mean 'preview_url'?",
    ),
    "recipient": (
        {"type": "text", "text": {"body": "x"}, "to": "x"},
        "message.to: the sender fills 'to' in; leave it out",
    ),
    "keys": ({"type": "text", "text": "x"}, f"message.text: 'text' must hold keys and values; {KEYED}"),
    "list": ({"type": "contacts", "contacts": {}}, f"message.contacts: 'contacts' must be a list; {LISTED}"),
    "blank body": (
        {"type": "text", "text": {"body": " "}},
        "message.text.body: 'body' is blank; write 1 to 4096 characters",
    ),
    "long body": (
        {"type": "text", "text": {"body": "x" * 4097}},
        "message.text.body: 'body' has 4097 characters; write at most 4096",
    ),
    "number for text": (
        {"type": "image", "image": {"id": 12}},
        "message.image.id: 'id' must be a text; write it in quotes, as in \"12\"",
    ),
    "text for flag": (
        {"type": "text", "text": {"body": "x", "preview_url": "{{ x }}"}},
        "message.text.preview_url: that is neither true nor false; write true or false, without quotes",
    ),
    "template name": (template(name="Spring"), f"message.template.name: {NAME}"),
    "template name by expression": (
        template(name="{{ name }}"),
        "message.template.name: 'name' takes no expression; write it out: it is the same for everybody",
    ),
    "no language": (
        template(language="fr"),
        f"message.template.language: 'language' must hold keys and values; {KEYED}",
    ),
    "language": (
        template(language={"code": "french"}),
        (
            "message.template.language.code: that is no language's code; "
            "write it as approved, as in fr or pt_BR, no expression"
        ),
    ),
    "components": (template(components={}), f"message.template.components: 'components' must be a list; {LISTED}"),
    "component": (
        template(component("boby", text("x"))),
        f"{FIRST}.type: the platform knows no such type here; did you mean 'body'?",
    ),
    "bare component": (
        template(components=["body"]),
        f"{FIRST}: 'components' must hold keys and values; {KEYED}",
    ),
    "bare parameter": (body("{{ x }}"), f"{FIRST}.parameters[0]: 'parameters' must hold keys and values; {KEYED}"),
    "blank parameter": (body(text("")), f"{FIRST}.parameters[0].text: 'text' is blank; write 1 to 1024 characters"),
    "two lines": (
        body(text("a\nb")),
        (
            f"{FIRST}.parameters[0].text: the text holds a line break, a tab, a control character or more than four "
            "spaces in a row; write it in one line, without '|' or '>' before it"
        ),
    ),
    "parameters": (
        template({"type": "body", "parameters": "x"}),
        f"{FIRST}.parameters: 'parameters' must be a list; {LISTED}",
    ),
    "hsm": (
        {"type": "hsm", "hsm": {"namespace": "x"}},
        (
            "message.hsm: the Cloud API knows no 'hsm' any more; write type: template with the template's name, "
            "language and components; hsm went with version 2.39"
        ),
    ),
    "read receipt": (
        {"status": "delivered", "message_id": "x"},
        "message.status: 'status' cannot be that; write read",
    ),
    "read receipt of nothing": ({"status": "read"}, "message: 'message_id' is missing; write message_id: ..."),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_the_api_takes_is_taken(case: str) -> None:
    assert check_message(GOOD[case]) == []


@pytest.mark.parametrize("case", BAD)
def test_what_the_api_would_refuse_is_found_with_its_path(case: str) -> None:
    message, sentence = BAD[case]
    assert [f"{spelled(fault.path)}: {fault.what}; {fault.remedy}" for fault in check_message(message)] == [sentence]


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_number_json_has_no_word_for_is_found(number: float) -> None:
    message = {"type": "location", "location": {"latitude": number, "longitude": 2}}
    assert "JSON cannot carry that number" in [fault.what for fault in check_message(message)]
    data = flow(flow_action_payload={"data": {"prices": [1, number]}})
    assert [fault.what for fault in check_message(data)] == ["JSON cannot carry that number"]


@pytest.mark.parametrize("key", ["to", "recipient", "messaging_product", "recipient_type", "biz_opaque_callback_data"])
def test_what_the_sender_fills_in_is_no_content(key: str) -> None:
    faults = check_message({**template(), key: "x"})
    assert [fault.path for fault in faults] == [(key,)]


ONE_DIALECT: dict[str, tuple[Dialect, Message, tuple[str, ...]]] = {
    "voice": ("on_premises", {"type": "voice", "voice": {"id": "1"}}, ("type",)),
    "preview": ("on_premises", {"type": "text", "preview_url": True, "text": {"body": "x"}}, ("preview_url",)),
    "ttl": ("on_premises", {"type": "text", "ttl": {"days": 1}, "text": {"body": "x"}}, ("ttl",)),
    "namespace": ("on_premises", template(namespace="x"), ("template", "namespace")),
    "provider": (
        "on_premises",
        {"type": "image", "image": {"link": "https://example.com/a.png", "provider": {"name": "store"}}},
        ("image", "provider"),
    ),
    "read receipt": ("cloud", GOOD["read receipt"], ("status",)),
    "named parameter": (
        "cloud",
        GOOD["template named"],
        ("template", "components", "0", "parameters", "0", "parameter_name"),
    ),
    "carousel": ("cloud", GOOD["carousel"], ("interactive", "type")),
    "address": ("cloud", GOOD["address"], ("interactive", "type")),
    "call permission": ("cloud", GOOD["call permission"], ("interactive", "type")),
    "gif": ("cloud", GOOD["template header gif"], ("template", "components", "0", "parameters", "0", "type")),
}


@pytest.mark.parametrize("case", ONE_DIALECT)
def test_what_one_dialect_has_is_refused_with_advice_in_the_other(case: str) -> None:
    dialect, message, path = ONE_DIALECT[case]
    assert check_message(message, dialect) == []
    faults = check_message(message, "on_premises" if dialect == "cloud" else "cloud")
    assert [tuple(map(str, fault.path)) for fault in faults] == [path]
    assert faults[0].remedy


@pytest.mark.parametrize("case", GOOD)
def test_everything_else_is_for_both_dialects(case: str) -> None:
    cloud_only = any(GOOD[case] is message for _, message, _ in ONE_DIALECT.values()) or case == "product carousel"
    assert (check_message(GOOD[case], "on_premises") == []) != cloud_only


def test_blanks_around_an_id_are_refused_by_the_cloud_api_alone() -> None:
    reply = {"type": "reply", "reply": {"id": " yes", "title": "Yes "}}
    message = {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": "x"}, "action": {"buttons": [reply]}},
    }
    assert {fault.what for fault in check_message(message)} == {"it begins or ends with a space"}
    assert check_message(message, "on_premises") == []


def test_a_template_and_a_read_receipt_need_no_open_window() -> None:
    assert [case for case, message in GOOD.items() if not is_free_form(message)] == [
        case for case in GOOD if case.startswith("template") or case == "read receipt"
    ]


def test_a_place_no_table_knows_takes_any_text() -> None:
    rule = text_rule({"type": "unheard_of", "unheard_of": {"text": "x"}}, ("unheard_of", "text"))
    assert rule.objection("x" * 32_768) is None
    assert rule.objection("x" * 32_769) == "too_long"
