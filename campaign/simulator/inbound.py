"""What somebody writes to a number, as an experiment orders it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from campaign.simulator.reading import digits

_WANTED = (
    'write {"from": digits, "text": "..."}, or "button": {"payload": "...", "text": "..."}, "reply" or "list": '
    '{"id": "...", "title": "..."}, a file ("image": {}), or "message": the webhook\'s own message from "type" on; and '
    '"number", "name", "context": an id, "age_s", "id" where they matter'
)
_REPLIES: Mapping[str, str] = MappingProxyType({"reply": "button_reply", "list": "list_reply", "flow": "nfm_reply"})
_FILES: Mapping[str, str] = MappingProxyType(
    {
        "image": "image/jpeg",
        "audio": "audio/ogg; codecs=opus",
        "video": "video/mp4",
        "document": "application/pdf",
        "sticker": "image/webp",
    }
)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a person writes to a number; `content` from `type` on, `age_s` how long ago.

    Without a number it is the one that is used here; without an id it is a message nobody has seen yet.
    """

    person: str
    content: dict[str, Any]
    name: str = "Ada"
    age_s: float = 0.0
    number: str | None = None
    message_id: str | None = None
    context: str | None = None


def writing_of(order: dict[str, Any]) -> Writing | str:
    """Read an order, or say how one is written."""
    person, age_s = digits(str(order.get("from", ""))), order.get("age_s", 0)
    content = _content(order)
    if not person or content is None or not isinstance(age_s, (int, float)):
        return _WANTED
    number, message_id, context = (_text(order, name) for name in ("number", "id", "context"))
    return Writing(person, content, str(order.get("name", "Ada")), float(age_s), number, message_id, context)


def _text(order: dict[str, Any], name: str) -> str | None:
    value = order.get(name)
    return None if value is None else str(value)


def _content(order: dict[str, Any]) -> dict[str, Any] | None:
    match order:
        case {"text": str() as text}:
            return {"type": "text", "text": {"body": text}}
        case {"button": dict() as button}:
            return {"type": "button", "button": button}
        case {"message": {"type": str()} as message}:
            return dict(message)
        case _:
            return next(_interactive_or_file(order), None)


def _interactive_or_file(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, kind in _REPLIES.items():
        if isinstance(order.get(name), dict):
            yield {"type": "interactive", "interactive": {"type": kind, kind: order[name]}}
    for kind in _FILES:
        if isinstance(order.get(kind), dict):
            yield _file(kind, order[kind])


def _file(kind: str, said: dict[str, Any]) -> dict[str, Any]:
    """Write a file as it is told: where to fetch it, and nothing of what is in it."""
    sha256 = hashlib.sha256(repr(said).encode()).hexdigest()
    return {"type": kind, kind: {"mime_type": _FILES[kind], "sha256": sha256, "id": str(int(sha256[:12], 16)), **said}}
