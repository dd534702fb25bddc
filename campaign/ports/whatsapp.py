"""What sending needs of WhatsApp: a message made ready, and posted."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from campaign.domain.outcome import Halt, Outcome
from campaign.domain.rendering import CompiledMessage
from campaign.ports.sending import RunningRun


class Route(NamedTuple):
    """Which endpoint takes a run's messages; `members`: more of the envelope in JSON, each with its comma."""

    endpoint: Literal["messages", "marketing_messages"] = "messages"
    members: bytes = b""


class Post(NamedTuple):
    """One message on its way: `address` is the sending number's id, `content` the rendered message in JSON."""

    address: str
    to: str
    content: bytes
    callback: str
    route: Route = Route()


@dataclass(frozen=True, slots=True)
class Composed:
    """A run's messages, one for each variant, as one number sends them for so many seconds.

    Then the ids of their files want renewal.
    """

    messages: tuple[CompiledMessage, ...]
    route: Route
    good_for_seconds: float


@dataclass(frozen=True, slots=True)
class NotComposed:
    """Why a run's message cannot be sent over a number now; with `refused` it will not be better later.

    With a `halt` the message is not to blame: a dead token stops more than this run.
    """

    why: str
    refused: bool = False
    code: int | None = None
    halt: Halt = Halt.NOTHING


class Composer(Protocol):
    """Makes a run's message ready for one number: its dialect, its route, its files uploaded."""

    async def compose(self, run: RunningRun, address: str) -> Composed | NotComposed: ...


class Departure(Protocol):
    """What the API client tells when a request is about to leave, and asks whether it may."""

    departed: bool

    async def depart(self) -> None:
        """Wait for the gate, then note the departure; raises TooLate if the intent is too old to be acted on."""
        ...


class Api(Protocol):
    """WhatsApp, as dispatch uses it."""

    async def send(self, post: Post, departure: Departure) -> Outcome:
        """POST one message; never raises for what the network or WhatsApp does."""
        ...
