"""What the Cloud API accepts as a message (messages reference, Cloud; Oct to Dec 2025)."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import orjson

from campaign.simulator.dialect import Refusal, Submission
from campaign.simulator.templates import TemplateUse

TYPES = frozenset(
    "text image video audio document sticker location contacts reaction interactive template".split()  # noqa: SIM905 - a list of words reads better as one
)
CALLBACK_DATA_LIMIT = 512
TEXT_LIMIT = 4096

_ENVELOPE = frozenset(
    {
        "messaging_product",
        "recipient_type",
        "to",
        "type",
        "context",
        "biz_opaque_callback_data",
        "recipient_identity_key_hash",
    }
)
# The fields of which a type needs one; a template has rules of its own.
_NEEDS_ONE_OF = {
    "text": ("body",),
    "image": ("id", "link"),
    "video": ("id", "link"),
    "audio": ("id", "link"),
    "document": ("id", "link"),
    "sticker": ("id", "link"),
    "location": ("latitude",),
    "reaction": ("message_id",),
    "interactive": ("type",),
}
_NUMBER = re.compile(r"\+?[\d\-() ]+", re.ASCII)
_NOT_A_DIGIT = re.compile(r"\D", re.ASCII)

Body = dict[str, Any]


def read(raw: bytes) -> Submission | Refusal:
    """Read the body of a message request as the platform does."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return Refusal(100, "The request body is not JSON")
    if not isinstance(body, dict):
        return Refusal(100, "The request body is not a JSON object")
    return next(_objections(body), None) or _submission(body)


def digits(to: str) -> str:
    return _NOT_A_DIGIT.sub("", to)


def _submission(body: Body) -> Submission:
    to, callback_data = body["to"], body.get("biz_opaque_callback_data")
    content = {key: value for key, value in body.items() if key not in {"to", "biz_opaque_callback_data"}}
    return Submission(
        to=to,
        person=digits(to),
        content=hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest(),
        callback_data=callback_data,
        template=_template_use(body["template"]) if body["type"] == "template" else None,
    )


def _template_use(template: Body) -> TemplateUse:
    body_parameters = sum(
        len(component.get("parameters", ()))
        for component in template.get("components", ())
        if component["type"].lower() == "body"
    )
    return TemplateUse((template["name"], template["language"]["code"]), body_parameters)


def _objections(body: Body) -> Iterator[Refusal]:
    """Object in the order the platform checks: the envelope first, since the rest relies on it."""
    yield from _envelope_objections(body)
    kind = body["type"]
    for key in body.keys() - _ENVELOPE - {kind}:
        yield Refusal(100, f"Unexpected key '{key}' on param 'message'")
    content = body.get(kind)
    if kind == "contacts":
        if not isinstance(content, list) or not content:
            yield Refusal(131008, "Parameter 'contacts' must be a list with at least one contact")
        return
    if not isinstance(content, dict):
        yield Refusal(131008, f"Parameter '{kind}' is mandatory for type '{kind}'")
        return
    yield from _template_objections(content) if kind == "template" else _content_objections(kind, content)


def _envelope_objections(body: Body) -> Iterator[Refusal]:
    if "messaging_product" not in body:
        yield Refusal(100, "The parameter messaging_product is required.")
    if body["messaging_product"] != "whatsapp":
        yield Refusal(100, "Param messaging_product must be one of {WHATSAPP}")
    if not isinstance(body.get("to"), str) or not body["to"]:
        yield Refusal(100, "The parameter to is required.")
    if not _NUMBER.fullmatch(body["to"]) or not digits(body["to"]):
        yield Refusal(131009, "Parameter 'to' is not a phone number")
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        yield Refusal(100, "Param recipient_type must be one of {INDIVIDUAL, GROUP}")
    if not isinstance(body.get("type"), str):
        yield Refusal(100, "The parameter type is required.")
    if body["type"] not in TYPES:
        yield Refusal(131051, "Message type is not supported")
    callback_data = body.get("biz_opaque_callback_data", "")
    if not isinstance(callback_data, str) or len(callback_data) > CALLBACK_DATA_LIMIT:
        yield Refusal(100, f"Param biz_opaque_callback_data must be at most {CALLBACK_DATA_LIMIT} characters long")


def _content_objections(kind: str, content: Body) -> Iterator[Refusal]:
    needed = _NEEDS_ONE_OF[kind]
    if not any(content.get(name) not in (None, "") for name in needed):
        yield Refusal(131008, f"Parameter '{kind}' needs {' or '.join(needed)}")
    if kind == "text" and (not isinstance(content["body"], str) or len(content["body"]) > TEXT_LIMIT):
        yield Refusal(100, f"Param text['body'] must be at most {TEXT_LIMIT} characters long.")


def _template_objections(template: Body) -> Iterator[Refusal]:
    if not isinstance(template.get("name"), str) or not template["name"]:
        yield Refusal(131008, "Parameter 'template.name' is missing")
    language = template.get("language")
    if not isinstance(language, dict) or not isinstance(language.get("code"), str) or not language["code"]:
        yield Refusal(131008, "Parameter 'template.language.code' is missing")
    components = template.get("components", [])
    if not isinstance(components, list):
        yield Refusal(131009, "Parameter 'template.components' must be a list")
    for at, component in enumerate(components):
        yield from _component_objections(f"template.components[{at}]", component)


def _component_objections(where: str, component: object) -> Iterator[Refusal]:
    if not isinstance(component, dict) or not isinstance(component.get("type"), str):
        yield Refusal(131008, f"Parameter '{where}.type' is missing")
        return
    if component["type"].lower() == "button" and "index" not in component:
        yield Refusal(131008, f"Parameter '{where}.index' is missing")
    parameters = component.get("parameters", [])
    if not isinstance(parameters, list):
        yield Refusal(131009, f"Parameter '{where}.parameters' must be a list")
        return
    for at, parameter in enumerate(parameters):
        yield from _parameter_objections(f"{where}.parameters[{at}]", parameter)


def _parameter_objections(where: str, parameter: object) -> Iterator[Refusal]:
    if not isinstance(parameter, dict) or not isinstance(parameter.get("type"), str):
        yield Refusal(131008, f"Parameter '{where}.type' is missing")
    elif parameter["type"] == "text" and (not isinstance(parameter.get("text"), str) or not parameter["text"]):
        yield Refusal(131008, f"Parameter '{where}' of type text is missing its text")
