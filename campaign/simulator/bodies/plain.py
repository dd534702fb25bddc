"""Text, media, places, contact cards and reactions."""

import re
from collections.abc import Mapping
from typing import Any

from campaign.simulator.bodies.rules import Rules
from campaign.simulator.bodies.shapes import Check, Wrong, anything, exactly_one, many, number, record, text, truth
from campaign.simulator.reasons import Reason

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024

# Filled in by the business or by nobody; what is empty there says nothing.
_NAME_PARTS = ("first_name", "last_name", "middle_name", "prefix", "suffix")
_ADDRESS_PARTS = ("street", "city", "state", "zip", "country", "country_code", "type")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)


def plain_types(rules: Rules) -> dict[str, Check]:
    """Describe the content of each type that stands alone."""
    return {
        "text": record(
            rules,
            {"body": text(rules, TEXT_LIMIT, over=Reason.TEXT_TOO_LONG)},
            # On-Premises has it beside `text`, where it is unknown and ignored.
            {"preview_url": truth} if rules.unknown_refused else {},
        ),
        "image": media(rules, caption=True),
        "video": media(rules, caption=True),
        "document": media(rules, caption=True, filename=True),
        "sticker": media(rules),
        "audio": media(rules, voice=rules.unknown_refused),
        "location": place(rules),
        "contacts": many(_card(rules), 1),
        "reaction": record(rules, {"message_id": text(rules, trimmed=True), "emoji": text(rules, least=0)}),
    }


def media(rules: Rules, *, caption: bool = False, filename: bool = False, voice: bool = False) -> Check:
    """Describe a file by its id or its link, and what may be said about it."""
    takes: dict[str, Check] = {"id": text(rules, trimmed=True), "link": text(rules, pattern=r"https?://[^\s]+")}
    if caption:
        takes["caption"] = text(rules, CAPTION_LIMIT, least=0)
    if filename:
        takes["filename"] = text(rules)
    if voice:
        takes["voice"] = truth
    return record(rules, {}, takes, also=[exactly_one("id", "link")])


def place(rules: Rules) -> Check:
    """Describe a location; the reference has its coordinates as numbers, the OpenAPI file as text."""
    said = text(rules, least=0)
    coordinates = {
        "latitude": number(-90, 90, as_text=True),
        "longitude": number(-180, 180, as_text=True),
    }
    return record(rules, coordinates, {"name": said, "address": said})


def _card(rules: Rules) -> Check:
    said = text(rules, least=0)
    name = record(rules, {"formatted_name": text(rules)}, dict.fromkeys(_NAME_PARTS, said), also=[_has_another_part])
    takes = {
        "phones": many(record(rules, {}, {"phone": said, "type": said, "wa_id": said}), 0),
        "emails": many(record(rules, {"email": text(rules)}, {"type": said}), 0),
        "urls": many(record(rules, {"url": text(rules)}, {"type": said}), 0),
        "addresses": many(record(rules, {}, dict.fromkeys(_ADDRESS_PARTS, said)), 0),
        "org": record(rules, {}, {"company": said, "department": said, "title": said}),
        "birthday": _date,
        "ims": anything,
    }
    return record(rules, {"name": name}, takes)


def _has_another_part(name: Mapping[str, Any], where: str) -> Wrong | None:
    if any(name.get(part) for part in _NAME_PARTS):
        return None
    return Wrong(Reason.MISSING, f"Param {where} needs one more part beside formatted_name.")


def _date(value: object, where: str) -> Wrong | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        return None
    return Wrong(Reason.WRONG_VALUE, f"Param {where} must be a date, as YYYY-MM-DD.")
