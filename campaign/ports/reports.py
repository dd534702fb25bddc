"""The ledger as reports read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from campaign.domain.comparison import Tally
from campaign.domain.ramp import Progress
from campaign.ports.runs import Owner

# By which column people consented, and where that was recorded; "recorded_elsewhere" where the file only says so.
Consent = Mapping[str, str | None] | str | None


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
    outlook: Mapping[str, Any] = field(default_factory=dict)  # what its plan foresaw
    consent: Consent = None
    limited: "Limited | None" = None
    variants: Sequence[Tally] = ()  # nothing where there is one message
    ramp: Progress | None = None


class Because(NamedTuple):
    """Why a run is paused, beyond its reason: what WhatsApp said and when, or the name of what the program found."""

    words: str
    said_at: datetime | None = None
    remedy: str | None = None


class Limited(NamedTuple):
    """A portfolio that has written to as many `people` as it may in `span` seconds; the first falls out at `until`."""

    people: int
    span: float
    until: datetime


class MessageCount(NamedTuple):
    """How many messages share a state; `reason` of skipped, `code` of rejected and failed ones.

    Of them `never_delivered` had 30 days for it, and `held_too_long` are held for longer than their run allows. What
    reached a phone is split by `region` and by the category it is charged as; '' is free, None is not said yet.
    """

    state: str
    delivery: str
    reason: str | None
    code: int | None
    rows: int
    never_delivered: int = 0
    held_too_long: int = 0
    region: str | None = None
    charged_as: str | None = None


class Waiting(NamedTuple):
    """Messages to be sent over a shard; with a `code`, that answer put them off, the first of them `until` then.

    With `hours` they wait for the hours in which they may be sent, the first of them `until` then.
    """

    shard: str
    code: int | None
    rows: int
    until: datetime | None
    hours: bool = False


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
