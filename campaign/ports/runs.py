"""The life of runs, by command."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from campaign.domain.errors import AlreadyRunning


class Frequency(NamedTuple):
    """At most so many marketing messages to one person in any such period, over all campaigns."""

    at_most: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class NewRun:
    """What a run freezes at its launch; `rate` in messages per second, `tolerate` and each of `ramp` a share.

    `free_form` messages go only to those who wrote within the last 24 hours. `templates`: of each variant, in order, or
    the only one. Nothing leaves after `until`.
    """

    campaign: str
    key: str
    definition: Mapping[str, Any]
    fingerprints: Mapping[str, str]
    portfolio: str
    template: str
    high: bool
    when_held: Literal["wait", "pause", "continue"]
    held_limit: timedelta
    duplicate_window: timedelta | None
    own_runs: bool
    tolerate: float
    settle: timedelta
    rate: float | None
    shards: tuple[str, ...]
    free_form: bool = False
    templates: tuple[str, ...] = ()
    until: datetime | None = None
    ramp: tuple[float, ...] = ()
    stop_if: Mapping[str, float] | None = None
    frequency: Frequency | None = None
    when_limited: Literal["wait", "pause"] = "wait"


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run as the ledger knows it; `to_plan` when it is ours to plan, new or after a dead planner. `plan`: its ID."""

    id: int
    public_id: UUID
    state: str
    reason: str | None
    fingerprints: Mapping[str, str]
    to_plan: bool
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """The living process that works on a run."""

    host: str
    pid: int
    since: datetime


class RunOwned(AlreadyRunning):
    """A living process plans or launches the run; `owner` says which."""

    def __init__(self, owner: Owner, *, run: str) -> None:
        since = owner.since.strftime("%Y-%m-%d %H:%M:%S %Z").strip()
        super().__init__(
            f"{run} is worked on by process {owner.pid} on {owner.host} since {since}",
            remedy="wait for it, or end it there; a process that dies is noticed within 10 s",
        )
        self.owner = owner


class Cancelled(NamedTuple):
    """What a cancel left: the run's state, rows cancelled by it, and rows whose answer is still awaited."""

    state: str
    cancelled: int
    in_flight: int


class Runs(Protocol):
    """The life of runs, by command. Those that return a state change nothing if the run is in another."""

    async def open(self, new: NewRun) -> OpenedRun:
        """Create the run, or give the one of that campaign and key; raise RunOwned while another process plans it."""
        ...

    async def definition(self, run: int) -> Mapping[str, Any]:
        """Give what the run froze of its file; empty where it has been forgotten."""
        ...

    async def take_settings_over(self, run: int, new: NewRun) -> tuple[str, ...]:
        """Give a planned run the rate, shards and quality of its file; shards that rows wait on stay."""
        ...

    async def claim_launch(self, run: int) -> None:
        """Become the run's launcher; raise RunOwned while another process is."""
        ...

    async def release_launch(self, run: int) -> None: ...

    async def start(self, run: int) -> str:
        """Set a scheduled run going; return the state it is in now."""
        ...

    async def discard(self, run: int) -> None:
        """Forget a scheduled run with all its rows: nothing of it was sent."""
        ...

    async def pause(self, run: int, *, detail: Mapping[str, Any]) -> str: ...

    async def resume(self, run: int, *, detail: Mapping[str, Any]) -> str: ...

    async def cancel(self, run: int, *, detail: Mapping[str, Any]) -> Cancelled: ...
