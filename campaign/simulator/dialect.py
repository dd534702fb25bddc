"""What the simulator needs of a wire dialect: the platform's meaning without the platform's spelling."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from campaign.simulator.templates import TemplateUse


@dataclass(frozen=True, slots=True)
class Submission:
    """A message as somebody asked for it, well formed. `content` is the same for everybody who gets the same text."""

    to: str
    person: str
    content: str
    callback_data: str | None
    template: TemplateUse | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The platform says no, with its code; `details` names the field, never a number."""

    code: int
    details: str


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
class TemplateEvent:
    """One thing that happened to a template: a new status, or a new quality (never both)."""

    key: tuple[str, str]
    template_id: int
    category: str
    status: str | None
    quality: str | None


class Dialect(Protocol):
    """Spelling alone: nothing here decides."""

    def read(self, raw: bytes) -> Submission | Refusal: ...

    def new_message_id(self, person: str) -> str: ...

    def accepted(self, submission: Submission, message_id: str, *, held: bool) -> Answer: ...

    def accepted_without_id(self, submission: Submission) -> Answer: ...

    def refused(self, refusal: Refusal, *, statuses: Mapping[int, int]) -> Answer: ...

    def envelope(self, events: Sequence[StatusEvent | TemplateEvent], *, callback_data_on_failed: bool) -> bytes: ...
