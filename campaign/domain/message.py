"""The `message` of a campaign: the API's own shape, checked as far as the file alone allows."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeGuard

Path = tuple[str | int, ...]

# Types of a message, and what the key of the same name holds.
# Source: Meta, "Messages" reference of the Cloud API (developers.facebook.com/docs/whatsapp/cloud-api), Nov 2025.
MESSAGE_TYPES: Final[Mapping[str, type]] = {
    "template": dict,
    "text": dict,
    "image": dict,
    "video": dict,
    "audio": dict,
    "document": dict,
    "sticker": dict,
    "location": dict,
    "contacts": list,
    "interactive": dict,
    "reaction": dict,
}

# What a run, not a file, decides.
FILLED_BY_SENDER: Final = frozenset(
    {"to", "recipient", "messaging_product", "recipient_type", "biz_opaque_callback_data"}
)
BESIDE_THE_CONTENT: Final = frozenset({"type", "context"})

# Characters allowed in one text. Source: Meta, "Messages" reference, Nov 2025; a template's body and header:
# "Templates", Nov 2025. A value can never be longer than the finished text around it.
TEXT_LIMITS: Final[Mapping[Path, int]] = {
    ("text", "body"): 4096,
    ("image", "caption"): 1024,
    ("video", "caption"): 1024,
    ("document", "caption"): 1024,
    ("interactive", "body", "text"): 1024,
    ("interactive", "footer", "text"): 60,
}
TEMPLATE_TEXT_LIMITS: Final[Mapping[str, int]] = {"header": 60, "body": 1024, "button": 2000}
COMPONENTS: Final = ("header", "body", "button", "limited_time_offer", "carousel", "order_status")

TEMPLATE_NAME: Final = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong inside a message: where in it, what, and what to do now."""

    path: Path
    what: str
    remedy: str


def spelled(path: Path) -> str:
    """Write a path as people do: `message.template.components[0].type`."""
    return "message" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def has_expression(text: str) -> bool:
    return "{{" in text or "{%" in text


def check_message(message: Mapping[str, object]) -> list[Fault]:
    """Find what the API would refuse whoever it is sent to."""
    return [*_sender_keys(message), *_content(message), *_unsendable(message)]


def _sender_keys(message: Mapping[str, object]) -> Iterator[Fault]:
    for key in message:
        if key in FILLED_BY_SENDER:
            yield Fault((key,), f"the sender fills '{key}' in", "leave it out")


def _content(message: Mapping[str, object]) -> Iterator[Fault]:
    kind = message.get("type")
    if kind is None:
        yield Fault((), "the message has no 'type'", f"write one of {', '.join(MESSAGE_TYPES)}")
    elif not isinstance(kind, str) or kind not in MESSAGE_TYPES:
        near = get_close_matches(str(kind), MESSAGE_TYPES, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"write one of {', '.join(MESSAGE_TYPES)}"
        yield Fault(("type",), "the API knows no message of that type", hint)
    else:
        yield from _strangers(message, kind)
        yield from _named_content(message, kind)


def _strangers(message: Mapping[str, object], kind: str) -> Iterator[Fault]:
    for key in message:
        if key not in FILLED_BY_SENDER | BESIDE_THE_CONTENT | {kind}:
            yield Fault((key,), f"'{key}' has no place in a message of type {kind}", "leave it out, or change the type")


def _named_content(message: Mapping[str, object], kind: str) -> Iterator[Fault]:
    content = message.get(kind)
    if kind not in message:
        yield Fault((), f"a message of type {kind} needs '{kind}'", f"write its content under '{kind}:'")
    elif not isinstance(content, MESSAGE_TYPES[kind]):
        shape = "a list" if MESSAGE_TYPES[kind] is list else "keys and values"
        yield Fault((kind,), f"'{kind}' must hold {shape}", "see the message's type in Meta's reference")
    elif kind == "template" and isinstance(content, Mapping):
        yield from _template(content)
    elif kind == "text" and isinstance(content, Mapping):
        yield from _text(content)


def _text(text: Mapping[str, object]) -> Iterator[Fault]:
    body = text.get("body")
    limit = TEXT_LIMITS["text", "body"]
    if not _filled(body):
        yield Fault(("text", "body"), "a text needs a body", f"write 1 to {limit} characters")
    elif not has_expression(body) and len(body) > limit:
        yield Fault(("text", "body"), f"the body has {len(body)} characters", f"write at most {limit}")


def _template(template: Mapping[str, object]) -> Iterator[Fault]:
    name = template.get("name")
    if not isinstance(name, str) or not TEMPLATE_NAME.fullmatch(name):
        remedy = "write it as approved: a-z, 0-9 and _, at most 512, no expression"
        yield Fault(("template", "name"), "that is no template's name", remedy)
    language = template.get("language")
    code = language.get("code") if isinstance(language, Mapping) else None
    if not isinstance(code, str) or not LANGUAGE.fullmatch(code):
        where: Path = ("template", "language", "code") if isinstance(language, Mapping) else ("template", "language")
        yield Fault(where, "the template's language has no code", "write language: {code: fr}, or pt_BR, as approved")
    yield from _components(template.get("components", []))


def _components(components: object) -> Iterator[Fault]:
    where: Path = ("template", "components")
    if not _is_list(components):
        yield Fault(where, "'components' must be a list", "start each one with a dash")
        return
    for index, component in enumerate(components):
        if not isinstance(component, Mapping):
            yield Fault(
                (*where, index), "a component must hold keys and values", "write {type: body, parameters: [...]}"
            )
        elif component.get("type") not in COMPONENTS:
            remedy = f"write one of {', '.join(COMPONENTS)}"
            yield Fault((*where, index, "type"), "templates have no such component", remedy)
        else:
            yield from _parameters(component.get("parameters", []), (*where, index, "parameters"))


def _parameters(parameters: object, where: Path) -> Iterator[Fault]:
    if not _is_list(parameters):
        yield Fault(where, "'parameters' must be a list", "start each one with a dash")
        return
    for index, parameter in enumerate(parameters):
        remedy = 'write {type: text, text: "{{ column }}"}'
        if not isinstance(parameter, Mapping) or not isinstance(parameter.get("type"), str):
            yield Fault((*where, index), "a parameter needs a type", remedy)
        elif parameter["type"] == "text" and not _filled(parameter.get("text")):
            yield Fault((*where, index), "a text parameter needs a text", remedy)


def _unsendable(node: object, path: Path = ()) -> Iterator[Fault]:
    """Find numbers JSON has no word for."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _unsendable(value, (*path, key))
    elif _is_list(node):
        for index, value in enumerate(node):
            yield from _unsendable(value, (*path, index))
    elif isinstance(node, float) and not math.isfinite(node):
        yield Fault(path, "JSON cannot carry that number", "write a finite one")


def _filled(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and bool(text.strip())


def _is_list(node: object) -> TypeGuard[Sequence[object]]:
    return isinstance(node, Sequence) and not isinstance(node, str)
