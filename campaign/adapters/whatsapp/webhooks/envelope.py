"""The envelope of a webhook, and what its parts have in common: how to walk it, and how to blame one item alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from campaign.adapters.whatsapp.json_text import is_text
from campaign.domain.receipt import Item

LONGEST_ID = 512
LONGEST_WORD = 64

_EARLIEST = 0
_LATEST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())

# A whole number or a fraction of seconds; anything longer is out of reason anyway.
_LONGEST_TIMESTAMP = 32


@dataclass(slots=True)
class Parsed:
    """What one body amounts to. `quarantined` says where and why, never what: the raw body is kept."""

    items: list[Item] = field(default_factory=list)
    quarantined: list[str] = field(default_factory=list)


class Unreadable(ValueError):  # noqa: N818 - a finding about the item
    """One item cannot be used; the message says why without quoting it."""


class Change(NamedTuple):
    place: str
    field: str
    value: dict[str, Any]
    at: object = None
    bare: bool = False
    account: object = None


def changes(envelope: Any, parsed: Parsed) -> Iterator[Change]:  # noqa: ANN401 - JSON
    """Walk to each change; an On-Premises body is a value without an envelope."""
    if not isinstance(envelope, dict):
        parsed.quarantined.append("body: not an object")
    elif "entry" not in envelope and envelope.keys() & {"statuses", "messages", "errors"}:
        yield Change("body", "messages", envelope, bare=True)
    elif envelope.get("object") != "whatsapp_business_account":
        parsed.quarantined.append("object: not whatsapp_business_account")
    else:
        yield from _enveloped(envelope, parsed)


def _enveloped(envelope: dict[str, Any], parsed: Parsed) -> Iterator[Change]:
    for entry_place, entry in objects("entry", envelope.get("entry"), parsed):
        for place, change in objects(f"{entry_place}.changes", entry.get("changes"), parsed):
            value = change.get("value")
            if isinstance(value, dict):
                yield Change(place, word(change.get("field")), value, entry.get("time"), account=entry.get("id"))
            else:
                parsed.quarantined.append(f"{place}: value is not an object")


def objects(place: str, found: Any, parsed: Parsed) -> Iterator[tuple[str, dict[str, Any]]]:  # noqa: ANN401 - JSON
    if not isinstance(found, list):
        parsed.quarantined.append(f"{place}: not a list")
        return
    for index, each in enumerate(found):
        if isinstance(each, dict):
            yield f"{place}[{index}]", each
        else:
            parsed.quarantined.append(f"{place}[{index}]: not an object")


def word(value: object) -> str:
    return cast("str", value) if is_text(value, longest=LONGEST_WORD) else "unnamed"


def lane_of(value: dict[str, Any]) -> str | None:
    metadata = value.get("metadata")
    lane = metadata.get("phone_number_id") if isinstance(metadata, dict) else None
    return cast("str", lane) if is_text(lane, longest=LONGEST_WORD) else None


def required(status: dict[str, Any], key: str, *, longest: int) -> str:
    value = status.get(key)
    if value is None:
        raise Unreadable(f"{key} is missing")
    if not is_text(value, longest=longest):
        raise Unreadable(f"{key} is not usable text of 1 to {longest} characters")
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
