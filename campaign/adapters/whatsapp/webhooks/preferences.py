"""The field `user_preferences`: who stopped or allowed marketing of ours, in WhatsApp itself.

Source: webhooks reference, user_preferences (Oct 2025).
"""

from typing import Any

from campaign.adapters.whatsapp.webhooks.envelope import Change, Parsed, Unreadable, objects, read_timestamp
from campaign.adapters.whatsapp.webhooks.inbound import number_of
from campaign.domain.receipt import Preference

FIELD = "user_preferences"

_STOPPED = {"stop": True, "resume": False}


def read_preferences(change: Change, parsed: Parsed) -> None:
    for where, preference in objects(f"{change.place}.{FIELD}", change.value.get(FIELD), parsed):
        try:
            parsed.items.append(_preference(preference))
        except Unreadable as error:
            parsed.quarantined.append(f"{where}: {error}")


def _preference(preference: dict[str, Any]) -> Preference:
    number, value = number_of(preference.get("wa_id")), preference.get("value")
    if number is None:
        raise Unreadable("wa_id is no number")
    # A wish that cannot be understood is for a person to read.
    if preference.get("category") != "marketing_messages":
        raise Unreadable("category is not marketing_messages")
    if not isinstance(value, str) or value not in _STOPPED:
        raise Unreadable("value is neither stop nor resume")
    return Preference(number, _STOPPED[value], read_timestamp(preference.get("timestamp")))
