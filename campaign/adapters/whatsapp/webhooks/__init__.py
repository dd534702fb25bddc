"""Meta's webhook envelope -> what it says, in our words, and what could not be read.

Source: webhooks overview and reference (Oct to Dec 2025).
"""

from campaign.adapters.whatsapp.json_text import NotJson, read_json
from campaign.adapters.whatsapp.webhooks.account import our_number, read_errors, read_news
from campaign.adapters.whatsapp.webhooks.envelope import Change, Parsed, changes, read_timestamp
from campaign.adapters.whatsapp.webhooks.inbound import ON_PREMISES, read_inbound
from campaign.adapters.whatsapp.webhooks.preferences import FIELD as PREFERENCES
from campaign.adapters.whatsapp.webhooks.preferences import read_preferences
from campaign.adapters.whatsapp.webhooks.statuses import read_statuses
from campaign.domain.receipt import Other

__all__ = ["ON_PREMISES", "Parsed", "parse_webhook", "read_timestamp"]


def parse_webhook(body: bytes) -> Parsed:
    """Read one webhook body. Never raises: one bad item costs itself alone."""
    parsed = Parsed()
    try:
        envelope = read_json(body)
    except NotJson as error:
        parsed.quarantined.append(f"body: {error}")
        return parsed
    for change in changes(envelope, parsed):
        _read_change(change, parsed)
    return parsed


def _read_change(change: Change, parsed: Parsed) -> None:
    if read_news(change, parsed):
        return
    if change.field == "messages":
        _read_messages_field(change, parsed)
    elif change.field == PREFERENCES:
        read_preferences(change, parsed)
    else:
        parsed.items.append(Other(change.field))


def _read_messages_field(change: Change, parsed: Parsed) -> None:
    if (number := our_number(change.value)) is not None:
        parsed.items.append(number)
    if "errors" in change.value:
        read_errors(change, parsed)
    if "statuses" in change.value:
        read_statuses(f"{change.place}.statuses", change.value, parsed)
    if "messages" in change.value:
        read_inbound(f"{change.place}.messages", change, parsed)
