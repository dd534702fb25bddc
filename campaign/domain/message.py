"""The `message` of a campaign: the API's own shape, held against the catalogue as far as the file alone allows."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeGuard

from campaign.domain.catalogue.checking import NAMES, check
from campaign.domain.catalogue.fault import Dialect, Fault, Path, has_expression, nearest, spelled
from campaign.domain.catalogue.messages import FILLED_BY_SENDER, MESSAGE_TYPES, ONE_DIALECT, table
from campaign.domain.catalogue.texts import TextRule, node_at, rule_of
from campaign.domain.catalogue.vocabulary import Around

__all__ = [
    "MESSAGE_TYPES",
    "Dialect",
    "Fault",
    "Path",
    "TextRule",
    "check_message",
    "has_expression",
    "is_free_form",
    "spelled",
    "text_rule",
]

HSM: Final = "write type: template with the template's name, language and components; hsm went with version 2.39"
READ_REMEDY: Final = "leave it out: the read receipt is for the Cloud API; there, PUT /v1/messages/{id} marks a message"


def check_message(
    message: Mapping[str, object], dialect: Dialect = "cloud", *, category: str | None = None
) -> list[Fault]:
    """Find everything the API would refuse whoever it is sent to. `category` is the campaign's."""
    return [*_sender_keys(message), *_content(message, Around(dialect, category)), *_unsendable(message)]


def text_rule(
    message: Mapping[str, object], path: Path, dialect: Dialect = "cloud", *, category: str | None = None
) -> TextRule:
    """Say what a text at that place may be; a place no table knows takes any text."""
    return rule_of(node_at(table(category), message, path), dialect)


def is_free_form(message: Mapping[str, object]) -> bool:
    """Tell whether a message goes only to people whose customer service window is open."""
    return message.get("type") != "template" and "status" not in message


def _sender_keys(message: Mapping[str, object]) -> Iterator[Fault]:
    for key in message:
        if key in FILLED_BY_SENDER:
            yield Fault((key,), f"the sender fills '{key}' in", "leave it out")


def _content(message: Mapping[str, object], around: Around) -> Iterator[Fault]:
    kind = message.get("type")
    known = MESSAGE_TYPES if around.dialect == "cloud" else (*MESSAGE_TYPES, *ONE_DIALECT)
    if "status" in message:
        yield from _receipt(message, around)
    elif "hsm" in message or kind == "hsm":
        yield Fault(
            ("hsm",) if "hsm" in message else ("type",), f"{NAMES[around.dialect]} knows no 'hsm' any more", HSM
        )
    elif kind is None:
        yield Fault((), "the message has no 'type'", f"write one of {', '.join(known)}")
    elif not isinstance(kind, str) or kind not in (*MESSAGE_TYPES, *ONE_DIALECT):
        hint = nearest(str(kind), known, f"write one of {', '.join(known)}")
        yield Fault(("type",), "the API knows no message of that type", hint)
    else:
        yield from _of_type(message, kind, around)


def _receipt(message: Mapping[str, object], around: Around) -> Iterator[Fault]:
    if around.dialect == "on_premises":
        yield Fault(("status",), "On-Premises knows no 'status' in /messages", READ_REMEDY)
    else:
        yield from check(table(None), _own(message), (), around)


def _of_type(message: Mapping[str, object], kind: str, around: Around) -> Iterator[Fault]:
    if around.category == "authentication" and kind != "template":
        remedy = "write type: template, or another category"
        yield Fault(("type",), "a one-time code is sent in a template", remedy)
        around = Around(around.dialect, None)
    yield from check(table(around.category), _own(message), (), around)


def _own(message: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in message.items() if key not in FILLED_BY_SENDER}


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


def _is_list(node: object) -> TypeGuard[Sequence[object]]:
    return isinstance(node, Sequence) and not isinstance(node, str)
