"""What the simulator needs of a wire dialect: the platform's meaning without the platform's spelling."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from campaign.simulator.reasons import Reason
from campaign.simulator.template_use import TemplateUse

Endpoint = Literal["messages", "marketing_messages"]


@dataclass(frozen=True, slots=True)
class Submission:
    """A message as somebody asked for it, well formed. `content` is the same for everybody who gets the same text."""

    to: str
    person: str
    content: str
    callback_data: str | None
    template: TemplateUse | None
    media: tuple[str, ...] = ()
    strict_policy: bool = False


@dataclass(frozen=True, slots=True)
class ReadReceipt:
    """Somebody says that an inbound message was read."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The platform says no, with its code; `details` names the field, never a number.

    `status` is the HTTP status where it is not the one that goes with the code.
    """

    code: int
    details: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """A message the platform has accepted. `at` is the arrival, in seconds since 1970."""

    seq: int
    at: float
    number: str
    message_id: str
    submission: Submission
    category: str
    held: bool


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """One thing that happened to a message."""

    message: Message
    status: str
    at: float
    code: int | None = None


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """Somebody wrote to a number; `content` is the message as the webhook carries it, from `type` on."""

    number: str
    person: str
    name: str
    message_id: str
    at: float
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class FieldEvent:
    """News of any field, in the words of the webhook; `at` is its `entry.time`, `account` whose it is if not ours."""

    field: str
    value: object
    at: int
    account: str | None = None


@dataclass(frozen=True, slots=True)
class RawEvent:
    """A body to be posted as it is, alone. Signed as agreed, or with these words instead, or with none (empty)."""

    body: bytes
    signature: str | None = None


Event = StatusEvent | InboundEvent | FieldEvent
"""What a dialect can put in words."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How webhooks are worded where the platform's own versions differ. `scoped` is the share of hidden numbers.

    `pricing`: what is told of one person's messages in the place of the usual price; None leaves a member out.
    """

    callback_data_on_failed: bool = True
    conversations: bool = False
    status_contacts: bool = False
    scoped: float = 0.0
    pricing: Mapping[str, Mapping[str, bool | str | None]] = field(default_factory=dict)

    def hides(self, person: str) -> bool:
        """Tell whether a person is known by a business-scoped id alone; always the same people for the same share."""
        return zlib.crc32(person.encode()) < self.scoped * 2**32


class Dialect(Protocol):
    """Spelling alone: nothing here decides."""

    @property
    def codes(self) -> Mapping[Reason, int]: ...

    @property
    def usual_number(self) -> str: ...

    @property
    def has_news(self) -> bool: ...

    def read(self, raw: bytes, *, endpoint: Endpoint) -> Submission | ReadReceipt | Refusal: ...

    def new_message_id(self, person: str) -> str: ...

    def accepted(self, submission: Submission, message_id: str, *, held: bool) -> Answer: ...

    def accepted_without_id(self, submission: Submission) -> Answer: ...

    def refused(self, refusal: Refusal, *, statuses: Mapping[int, int]) -> Answer: ...

    def tells(self, event: Event) -> bool: ...

    def envelope(self, events: Sequence[Event], manner: Manner) -> bytes: ...
