"""What sending needs: a clock, the ledger as dispatch uses it, and WhatsApp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from campaign.domain.outcome import Halt, Outcome, Settlement
from campaign.domain.rendering import CompiledMessage

MarkVerdict = Literal["marked", "skipped", "later", "stopped", "fenced"]


class Clock(Protocol):
    """Time that goes on during suspend; `now` counts seconds from an arbitrary start."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class RunningRun:
    """A run as dispatch needs it."""

    id: int
    public_id: UUID
    high: bool
    rate: float | None
    shards: tuple[str, ...]
    definition: dict[str, Any]
    when_held: Literal["wait", "pause", "continue"]


class Due(NamedTuple):
    """A pending message that may be sent now."""

    row: int
    attempt: int
    pair_waits: int
    day_waits: int
    number: str
    variables: dict[str, Any]
    not_before: datetime


class Asked(NamedTuple):
    """A message whose mark is asked for: `attempt` is the count before the mark."""

    run: int
    row: int
    attempt: int


class Answer(NamedTuple):
    """What became of one marked attempt."""

    run: int
    row: int
    attempt: int
    settlement: Settlement


@dataclass(frozen=True, slots=True)
class Taken:
    """A shard that is ours until somebody raises its epoch."""

    epoch: int
    lowered: float | None


@dataclass(slots=True)
class Interval:
    """What one shard did for one run in one interval; times in seconds, `lost` in shares of the interval."""

    shard: str
    run: int
    started_at: datetime
    seconds: float
    ceiling: float | None
    used: float = 0.0
    departed: int = 0
    worst_second: int = 0
    accepted: int = 0
    held: int = 0
    not_now: int = 0
    rejected: int = 0
    unknown: int = 0
    in_flight: int = 0
    lost: dict[str, float] = field(default_factory=dict)
    post_seconds: list[int] = field(default_factory=list)
    mark_seconds: list[int] = field(default_factory=list)
    loop_lag: float = 0.0


class Store(Protocol):
    """The ledger as dispatch uses it. Every method may be repeated when its answer was lost."""

    async def introduce_shards(self, shards: Mapping[str, str]) -> None:
        """Make shards known, each with what the platform calls its number."""
        ...

    async def take(self, shard: str, *, ceiling: float | None) -> Taken | None: ...

    async def still_ours(self, shard: str, epoch: int) -> bool:
        """Tell whether nobody has taken the shard since."""
        ...

    async def give_back(self, shard: str, epoch: int) -> None: ...

    async def note_ceiling(self, shard: str, epoch: int, *, ceiling: float | None, lowered: float | None) -> None: ...

    async def stop_shard(self, shard: str, epoch: int, code: int) -> bool:
        """Let nothing more be marked over a shard until a command says so; tell whether that is news."""
        ...

    async def inbound_rate(self, address: str) -> float:
        """Messages per second a number receives: the last full minute or the current one, whichever is more."""
        ...

    async def runs_with_work(self, shard: str) -> Sequence[RunningRun]: ...

    async def read_ahead(
        self, shard: str, run: int, *, after: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Due]: ...

    async def mark(self, shard: str, epoch: int, asked: Sequence[Asked]) -> Sequence[MarkVerdict]: ...

    async def record(self, answers: Sequence[Answer]) -> set[int]:
        """Write answers; return the runs in which an attempt turned out to have two message IDs.

        Whom an answer suppresses has no message pending any more when this returns, in any run, and gets none marked.
        """
        ...

    async def pause_run(self, run: int, reason: str, *, detail: dict[str, Any] | None = None) -> bool:
        """Pause a running run; tell whether it was running."""
        ...

    async def pause_portfolio(self, run: int, reason: str, *, detail: dict[str, Any]) -> Sequence[int]:
        """Pause every running run of this run's portfolio; return them."""
        ...

    async def close_gate(self, run: int) -> None: ...

    async def finish_run(self, run: int) -> bool: ...

    async def note_departures(self, run: int, first: datetime, last: datetime) -> None: ...

    async def write_interval(self, interval: Interval) -> None: ...


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
    """A run's message as one number sends it, for so many seconds: then the ids of its files want renewal."""

    message: CompiledMessage
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


class Watchman(Protocol):
    """Finds dead processes and what they left behind."""

    async def bury(self) -> Sequence[int]: ...

    async def rescue(self, *, older_than_seconds: float) -> int: ...

    async def receiver_alive(self) -> bool: ...
