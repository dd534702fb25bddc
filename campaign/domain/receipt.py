"""What a webhook can tell us, in our words."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

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


class AccountEvent(NamedTuple):
    """News of a template, of a number of ours, or of the whole account, which `subject` None stands for.

    `subject`: the template's name, the digits of a number, or its id where errors name one. `at` is when WhatsApp
    said it, `account` the id of the WhatsApp Business account it is about, `detail` all that was said.
    """

    field: str
    event: str
    subject: str | None = None
    language: str | None = None
    at: datetime | None = None
    account: str | None = None
    detail: Any = None


class OurNumber(NamedTuple):
    """A number of ours: what the platform calls it, and the digits people dial."""

    address: str
    display: str


class Inbound(NamedTuple):
    """A message somebody sent to a number of ours, in E.164; None for what opens no customer service window.

    `said` is what may be a wish to get no more: the text, a button's payload and label, a reply's id and title.
    `content` is the message as it came, without who sent it. `answers` is the message ID that it replies to.
    """

    message_id: str
    address: str
    number: str | None
    at: datetime
    kind: str = "text"
    said: tuple[str, ...] = ()
    content: Any = None
    answers: str | None = None


class Preference(NamedTuple):
    """What somebody chose in WhatsApp about marketing of ours."""

    number: str
    stopped: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Other:
    """Something recognised and left alone: the webhook's `field`."""

    field: str


Item = StatusFact | AccountEvent | OurNumber | Inbound | Preference | Other


class Heard(NamedTuple):
    """What one raw body said; `webhook` is its id in the ledger.

    `unread` is whatever may be a number, in E.164, where not all of the body was understood.
    """

    webhook: int | None
    items: Sequence[Item]
    unread: Collection[str] = ()
