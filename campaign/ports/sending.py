"""What sending needs: a clock, and the ledger as dispatch uses it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from campaign.domain.outcome import Settlement

MarkVerdict = Literal["marked", "skipped", "later", "limited", "stopped", "fenced"]


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
    when_limited: Literal["wait", "pause"] = "wait"


class Due(NamedTuple):
    """A pending message that may be sent now."""

    row: int
    attempt: int
    pair_waits: int
    day_waits: int
    number: str
    variables: dict[str, Any]
    not_before: datetime
    variant: int = 0


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


class HoursTurn(NamedTuple):
    """How many messages wait for their next window now, and how many have none left; `runs` looked at `until` then."""

    put_off: int
    expired: int
    until: datetime
    runs: Sequence[int]


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

    async def mark(self, shard: str, epoch: int, asked: Sequence[Asked]) -> Sequence[MarkVerdict]:
        """Commit intents; what is `limited` would reach more people than the portfolio may, and stays pending."""
        ...

    def rest(self, run: int) -> float:
        """Tell for how many seconds a limited run need not ask again: 5 at most, 0 if it may at once."""
        ...

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

    async def close_gate(self, run: int, variant: int) -> None:
        """Let whatever sends the template of that variant of a run wait for its quality assessment."""
        ...

    async def follow_hours(
        self, shards: Mapping[str, int], *, followed: Mapping[int, datetime], limit: int
    ) -> HoursTurn:
        """Put off, or end, what is pending on shards (with their epochs) in windows that have closed.

        `followed`: up to when that was done for a run already. At most `limit` rows.
        """
        ...

    async def finish_run(self, run: int) -> bool: ...

    async def note_departures(self, run: int, first: datetime, last: datetime) -> None: ...

    async def write_interval(self, interval: Interval) -> None: ...


class Watchman(Protocol):
    """Finds dead processes and what they left behind."""

    async def bury(self) -> Sequence[int]: ...

    async def rescue(self, *, older_than_seconds: float) -> int: ...

    async def receiver_alive(self) -> bool: ...
