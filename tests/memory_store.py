"""The ledger in memory, by the rules of the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import Settlement
from campaign.ports import Answer, Asked, Due, HoursTurn, Interval, MarkVerdict, RunningRun, Taken
from tests.fakes import ManualClock

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)

MESSAGE = {"type": "text", "text": {"body": "Hello {{ name }}"}}


@dataclass(slots=True)
class Row:
    """One message of the ledger."""

    shard: str
    state: str = "pending"
    attempt: int = 0
    pair_waits: int = 0
    day_waits: int = 0
    not_before: datetime = LONG_AGO
    not_after: datetime = FOREVER
    person: str = ""
    number: str = ""
    content: str = ""
    marked_by: int | None = None
    message_id: str | None = None
    reason: str | None = None
    code: int | None = None
    multi_id: bool = False
    variant: int = 0


@dataclass(slots=True)
class Run:
    """One run and its rows."""

    running: RunningRun
    state: str = "running"
    reason: str | None = None
    gated: bool = False
    gates: list[int] = field(default_factory=list)
    portfolio: str = "main"
    free_form: bool = False
    code: int | None = None
    rows: dict[int, Row] = field(default_factory=dict)


@dataclass(slots=True)
class ShardRow:
    """A shard as the ledger knows it."""

    epoch: int = 0
    owner: int | None = None
    lowered: float | None = None
    ceiling: float | None = None
    address: str = ""
    stopped_code: int | None = None


class MemoryStore:
    """The port `Store` by the rules of the real ledger. `seconds` is what mark and record take; `away` marks fail."""

    def __init__(self, clock: ManualClock, *, process: int = 1) -> None:
        self.clock = clock
        self.process = process
        self.shards: dict[str, ShardRow] = {}
        self.runs: dict[int, Run] = {}
        self.claims: dict[tuple[str, str], tuple[int, int]] = {}
        self.suppressed: dict[str, str] = {}
        self.windows: set[tuple[str, str]] = set()
        self.inbound: dict[str, float] = {}
        self.intervals: list[Interval] = []
        self.departures: dict[int, tuple[datetime, datetime]] = {}
        self.asked: list[list[tuple[int, int]]] = []
        self.marks: list[tuple[float, int, int]] = []
        self.given_back: list[str] = []
        # The portfolio limit: how many people in how many seconds, and until when who counts.
        self.limit: int | None = None
        self.span = 24 * 3600.0
        self.counted: dict[str, float] = {}
        self.mark_seconds = 0.0
        self.record_seconds = 0.0
        # How many marks from now are not acknowledged, and whether those commit all the same.
        self.away = 0
        self.away_commits = False

    # What a test arranges and looks at.

    def add_run(self, rows: int, *, shards: Sequence[str] = ("paris",), **more: Any) -> Run:
        number = len(self.runs) + 1
        fields: dict[str, Any] = {
            "high": False,
            "rate": None,
            "definition": {"message": MESSAGE},
            "when_held": "wait",
        }
        running = RunningRun(id=number, public_id=UUID(int=number), shards=tuple(shards), **fields | more)
        run = Run(running)
        for row in range(rows):
            person = f"person {row}"
            shard = shards[row % len(shards)]
            run.rows[row] = Row(shard, person=person, number=f"+{number}{row:08}", content=f"content {number}")
        self.runs[number] = run
        return run

    def states(self, run: int = 1) -> list[str]:
        return [row.state for row in self.runs[run].rows.values()]

    def count(self, state: str, *runs: int) -> int:
        return sum(self.states(run).count(state) for run in runs or self.runs)

    # The port.

    async def introduce_shards(self, shards: Mapping[str, str]) -> None:
        for shard, address in shards.items():
            self.shards.setdefault(shard, ShardRow()).address = address

    async def take(self, shard: str, *, ceiling: float | None) -> Taken | None:
        row = self.shards.setdefault(shard, ShardRow())
        if row.owner not in (None, self.process):
            return None
        row.epoch += 1
        row.owner, row.ceiling = self.process, ceiling
        return Taken(row.epoch, row.lowered)

    async def still_ours(self, shard: str, epoch: int) -> bool:
        return (self.shards[shard].epoch, self.shards[shard].owner) == (epoch, self.process)

    async def give_back(self, shard: str, epoch: int) -> None:
        if self.shards[shard].epoch == epoch:
            self.shards[shard].owner = None
            self.given_back.append(shard)

    async def note_ceiling(self, shard: str, epoch: int, *, ceiling: float | None, lowered: float | None) -> None:
        if self.shards[shard].epoch == epoch:
            self.shards[shard].ceiling, self.shards[shard].lowered = ceiling, lowered

    async def stop_shard(self, shard: str, epoch: int, code: int) -> bool:
        row = self.shards[shard]
        if row.epoch != epoch or row.stopped_code is not None:
            return False
        row.stopped_code = code
        return True

    async def inbound_rate(self, address: str) -> float:
        return self.inbound.get(address, 0.0)

    async def runs_with_work(self, shard: str) -> Sequence[RunningRun]:
        if self.shards[shard].stopped_code is not None:
            return []
        return [
            run.running
            for run in self.runs.values()
            if run.state == "running" and not run.gated and shard in run.running.shards
        ]

    async def read_ahead(
        self, shard: str, run: int, *, after: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Due]:
        now = self.clock.datetime()
        found = sorted(
            (row.not_before, number)
            for number, row in self.runs[run].rows.items()
            if row.state == "pending" and row.shard == shard and row.not_before <= now
        )
        start = [key for key in found if after is None or key > after][:limit]
        return [self._due(run, number) for _, number in start]

    def _due(self, run: int, number: int) -> Due:
        row = self.runs[run].rows[number]
        variables = {"name": row.person}
        return Due(
            number, row.attempt, row.pair_waits, row.day_waits, row.number, variables, row.not_before, row.variant
        )

    async def mark(self, shard: str, epoch: int, asked: Sequence[Asked]) -> Sequence[MarkVerdict]:
        self.asked.append([(item.run, item.row) for item in asked])
        await self.clock.sleep(self.mark_seconds)
        if self.away:
            self.away -= 1
            if self.away_commits:
                self._mark(shard, epoch, asked)
            raise LedgerAway
        return self._mark(shard, epoch, asked)

    def _mark(self, shard: str, epoch: int, asked: Sequence[Asked]) -> list[MarkVerdict]:
        if self.shards[shard].epoch != epoch:
            return ["fenced"] * len(asked)
        if self.shards[shard].stopped_code is not None:
            return ["stopped"] * len(asked)
        return [self._mark_one(shard, item) for item in asked]

    def _mark_one(self, shard: str, asked: Asked) -> MarkVerdict:
        run = self.runs[asked.run]
        row = run.rows[asked.row]
        now = self.clock.datetime()
        if run.state != "running":
            return "stopped"
        if (
            (row.state, row.attempt, row.shard) != ("pending", asked.attempt, shard)
            or run.gated
            or row.not_before > now
        ):
            return "later"
        if (reason := self._left_out(asked, row, now)) is not None:
            row.state, row.reason = "skipped", reason
            return "skipped"
        if self._no_room_for(row.person):
            return "limited"
        self.claims[row.person, row.content] = (asked.run, asked.row)
        row.state, row.attempt, row.marked_by, row.reason = "in_flight", row.attempt + 1, self.process, None
        self.marks.append((self.clock.now(), asked.run, asked.row))
        return "marked"

    def _no_room_for(self, person: str) -> bool:
        """Count a person, or tell that the limit has no room for them."""
        if self.limit is None:
            return False
        now = self.clock.now()
        self.counted = {each: until for each, until in self.counted.items() if until > now}
        if person not in self.counted and len(self.counted) >= self.limit:
            return True
        self.counted[person] = now + self.span
        return False

    def rest(self, run: int) -> float:
        if self.limit is None or len(self.counted) < self.limit:
            return 0.0
        return min(5.0, min(self.counted.values()) - self.clock.now())

    def _left_out(self, asked: Asked, row: Row, now: datetime) -> str | None:
        if row.not_after <= now:
            return "expired"
        if self._unwanted(asked.run, row):
            return "suppressed"
        if self.runs[asked.run].free_form and (row.person, self.shards[row.shard].address) not in self.windows:
            return "window_closed"
        holder = self.claims.get((row.person, row.content), (asked.run, asked.row))
        return None if holder == (asked.run, asked.row) else "already_sent"

    def _unwanted(self, run: int, row: Row) -> bool:
        category = self.runs[run].running.definition.get("category", "marketing")
        return self.suppressed.get(row.person) in ("all", category)

    async def record(self, answers: Sequence[Answer]) -> set[int]:
        await self.clock.sleep(self.record_seconds)
        return {answer.run for answer in answers if self._record_one(answer)}

    def _record_one(self, answer: Answer) -> bool:
        """Write one answer; tell whether it shows a second message ID."""
        run = self.runs[answer.run]
        row = run.rows[answer.row]
        settled = answer.settlement
        if row.attempt != answer.attempt:
            return False
        if row.state in ("in_flight", "unknown"):
            if not row.state == settled.state == "unknown":
                self._settle(run, row, settled)
            return False
        if row.state == "accepted" and settled.message_id not in (None, row.message_id):
            row.multi_id = True
            return True
        return False

    def _settle(self, run: Run, row: Row, settled: Settlement) -> None:
        row.state = "cancelled" if settled.state == "pending" and run.state == "cancelled" else settled.state
        row.message_id, row.code, row.reason = settled.message_id or row.message_id, settled.code, settled.why
        row.pair_waits += settled.pair_wait
        row.day_waits += settled.day_wait
        if settled.wait_seconds:
            row.not_before = self.clock.datetime() + timedelta(seconds=settled.wait_seconds)
        if row.state in ("rejected", "cancelled"):
            self.claims.pop((row.person, row.content), None)
        if row.state in ("rejected", "cancelled", "pending"):
            self.counted.pop(row.person, None)
        if settled.suppress:
            self._suppress(row.person, settled.suppress)

    def _suppress(self, person: str, scope: str) -> None:
        self.suppressed[person] = scope
        for number, run in self.runs.items():
            for row in run.rows.values():
                if row.person == person and row.state == "pending" and self._unwanted(number, row):
                    row.state, row.reason = "skipped", "suppressed"
                    self.claims.pop((row.person, row.content), None)

    async def pause_run(self, run: int, reason: str, *, detail: dict[str, Any] | None = None) -> bool:
        found = self.runs[run]
        if found.state != "running":
            return False
        found.state, found.reason, found.code = "paused", reason, (detail or {}).get("code")
        return True

    async def pause_portfolio(self, run: int, reason: str, *, detail: dict[str, Any]) -> Sequence[int]:
        portfolio = self.runs[run].portfolio
        theirs = [number for number, found in self.runs.items() if found.portfolio == portfolio]
        return [number for number in theirs if await self.pause_run(number, reason, detail=detail)]

    async def close_gate(self, run: int, variant: int) -> None:
        self.runs[run].gated = True
        self.runs[run].gates.append(variant)

    async def follow_hours(
        self, shards: Mapping[str, int], *, followed: Mapping[int, datetime], limit: int
    ) -> HoursTurn:
        """Find nothing: hours are the real ledger's."""
        return HoursTurn(0, 0, self.clock.datetime(), [])

    async def finish_run(self, run: int) -> bool:
        found = self.runs[run]
        if found.state != "running" or {"pending", "in_flight"} & {row.state for row in found.rows.values()}:
            return False
        found.state = "finished"
        return True

    async def note_departures(self, run: int, first: datetime, last: datetime) -> None:
        known = self.departures.get(run, (first, last))
        self.departures[run] = (min(known[0], first), max(known[1], last))

    async def write_interval(self, interval: Interval) -> None:
        self.intervals.append(replace(interval))
