"""The ledger as reports read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from campaign.ports.runs import Owner


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the ledger says of one run, counted under one snapshot."""

    campaign: str
    run: str
    state: str
    reason: str | None
    audience: int
    resent: int
    shards: tuple[str, ...]
    tolerate: float
    planned_at: datetime | None
    started_at: datetime | None
    first_departure_at: datetime | None
    finished_at: datetime | None
    owner: Owner | None
    refused: Mapping[str, int]
    messages: Sequence["MessageCount"]
    lanes: Mapping[str, "Lane"]
    code: int | None = None  # the answer that paused the run
    stopped: Mapping[str, int] = field(default_factory=dict)  # its shards that WhatsApp refuses, each with the code
    waiting: Sequence["Waiting"] = ()
    because: "Because | None" = None  # what was said that paused the run
    gated: bool = False  # what is left waits for the quality check of its template


class Because(NamedTuple):
    """Why a run is paused, beyond its reason: what WhatsApp said and when, or the name of what the program found."""

    words: str
    said_at: datetime | None = None
    remedy: str | None = None


class MessageCount(NamedTuple):
    """How many messages share a state; `reason` of skipped, `code` of rejected and failed ones.

    Of them `never_delivered` had 30 days for it, and `held_too_long` are held for longer than their run allows.
    """

    state: str
    delivery: str
    reason: str | None
    code: int | None
    rows: int
    never_delivered: int = 0
    held_too_long: int = 0


class Waiting(NamedTuple):
    """Messages to be sent over a shard; with a `code`, that answer put them off, the first of them `until` then."""

    shard: str
    code: int | None
    rows: int
    until: datetime | None


class Lane(NamedTuple):
    """What one shard did for a run; `worked` in seconds, time without work left out."""

    ceiling: float | None
    departed: int
    worst_second: int
    worked: float


class Remaining(NamedTuple):
    """What is left of a run."""

    state: str
    reason: str | None
    pending: int
    in_flight: int
    unknown: int
    held: int
    settle_seconds: float


class RunLine(NamedTuple):
    """One run in a list of runs."""

    campaign: str
    run: str
    state: str
    reason: str | None
    audience: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Reports(Protocol):
    """The ledger as reports read it."""

    async def find(self, campaign: str, key: str | None) -> int | None:
        """Find a run by its campaign and key, or a campaign's newest."""
        ...

    async def names(self) -> Sequence[tuple[str, str]]:
        """Name the newest runs: campaign and key."""
        ...

    async def facts(self, run: int) -> RunFacts: ...

    async def remaining(self, run: int) -> Remaining: ...

    async def list_runs(self, *, limit: int = 50) -> Sequence[RunLine]:
        """List runs, unfinished ones first, then the newest."""
        ...
