"""`messages` of the field `messages`: what people wrote to a number of ours.

Source: webhooks reference, messages (Nov 2025).
"""

import re
from typing import Any

from campaign.adapters.whatsapp.json_text import is_text, storable
from campaign.adapters.whatsapp.webhooks.envelope import (
    LONGEST_ID,
    Change,
    Parsed,
    Unreadable,
    lane_of,
    objects,
    read_timestamp,
    required,
    word,
)
from campaign.domain.receipt import Inbound

# What the one number of an On-Premises client is called here: its webhooks name none.
ON_PREMISES = "on-premises"

# A WhatsApp id as it has been since the first day: the number, country code first.
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")

# Where a message of each type says something that its sender chose; captions, contacts and forms are no answers.
_SAID = {
    "text": (("text", "body"),),
    "button": (("button", "payload"), ("button", "text")),
    "interactive": (
        ("interactive", "button_reply", "id"),
        ("interactive", "button_reply", "title"),
        ("interactive", "list_reply", "id"),
        ("interactive", "list_reply", "title"),
    ),
}

# Kept in columns of their own, or not at all. A notice of WhatsApp's own is about who changed their number.
_WHO = frozenset({"from", "from_user_id", "from_parent_user_id", "id", "timestamp"})

# Longer than any text or id of the platform's.
_LONGEST_SAID = 4096


def read_inbound(place: str, change: Change, parsed: Parsed) -> None:
    address = lane_of(change.value) or (ON_PREMISES if change.bare else None)
    if address is None:
        parsed.quarantined.append(f"{place}: metadata.phone_number_id is missing")
        return
    for where, message in objects(place, change.value["messages"], parsed):
        try:
            parsed.items.append(_inbound(message, address))
        except Unreadable as error:
            parsed.quarantined.append(f"{where}: {error}")


def number_of(wa_id: object) -> str | None:
    """Read a WhatsApp id as a number in E.164; None for a business-scoped id."""
    return f"+{wa_id}" if isinstance(wa_id, str) and _DIGITS.fullmatch(wa_id) else None


def _inbound(message: dict[str, Any], address: str) -> Inbound:
    kind = word(message.get("type"))
    # A person without a number (a business-scoped id), a group and WhatsApp's own notices open no window.
    opens = "group_id" not in message and kind != "system"
    return Inbound(
        message_id=required(message, "id", longest=LONGEST_ID),
        address=address,
        number=number_of(message.get("from")) if opens else None,
        at=read_timestamp(message.get("timestamp")),
        kind=kind,
        said=_said(message, kind) if opens else (),
        content=_content(message) if kind != "system" else None,
        answers=_answers(message),
    )


def _content(message: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return storable({key: value for key, value in message.items() if key not in _WHO})


def _said(message: dict[str, Any], kind: str) -> tuple[str, ...]:
    found = (_at(message, path) for path in _SAID.get(kind, ()))
    return tuple(each for each in found if is_text(each, longest=_LONGEST_SAID))


def _answers(message: dict[str, Any]) -> str | None:
    replied_to = _at(message, ("context", "id"))
    return replied_to if is_text(replied_to, longest=LONGEST_ID) else None


def _at(value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - JSON
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
