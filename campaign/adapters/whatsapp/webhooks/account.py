"""The fields besides `messages`, and its errors: what WhatsApp says of templates, of numbers and of the account.

Source: webhooks reference, one page a field (Oct to Dec 2025).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

from campaign.adapters.whatsapp.json_text import is_text, storable
from campaign.adapters.whatsapp.webhooks.envelope import (
    LONGEST_ID,
    LONGEST_WORD,
    Change,
    Parsed,
    Unreadable,
    lane_of,
    objects,
    read_timestamp,
    required,
)
from campaign.adapters.whatsapp.webhooks.inbound import ON_PREMISES
from campaign.adapters.whatsapp.webhooks.statuses import first_code
from campaign.domain.receipt import AccountEvent, OurNumber

Value = dict[str, Any]

# Longer than any number in use, shorter than what somebody made up.
_FEWEST_DIGITS = 5
_MOST_DIGITS = 20

# What tells three fields apart that name a template: Meta's own sample of the quality update prints another field.
_BY_SHAPE: Final = (
    ("new_quality_score", "message_template_quality_update"),
    ("new_category", "template_category_update"),
    ("event", "message_template_status_update"),
)


class _About(NamedTuple):
    subject: str | None = None
    language: str | None = None


def read_news(change: Change, parsed: Parsed) -> bool:
    """Read news of a template, a number or the account; False where the change is about something else."""
    field = _field(change)
    if field not in _FIELDS:
        return False
    named, about = _FIELDS[field]
    try:
        event = AccountEvent(field, named(change.value), *about(change.value), *_origin(change))
    except Unreadable as error:
        parsed.quarantined.append(f"{change.place}: {error}")
    else:
        parsed.items.append(event._replace(detail=storable(change.value)))
    return True


def read_errors(change: Change, parsed: Parsed) -> None:
    """Read errors that are about no message: about the number that a change names, or about the account."""
    subject = lane_of(change.value) or (ON_PREMISES if change.bare else None)
    for _, error in objects(f"{change.place}.errors", change.value["errors"], parsed):
        detail = {**storable(error), "code": first_code([error])}
        parsed.items.append(AccountEvent("messages", "error", subject, None, *_origin(change), detail))


def our_number(value: Value) -> OurNumber | None:
    """Learn what people dial to reach a number of ours: some webhooks name it by nothing else."""
    address, display = lane_of(value), _digits(value.get("metadata"))
    return OurNumber(address, display) if address and display else None


def _origin(change: Change) -> tuple[Any, str | None]:
    """Give when it was said, and of which WhatsApp Business account."""
    account = str(change.account) if type(change.account) is int else change.account
    at = None if change.at is None else read_timestamp(change.at)
    return at, cast("str", account) if is_text(account, longest=LONGEST_WORD) else None


def _field(change: Change) -> str:
    if "message_template_name" in change.value:
        for key, field in _BY_SHAPE:
            if key in change.value:
                return field
    return change.field


def _named(key: str) -> Callable[[Value], str]:
    return lambda value: required(value, key, longest=LONGEST_WORD).upper()


def _category(value: Value) -> str:
    """Tell a change to come, which names the category it will be, from one that is done."""
    required(value, "new_category", longest=LONGEST_WORD)
    return "IMPENDING" if "correct_category" in value else "DONE"


def _alert(value: Value) -> str:
    inner = value.get("alert_info")
    return _named("alert_type")(inner if isinstance(inner, dict) else value)


def _template(value: Value) -> _About:
    language = value.get("message_template_language")
    return _About(
        required(value, "message_template_name", longest=LONGEST_ID),
        # Seen as en-US and as en_US.
        cast("str", language).replace("-", "_") if is_text(language, longest=LONGEST_WORD) else None,
    )


def _number(value: Value) -> _About:
    return _About(_digits(value))


def _digits(value: object) -> str | None:
    display = value.get("display_phone_number") if isinstance(value, dict) else None
    if not is_text(display, longest=LONGEST_WORD):
        return None
    digits = "".join(each for each in cast("str", display) if each in "0123456789")
    return digits if _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS else None


def _account(_value: Value) -> _About:
    return _About()


# How each field says what happened, and to what.
_FIELDS: Final[Mapping[str, tuple[Callable[[Value], str], Callable[[Value], _About]]]] = {
    "message_template_status_update": (_named("event"), _template),
    "message_template_quality_update": (_named("new_quality_score"), _template),
    "template_category_update": (_category, _template),
    "phone_number_quality_update": (_named("event"), _number),
    "phone_number_name_update": (_named("decision"), _number),
    "security": (_named("event"), _number),
    "account_update": (_named("event"), _account),
    "account_alerts": (_alert, _account),
    "account_review_update": (_named("decision"), _account),
    # It has no event; what it allows is a number of people, or the name of a tier.
    "business_capability_update": (lambda _value: "LIMITS", _account),
}
