"""One shard at work: the road of a message, top to bottom.

read ahead -> permit -> token -> mark -> departure gate -> POST -> settle -> record -> permit back

Nothing is written before mark. What mark committed is recorded before its permit comes back, so a crash leaves at
most `max_in_flight` messages in doubt.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from campaign.dispatch.batches import Batches
from campaign.dispatch.meter import Meter
from campaign.dispatch.reader import Reader, Ready
from campaign.domain.breaker import Breaker
from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import (
    Accepted,
    Halt,
    NotNow,
    NotSent,
    Outcome,
    Rejected,
    Scope,
    Unclear,
    settle,
)
from campaign.domain.pacing import AdaptiveCeiling, max_in_flight, queue_bound
from campaign.limiter import Gate, Spreader
from campaign.ports import Answer, Api, Asked, Clock, Interval, MarkVerdict, Post, Store, Taken

log = structlog.get_logger()

MARKS_AT_ONCE = 50
ANSWERS_AT_ONCE = 200

AWAY_SECONDS = 0.2

# An intent older than this is not acted on: the process may have slept while others judged its messages.
INTENT_SECONDS = 5.0

# A new owner leaves the second of the old one alone.
FIRST_DEPARTURE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Lane:
    """A shard as the settings describe it; `None` is unlimited (loopback only)."""

    id: str
    address: str
    ceiling: float | None
    max_in_flight: int | None = None


class TooLate(Exception):  # noqa: N818 - not an error: the intent is given back
    """The intent is too old to be acted on; nothing was written to the network."""


class _Departure:
    """Asks the gate on behalf of one request."""

    __slots__ = ("_asked_at", "_ready", "_shard", "departed", "left_at")

    def __init__(self, shard: "ShardSender", ready: Ready, asked_at: float) -> None:
        self._shard = shard
        self._ready = ready
        self._asked_at = asked_at
        self.departed = False
        self.left_at = 0.0

    async def depart(self) -> None:
        self.left_at = await self._shard.leave(self._asked_at)
        self.departed = True
        self._shard.left(self._ready)


class ShardSender:
    """Sends what is due on one shard until it is drained or fenced."""

    def __init__(
        self,
        lane: Lane,
        taken: Taken,
        *,
        store: Store,
        api: Api,
        clock: Clock,
        weights: Mapping[str, float],
        callback: Callable[[Ready], str],
    ) -> None:
        self.lane = lane
        self.epoch = taken.epoch
        self._store = store
        self._api = api
        self._clock = clock
        self._callback = callback
        self._pace = AdaptiveCeiling(lane.ceiling, taken.lowered) if lane.ceiling else None
        self._spreader = Spreader(self.rate)
        self._gate = Gate(self.rate, clock=clock, opens_at=clock.now() + FIRST_DEPARTURE_SECONDS)
        self._breaker = Breaker()
        self._rests_until = 0.0
        self._rests = 0
        self.max_in_flight = lane.max_in_flight or max_in_flight(lane.ceiling)
        self._permits = asyncio.Semaphore(self.max_in_flight)
        self._slots_in_all = min(queue_bound(lane.ceiling), self.max_in_flight)
        self._slots = asyncio.Semaphore(self._slots_in_all)
        self._to_mark: Batches[Ready] = Batches()
        self._answers: Batches[tuple[Ready, Answer, Outcome]] = Batches()
        self._reader = Reader(lane.id, store=store, clock=clock, weights=weights, ceiling=lane.ceiling)
        self._meter = Meter(lane.id, clock=clock, gate=self._gate)
        self._sends: set[asyncio.Task[None]] = set()
        self._posting = 0
        self._marking = False
        self._in_flight = 0
        self._held_back: set[int] = set()
        self._draining = asyncio.Event()
        self.fenced = False

    @property
    def rate(self) -> float | None:
        return self._pace.rate if self._pace else None

    @property
    def in_flight(self) -> int:
        return self._in_flight

    def wake(self) -> None:
        self._reader.wake()

    def drain(self) -> None:
        """Mark nothing more; what is under way is awaited and recorded."""
        self._reader.close()
        self._draining.set()

    async def quiet(self) -> None:
        """Wait until what was marked has left; the second of the next owner is its own."""
        async with asyncio.timeout(INTENT_SECONDS):
            for _ in range(self._slots_in_all):
                await self._slots.acquire()

    async def run(self) -> None:
        """Send until drained; returns when every answer is recorded."""
        async with asyncio.TaskGroup() as tasks:
            pacer = tasks.create_task(self._pace_messages(), name=f"pace {self.lane.id}")
            marker = tasks.create_task(self._mark_messages(), name=f"mark {self.lane.id}")
            recorder = tasks.create_task(self._record_answers(), name=f"record {self.lane.id}")
            closer = tasks.create_task(self._finish_runs(), name=f"finish {self.lane.id}")
            await self._draining.wait()
            await _end(pacer)
            await _end(closer)
            self._to_mark.close()
            await marker
            while self._sends:
                await asyncio.wait(self._sends)
            self._answers.close()
            await recorder

    # Before the mark: nothing is written, a cancelled wait loses nothing.

    async def _pace_messages(self) -> None:
        # An intent marked before the gate opens would only wait there, and be in doubt after a crash.
        with self._meter.waiting_for("idle"):
            await self._clock.sleep(self._gate.opens_in())
        turns = self._reader.turns()
        while True:
            with self._meter.waiting_for("idle"):
                turn = await anext(turns, None)
            if turn is None:
                return
            for ready in turn:
                await self._permit()
                await self._doors()
                await self._slot()
                await self._token()
                self._to_mark.put(ready)

    async def _permit(self) -> None:
        if not self._permits.locked():
            await self._permits.acquire()
            return
        with self._meter.waiting_for("whatsapp" if self._posting * 2 >= self._in_flight else "database"):
            await self._permits.acquire()

    async def _slot(self) -> None:
        if not self._slots.locked():
            await self._slots.acquire()
            return
        with self._meter.waiting_for("database" if self._marking else "limiter"):
            await self._slots.acquire()

    async def _doors(self) -> None:
        """Wait while the number rests or the breaker is open; the one that finds it half open is the probe."""
        while (wait := self._closed_for()) != 0:
            cause = "network" if self._breaker.connection_lost else "whatsapp"
            with self._meter.waiting_for(cause):
                await self._clock.sleep(0.05 if wait is None else min(wait, 1.0))
        self._breaker.probe()

    def _closed_for(self) -> float | None:
        now = self._clock.now()
        if self._rests_until > now:
            return self._rests_until - now
        return self._breaker.wait(now)

    async def _token(self) -> None:
        if self._pace is None:
            return
        started = self._clock.now()
        try:
            await self._spreader.token()
        except asyncio.CancelledError:
            self._slots.release()
            raise
        if self._pace.lowered is not None:
            slowed = 1.0 - self._pace.rate / self._pace.ceiling
            self._meter.waited("whatsapp", slowed * (self._clock.now() - started))

    # Mark: the intent is committed and acknowledged before anything leaves.

    async def _mark_messages(self) -> None:
        while batch := await self._to_mark.take(MARKS_AT_ONCE):
            batch = [ready for ready in batch if not self._refused_here(ready)]
            if not batch:
                continue
            asked_at = self._clock.now()
            verdicts = await self._verdicts(batch)
            if verdicts is None:
                continue
            self._meter.marks.note(self._clock.now() - asked_at)
            for ready, verdict in zip(batch, verdicts, strict=True):
                self._judged(ready, verdict, asked_at)

    def _refused_here(self, ready: Ready) -> bool:
        """Tell whether no mark is needed to refuse it: its run was just held back, or we drain."""
        if ready.reading.run.id not in self._held_back and not self._draining.is_set():
            return False
        self._return(ready)
        return True

    async def _verdicts(self, batch: list[Ready]) -> Sequence[MarkVerdict] | None:
        """Ask for the marks; `None` when the ledger did not acknowledge them, and nothing may be sent."""
        asked = [Asked(ready.reading.run.id, ready.row, ready.attempt) for ready in batch]
        self._marking = True
        try:
            return await self._store.mark(self.lane.id, self.epoch, asked)
        except LedgerAway:
            log.warning("mark.unacknowledged", shard=self.lane.id, messages=len(batch))
        finally:
            self._marking = False
        # Committed or not, nothing was sent: what turns out to be marked is given back by its attempt.
        self._breaker.unprobe()
        for ready in batch:
            self._slots.release()
            self._settled(ready, NotSent("the mark was not acknowledged", connection=False))
        with self._meter.waiting_for("database"):
            await self._clock.sleep(AWAY_SECONDS)
        return None

    def _judged(self, ready: Ready, verdict: MarkVerdict, asked_at: float) -> None:
        if verdict == "marked":
            self._in_flight += 1
            self._start(self._send(ready, asked_at))
            return
        if verdict == "fenced" and not self.fenced:
            self.fenced = True
            log.warning("shard.fenced", shard=self.lane.id)
            self.drain()
        self._return(ready)

    def _return(self, ready: Ready) -> None:
        """Not marked: permit and place in the queue are free again."""
        self._breaker.unprobe()
        self._slots.release()
        self._permits.release()
        self._forget(ready)

    def _forget(self, ready: Ready) -> None:
        self._reader.drop(ready)
        if not ready.reading.in_hand:
            self._reader.wake()

    # Send: one request, one outcome.

    def _start(self, send: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(send)
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)

    async def _send(self, ready: Ready, asked_at: float) -> None:
        departure = _Departure(self, ready, asked_at)
        post = Post(self.lane.address, ready.number, ready.content, self._callback(ready))
        outcome = await self._api.send(post, departure)
        if departure.departed:
            self._posting -= 1
            self._meter.posts.note(self._clock.now() - departure.left_at)
        else:
            self._slots.release()
        self._in_flight -= 1
        self._learn(outcome, left_at=departure.left_at)
        self._settled(ready, outcome)

    async def leave(self, asked_at: float) -> float:
        """Wait for the gate, unless the intent has grown too old meanwhile."""
        if self._clock.now() - asked_at > INTENT_SECONDS:
            raise TooLate
        left_at = await self._gate.departed()
        if left_at - asked_at > INTENT_SECONDS:
            raise TooLate
        return left_at

    def left(self, ready: Ready) -> None:
        """Note that the request's headers are about to be written."""
        self._posting += 1
        self._slots.release()
        self._meter.departed(ready.reading.run.id)

    def _learn(self, outcome: Outcome, *, left_at: float) -> None:
        """Let one outcome change how fast, and whether, the shard goes on."""
        now = self._clock.now()
        match outcome:
            case Unclear(_, _, rest):
                self._breaker.unknown(now)
                self._rest(rest)
                return
            case NotSent(_, connection):
                if connection:
                    self._breaker.not_connected(now)
                else:
                    self._breaker.unprobe()
                return
            case NotNow(_, Scope.SHARD):
                self._slow(left_at=left_at, now=now)
            case NotNow(_, Scope.NUMBER, seconds):
                self._rest(seconds, longest=outcome.longest_seconds)
            case _:
                self._rests = 0
        self._breaker.answered()

    def _rest(self, seconds: float, *, longest: float = 0.0) -> None:
        """Rest the number; the answers of one rest count once, and the next rest is twice as long."""
        now = self._clock.now()
        if not seconds or now < self._rests_until:
            return
        self._rests_until = now + max(seconds, min(longest, seconds * 2**self._rests))
        self._rests += 1

    def _slow(self, *, left_at: float, now: float) -> None:
        if self._pace and self._pace.too_fast(left_at=left_at, now=now):
            self._repace()
            log.warning("shard.slowed", shard=self.lane.id, rate=self._pace.rate, ceiling=self._pace.ceiling)

    def _repace(self) -> None:
        self._spreader.change(self.rate)
        self._gate.change(self.rate)

    # Settle and record: the permit comes back when the ledger knows.

    def _settled(self, ready: Ready, outcome: Outcome) -> None:
        run = ready.reading.run
        self._meter.answered(run.id, outcome)
        if _is_held(outcome) and run.when_held != "continue":
            self._held_back.add(run.id)
        settlement = settle(outcome, pair_waits=ready.pair_waits)
        self._answers.put((ready, Answer(run.id, ready.row, ready.attempt + 1, settlement), outcome))

    async def _record_answers(self) -> None:
        while batch := await self._answers.take(ANSWERS_AT_ONCE):
            doubled = await self._store.record([answer for _, answer, _ in batch])
            for run in doubled:
                await self._pause(run, "multi_id")
            for ready, _, outcome in batch:
                await self._obey(ready, outcome)
            for ready, _, _ in batch:
                self._permits.release()
                self._forget(ready)
            # Only what this batch told the ledger: an answer that came meanwhile still holds its run back.
            self._held_back -= {ready.reading.run.id for ready, _, outcome in batch if _is_held(outcome)}

    async def _obey(self, ready: Ready, outcome: Outcome) -> None:
        """Do what an outcome demands of its run, before its permit lets another message go."""
        run = ready.reading.run
        match outcome:
            case Accepted(held=True) if run.when_held == "pause":
                await self._pause(run.id, "held")
            case Accepted(held=True) if run.when_held == "wait":
                await self._store.close_gate(run.id)
            case Rejected(code, halt) | NotNow(code, halt=halt) if halt is not Halt.NOTHING:
                await self._pause(run.id, halt.value, code=code)
            case _:
                pass

    async def _pause(self, run: int, reason: str, **detail: object) -> None:
        log.warning("run.paused", run=run, reason=reason, shard=self.lane.id, **detail)
        await self._store.pause_run(run, reason, detail=detail)

    # Once a second, and once an interval.

    async def tick(self) -> None:
        """Climb back from a slowdown, keep it in the shard row, and give up on a WhatsApp that stays silent."""
        if self._pace and self._pace.recover(self._clock.now()):
            self._repace()
            await self._store.note_ceiling(self.lane.id, self.epoch, self._pace.lowered)
        if self._breaker.given_up(self._clock.now()):
            for run in await self._store.runs_with_work(self.lane.id):
                await self._pause(run.id, "unanswered")

    async def _finish_runs(self) -> None:
        """Close a run of which nothing is left here; the ledger knows whether anything is left elsewhere."""
        while True:
            run = await self._reader.idle_runs.get()
            if await self._store.finish_run(run):
                log.info("run.finished", run=run)

    async def report(self) -> None:
        """Write and log what the interval was; numbers come from here alone."""
        firsts, lasts = dict(self._meter.first_departures), dict(self._meter.last_departures)
        for interval in self._meter.read(ceiling=self.lane.ceiling, in_flight=self._in_flight):
            log.info("shard.progress", **_progress(interval, ceiling=self.lane.ceiling))
            await self._store.write_interval(interval)
        for run, first in firsts.items():
            await self._store.note_departures(run, first, lasts[run])

    def note_lag(self, seconds: float) -> None:
        self._meter.loop_lag = max(self._meter.loop_lag, seconds)


def _is_held(outcome: Outcome) -> bool:
    return isinstance(outcome, Accepted) and outcome.held


def _progress(interval: Interval, *, ceiling: float | None) -> dict[str, Any]:
    return {
        "shard": interval.shard,
        "run": interval.run,
        "interval_s": round(interval.seconds, 2),
        "departed": interval.departed,
        "rate": round(interval.departed / interval.seconds, 2),
        "ceiling": ceiling,
        "used": interval.used,
        "worst_second": interval.worst_second,
        "accepted": interval.accepted,
        "held": interval.held,
        "not_now": interval.not_now,
        "rejected": interval.rejected,
        "unknown": interval.unknown,
        "in_flight": interval.in_flight,
        "lost": interval.lost,
    }


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
