"""The fields besides `messages`: what WhatsApp says of templates, numbers and the account.

Source: webhooks reference, message_template_* (Oct to Dec 2025).
"""

from typing import Any, Literal

from campaign.adapters.whatsapp.json_text import is_text
from campaign.adapters.whatsapp.webhooks.envelope import LONGEST_ID, Change, read_timestamp, word
from campaign.domain.receipt import TemplateEvent


def template_event(change: Change) -> TemplateEvent | None:
    event = _verdict(change.value)
    name = change.value["message_template_name"]
    if event is None or not is_text(name, longest=LONGEST_ID):
        return None
    # Languages are seen as en-US and as en_US.
    language = word(change.value.get("message_template_language")).replace("-", "_")
    return TemplateEvent(name, language, event, None if change.at is None else read_timestamp(change.at))


def _verdict(value: dict[str, Any]) -> Literal["GREEN", "PAUSED"] | None:
    if value.get("event") == "PAUSED":
        return "PAUSED"
    return "GREEN" if value.get("new_quality_score") == "GREEN" else None
