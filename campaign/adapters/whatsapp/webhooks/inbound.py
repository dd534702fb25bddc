"""`messages` of the field `messages`: what people wrote to a number of ours."""

import re
from typing import Any

from campaign.adapters.whatsapp.webhooks.envelope import (
    LONGEST_ID,
    Change,
    Parsed,
    Unreadable,
    lane_of,
    objects,
    read_timestamp,
    required,
)
from campaign.domain.receipt import Inbound

# What the one number of an On-Premises client is called here: its webhooks name none.
ON_PREMISES = "on-premises"

# A WhatsApp id as it has been since the first day: the number, country code first.
_DIGITS = re.compile(r"[1-9][0-9]{6,14}")


def read_inbound(place: str, change: Change, parsed: Parsed) -> None:
    address = lane_of(change.value) or (ON_PREMISES if change.bare else None)
    if address is None:
        parsed.quarantined.append(f"{place}: metadata.phone_number_id is missing")
        return
    for where, message in objects(place, change.value["messages"], parsed):
        try:
            parsed.items.append(_inbound(message, address))
        except Unreadable as error:
            parsed.quarantined.append(f"{where}: {error}")


def _inbound(message: dict[str, Any], address: str) -> Inbound:
    sender = message.get("from")
    # A person without a number (a business-scoped id), a group and WhatsApp's own notices open no window.
    opens = isinstance(sender, str) and _DIGITS.fullmatch(sender) and "group_id" not in message
    return Inbound(
        message_id=required(message, "id", longest=LONGEST_ID),
        address=address,
        number=f"+{sender}" if opens and message.get("type") != "system" else None,
        at=read_timestamp(message.get("timestamp")),
    )
