"""`statuses` of the field `messages`: what became of messages of ours.

Source: reference/messages/status (Nov 2025).
"""

from typing import Any

from campaign.adapters.whatsapp.json_text import storable
from campaign.adapters.whatsapp.webhooks.envelope import (
    LONGEST_ID,
    LONGEST_WORD,
    Parsed,
    Unreadable,
    lane_of,
    objects,
    read_timestamp,
    required,
)
from campaign.adapters.whatsapp.webhooks.inbound import number_of
from campaign.domain.callback import parse_callback
from campaign.domain.receipt import StatusFact

_LARGEST_CODE = 2**31 - 1


def read_statuses(place: str, value: dict[str, Any], parsed: Parsed) -> None:
    lane = lane_of(value)
    for where, status in objects(place, value["statuses"], parsed):
        try:
            parsed.items.append(_status(status, lane))
        except Unreadable as error:
            parsed.quarantined.append(f"{where}: {error}")


def _status(status: dict[str, Any], lane: str | None) -> StatusFact:
    errors = status.get("errors")
    return StatusFact(
        message_id=required(status, "id", longest=LONGEST_ID),
        status=required(status, "status", longest=LONGEST_WORD),
        at=read_timestamp(status.get("timestamp")),
        code=first_code(errors),
        errors=storable(errors) or None,
        pricing=storable(status.get("pricing")) or None,
        conversation=storable(status.get("conversation")) or None,
        callback=parse_callback(status.get("biz_opaque_callback_data")),
        phone_number_id=lane,
        # A group's id may be digits too.
        recipient=None if status.get("recipient_type") == "group" else number_of(status.get("recipient_id")),
    )


def first_code(errors: object) -> int:
    """Take the first code that is one; 0 is none."""
    for error in errors if isinstance(errors, list) else []:
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) <= len(str(_LARGEST_CODE)):
            code = int(code)
        if isinstance(code, int) and not isinstance(code, bool) and 0 < code <= _LARGEST_CODE:
            return code
    return 0
