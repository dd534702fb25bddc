"""Meta's webhook envelope -> what it says, in our words, and what could not be read.

Source: webhooks overview and reference (Oct to Dec 2025).
"""

from campaign.adapters.whatsapp.json_text import NotJson, read_json
from campaign.adapters.whatsapp.webhooks.account import template_event
from campaign.adapters.whatsapp.webhooks.envelope import Change, Parsed, changes, read_timestamp
from campaign.adapters.whatsapp.webhooks.inbound import ON_PREMISES, read_inbound
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
    # By shape as well as by name: Meta's own sample of the quality update prints the wrong field.
    if "message_template_name" in change.value and (event := template_event(change)):
        parsed.items.append(event)
    elif change.field == "messages":
        _read_messages_field(change, parsed)
    if change.field != "messages" or "errors" in change.value:
        parsed.items.append(Other(change.field))


def _read_messages_field(change: Change, parsed: Parsed) -> None:
    if "statuses" in change.value:
        read_statuses(f"{change.place}.statuses", change.value, parsed)
    if "messages" in change.value:
        read_inbound(f"{change.place}.messages", change, parsed)
