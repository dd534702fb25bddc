"""Meta's webhook envelope -> statuses, template events, and what could not be read.

Source: webhooks overview and reference/messages/status (Nov 2025), reference/message_template_* (Oct to Dec 2025).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple, cast

from campaign.adapters.whatsapp.json_text import NotJson, is_text, read_json, storable
from campaign.domain.callback import parse_callback
from campaign.domain.receipt import Inbound, Item, Other, StatusFact, TemplateEvent

_LONGEST_ID = 512
_LONGEST_WORD = 64
_LARGEST_CODE = 2**31 - 1

_EARLIEST = 0
_LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

# What the one number of an On-Premises client is called here: its webhooks name none.
ON_PREMISES = "on-premises"

# A WhatsApp id as it has been since the first day: the number, country code first.
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")

# A whole number or a fraction of seconds; anything longer is out of reason anyway.
_LONGEST_TIMESTAMP = 32


@dataclass(slots=True)
class Parsed:
    """What one body amounts to. `quarantined` says where and why, never what: the raw body is kept."""

    items: list[Item] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)


class _Unreadable(ValueError):  # noqa: N818 - a finding about the item
    """One item cannot be used; the message says why without quoting it."""


class _Change(NamedTuple):
    place: str
    field: str
    value: dict[str, Any]
    at: object = None
    bare: bool = False


def parse_webhook(body: bytes) -> Parsed:
    """Read one webhook body. Never raises: one bad item costs itself alone."""
    parsed = Parsed()
    try:
        envelope = read_json(body)
    except NotJson as error:
        parsed.quarantined.append(f"body: {error}")
        return parsed
    for change in _changes(envelope, parsed):
        _read_change(change, parsed)
    return parsed


def _changes(envelope: Any, parsed: Parsed) -> Iterator[_Change]:  # noqa: ANN401 - JSON
    """Walk to each change; an On-Premises body is a value without an envelope."""
    if not isinstance(envelope, dict):
        parsed.quarantined.append("body: not an object")
    elif "entry" not in envelope and envelope.keys() & {"statuses", "messages", "errors"}:
        yield _Change("body", "messages", envelope, bare=True)
    elif envelope.get("object") != "whatsapp_business_account":
        parsed.quarantined.append("object: not whatsapp_business_account")
    else:
        yield from _enveloped(envelope, parsed)


def _enveloped(envelope: dict[str, Any], parsed: Parsed) -> Iterator[_Change]:
    for entry_place, entry in _objects("entry", envelope.get("entry"), parsed):
        for place, change in _objects(f"{entry_place}.changes", entry.get("changes"), parsed):
            value = change.get("value")
            if isinstance(value, dict):
                yield _Change(place, _word(change.get("field")), value, entry.get("time"))
            else:
                parsed.quarantined.append(f"{place}: value is not an object")


def _objects(place: str, found: Any, parsed: Parsed) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - JSON
    if not isinstance(found, list):
        parsed.quarantined.append(f"{place}: not a list")
        return
    for index, each in enumerate(found):
        if isinstance(each, dict):
            yield f"{place}[{index}]", each
        else:
            parsed.quarantined.append(f"{place}[{index}]: not an object")


def _word(value: object) -> str:
    return cast("str", value) if is_text(value, longest=_LONGEST_WORD) else "unnamed"


def _read_change(change: _Change, parsed: Parsed) -> None:
    # By shape as well as by name: Meta's own sample of the quality update prints the wrong field.
    if "message_template_name" in change.value and (event := _template_event(change)):
        parsed.items.append(event)
    elif change.field == "messages":
        _read_messages_field(change, parsed)
    if change.field != "messages" or "errors" in change.value:
        parsed.items.append(Other(change.field))


def _read_messages_field(change: _Change, parsed: Parsed) -> None:
    if "statuses" in change.value:
        _read_statuses(f"{change.place}.statuses", change.value, parsed)
    if "messages" in change.value:
        _read_inbound(f"{change.place}.messages", change, parsed)


def _read_statuses(place: str, value: dict[str, Any], parsed: Parsed) -> None:
    lane = _lane(value)
    for where, status in _objects(place, value["statuses"], parsed):
        try:
            parsed.items.append(_status(status, lane))
        except _Unreadable as error:
            parsed.quarantined.append(f"{where}: {error}")


def _lane(value: dict[str, Any]) -> str | None:
    metadata = value.get("metadata")
    lane = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    return cast("str", lane) if is_text(lane, longest=_LONGEST_WORD) else None


def _status(status: dict[str, Any], lane: str | None) -> StatusFact:
    errors = status.get("errors")
    return StatusFact(
        message_id=_required(status, "id", longest=_LONGEST_ID),
        status=_required(status, "status", longest=_LONGEST_WORD),
        at=read_timestamp(status.get("timestamp")),
        code=_code(errors),
        errors=storable(errors) or None,
        pricing=storable(status.get("pricing")) or None,
        conversation=storable(status.get("conversation")) or None,
        callback=parse_callback(status.get("biz_opaque_callback_data")),
        phone_number_id=lane,
    )


def _read_inbound(place: str, change: _Change, parsed: Parsed) -> None:
    address = _lane(change.value) or (ON_PREMISES if change.bare else None)
    if address is None:
        parsed.quarantined.append(f"{place}: metadata.phone_number_id is missing")
        return
    for where, message in _objects(place, change.value["messages"], parsed):
        try:
            parsed.items.append(_inbound(message, address))
        except _Unreadable as error:
            parsed.quarantined.append(f"{where}: {error}")


def _inbound(message: dict[str, Any], address: str) -> Inbound:
    sender = message.get("from")
    # A person without a number (a business-scoped id), a group and WhatsApp's own notices open no window.
    opens = isinstance(sender, str) and _DIGITS.fullmatch(sender) and "group_id" not in message
    return Inbound(
        message_id=_required(message, "id", longest=_LONGEST_ID),
        address=address,
        number=f"+{sender}" if opens and message.get("type") != "system" else None,
        at=read_timestamp(message.get("timestamp")),
    )


def _required(status: dict[str, Any], key: str, *, longest: int) -> str:
    value = status.get(key)
    if value is None:
        raise _Unreadable(f"{key} is missing")
    if not is_text(value, longest=longest):
        raise _Unreadable(f"{key} is not usable text of 1 to {longest} characters")
    return cast("str", value)


def read_timestamp(value: object) -> datetime:
    """Read epoch seconds, a string in statuses; what is out of reason is clamped to 1970 or 2100.

    The result depends on the value alone, never on the clock: the same webhook, sent again, must be the same fact.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return datetime.fromtimestamp(_EARLIEST, UTC)
    if isinstance(value, str) and len(value) > _LONGEST_TIMESTAMP:
        return datetime.fromtimestamp(_EARLIEST, UTC)
    try:
        seconds = float(value) if isinstance(value, str) else value
        return datetime.fromtimestamp(int(min(max(seconds, _EARLIEST), _LATEST)), UTC)
    except ValueError:
        return datetime.fromtimestamp(_EARLIEST, UTC)


def _code(errors: object) -> int:
    """Take the first code that is one; 0 is none."""
    for error in errors if isinstance(errors, list) else []:
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) <= len(str(_LARGEST_CODE)):
            code = int(code)
        if isinstance(code, int) and not isinstance(code, bool) and 0 < code <= _LARGEST_CODE:
            return code
    return 0


def _template_event(change: _Change) -> TemplateEvent | None:
    event = _verdict(change.value)
    name = change.value["message_template_name"]
    if event is None or not is_text(name, longest=_LONGEST_ID):
        return None
    # Languages are seen as en-US and as en_US.
    language = _word(change.value.get("message_template_language")).replace("-", "_")
    return TemplateEvent(name, language, event, None if change.at is None else read_timestamp(change.at))


def _verdict(value: dict[str, Any]) -> Literal["GREEN", "PAUSED"] | None:
    if value.get("event") == "PAUSED":
        return "PAUSED"
    return "GREEN" if value.get("new_quality_score") == "GREEN" else None
