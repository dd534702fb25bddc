"""What the platform says of templates, numbers and the account: the values of the webhook fields beside `messages`.

Source: webhooks reference, one page a field (Oct to Dec 2025); `business_capability_update` as its sample has it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from campaign.simulator.template_use import TemplateKey
from campaign.simulator.templates import template_id

Json = dict[str, Any]

TEMPLATE_STATUS = "message_template_status_update"
TEMPLATE_QUALITY = "message_template_quality_update"
TEMPLATE_CATEGORY = "template_category_update"
NUMBER_QUALITY = "phone_number_quality_update"
ACCOUNT = "account_update"
ALERTS = "account_alerts"
CAPABILITY = "business_capability_update"
PREFERENCES = "user_preferences"
MESSAGES = "messages"

_DAY_S = 24 * 3600

# What each event adds to its value, at the least.
_TITLES: Mapping[str, str] = MappingProxyType({"PAUSED": "FIRST_PAUSE", "DISABLED": "DISABLED"})
_ACCOUNT_DETAILS: Mapping[str, Json] = MappingProxyType(
    {
        "ACCOUNT_VIOLATION": {"violation_info": {"violation_type": "SPAM"}},
        "ACCOUNT_RESTRICTION": {
            "restriction_info": [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 4102444800}]
        },
        "DISABLED_UPDATE": {"ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": "November 30, 2026"}},
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": {"country": "FR"},
    }
)


def display_number(number: str) -> str:
    """Make up the business number behind an id, in the range set aside for fiction."""
    return f"1555010{int(number) % 10_000:04d}" if number.isdecimal() else "15550100000"


def metadata(number: str) -> Json:
    return {"display_phone_number": display_number(number), "phone_number_id": number}


def template_status(
    key: TemplateKey, event: str, *, category: str, at: int, title: str | None = None, reason: str | None = None
) -> Json:
    value: Json = {
        "event": event,
        **_template(key),
        "reason": reason or ("INVALID_FORMAT" if event == "REJECTED" else "NONE"),
        "message_template_category": category,
    }
    if title := title or _TITLES.get(event):
        value["other_info"] = {"title": title, "description": "Simulated."}
    if event == "DISABLED":
        value["disable_info"] = {"disable_date": at}
    if event == "REJECTED":
        value["rejection_info"] = {"reason": "Simulated.", "recommendation": "Simulated."}
    return value


def template_quality(key: TemplateKey, score: str, *, previous: str = "UNKNOWN") -> Json:
    return {"previous_quality_score": previous, "new_quality_score": score, **_template(key)}


def template_category(key: TemplateKey, *, previous: str, category: str) -> Json:
    """Say that a category has changed."""
    return {**_template(key), "previous_category": previous, "new_category": category}


def template_category_to_come(key: TemplateKey, *, present: str, correct: str, at: int) -> Json:
    """Say that a category is going to change, in a day; `new_category` is the present one."""
    to_come = {"new_category": present, "correct_category": correct, "category_update_timestamp": at + _DAY_S}
    return {**_template(key), **to_come}


def number_quality(number: str, event: str, *, limit: str, old_limit: str | None = None) -> Json:
    value = {"display_phone_number": display_number(number), "event": event, "current_limit": limit}
    if old_limit is not None:
        value["old_limit"] = old_limit
    return {**value, "max_daily_conversations_per_business": limit}


def account(event: str) -> Json:
    return {"event": event, **_ACCOUNT_DETAILS.get(event, {})}


def alert(kind: str, *, severity: str, status: str, entity_type: str, entity_id: str) -> Json:
    told = {"alert_severity": severity, "alert_status": status, "alert_type": kind, "alert_description": "Simulated."}
    return {"entity_type": entity_type, "entity_id": entity_id, "alert_info": told}


def capability(limit: str | int) -> Json:
    return {"max_daily_conversations_per_business": limit, "max_phone_numbers_per_business": 20}


def preference(number: str, person: str, value: str, *, at: int) -> Json:
    """Say that somebody wants marketing messages or none; the timestamp is a number here, and nowhere else."""
    wish = {"wa_id": person, "detail": "Simulated.", "category": "marketing_messages", "value": value, "timestamp": at}
    contact = {"profile": {"name": "Ada"}, "wa_id": person}
    return {**_of_number(number), "contacts": [contact], "user_preferences": [wish]}


def errors(number: str, told: list[Json]) -> Json:
    """Say what is wrong with a number or an account, and with no message."""
    return {**_of_number(number), "errors": told}


def _of_number(number: str) -> Json:
    return {"messaging_product": "whatsapp", "metadata": metadata(number)}


def _template(key: TemplateKey) -> Json:
    name, language = key
    return {
        "message_template_id": template_id(key),
        "message_template_name": name,
        "message_template_language": language,
    }
