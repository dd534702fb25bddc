"""What a webhook can tell us, in our words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from campaign.domain.callback import Callback
from campaign.domain.errors import CampaignError


class Unstorable(CampaignError):  # noqa: N818 - a finding about a webhook
    """The ledger refuses something a webhook says: the same again would be refused again."""


class StatusFact(NamedTuple):
    """One status of one message ID. A timestamp out of reason is clamped to 1970 or 2100, so that it shows.

    `recipient` is a number in E.164, where the webhook names one.
    """

    message_id: str
    status: str
    at: datetime
    code: int = 0
    errors: Any = None
    pricing: Any = None
    conversation: Any = None
    callback: Callback | None = None
    phone_number_id: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateEvent:
    """A verdict on a template: GREEN lets held messages go, PAUSED drops them. `at` is the webhook's own time."""

    name: str
    language: str
    event: Literal["GREEN", "PAUSED"]
    at: datetime | None = None


class Inbound(NamedTuple):
    """A message somebody sent to a number of ours, in E.164; None for what opens no customer service window.

    `said` is what may be a wish to get no more: the text, a button's payload and label, a reply's id and title.
    `content` is the message as it came, without who sent it.
    """

    message_id: str
    address: str
    number: str | None
    at: datetime
    kind: str = "text"
    said: tuple[str, ...] = ()
    content: Any = None


class Preference(NamedTuple):
    """What somebody chose in WhatsApp about marketing of ours."""

    number: str
    stopped: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Other:
    """Something recognised and left alone: the webhook's `field`."""

    field: str


Item = StatusFact | TemplateEvent | Inbound | Preference | Other


class Heard(NamedTuple):
    """What one raw body said; `webhook` is its id in the ledger."""

    webhook: int | None
    items: Sequence[Item]
