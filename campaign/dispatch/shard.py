"""One shard at work: the road of a message, top to bottom.

read ahead -> permit -> token -> mark -> departure gate -> POST -> settle -> record -> permit back

Nothing is written before mark. What mark committed is recorded before its permit comes back, so a crash leaves at
most `max_in_flight` messages in doubt.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import structlog

from campaign.dispatch.batches import Batches
from campaign.dispatch.lane import Lane
from campaign.dispatch.meter import progress
from campaign.dispatch.pace import INTENT_SECONDS, Pace
from campaign.dispatch.reader import Reader, Ready
from campaign.dispatch.recorder import Recorder
from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import NotSent
from campaign.domain.pacing import max_in_flight, queue_bound
from campaign.ports import Api, Asked, Clock, MarkVerdict, Post, Store, Taken

log = structlog.get_logger()

MARKS_AT_ONCE = 50
ANSWERS_AT_ONCE = 200

AWAY_SECONDS = 0.2


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
        self.left_at = await self._shard.pace.leave(self._asked_at)
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
        self.pace = Pace(lane.id, ceiling=lane.ceiling, lowered=taken.lowered, clock=clock)
        self._meter = self.pace.meter
        self._recorder = Recorder(lane.id, store=store, meter=self._meter, recorded=self._recorded)
        self._most_in_flight = lane.max_in_flight or max_in_flight(lane.ceiling)
        self._permits = asyncio.Semaphore(self._most_in_flight)
        self._slots_in_all = min(queue_bound(lane.ceiling), self._most_in_flight)
        self._slots = asyncio.Semaphore(self._slots_in_all)
        self._to_mark: Batches[Ready] = Batches()
        self._reader = Reader(lane.id, store=store, clock=clock, weights=weights, ceiling=lane.ceiling)
        self._sends: set[asyncio.Task[None]] = set()
        self._posting = 0
        self._marking = False
        self._in_flight = 0
        self._draining = asyncio.Event()
        self.fenced = False

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
            recorder = tasks.create_task(self._recorder.run(), name=f"record {self.lane.id}")
            closer = tasks.create_task(self._finish_runs(), name=f"finish {self.lane.id}")
            await self._draining.wait()
            await _end(pacer)
            await _end(closer)
            self._to_mark.close()
            await marker
            while self._sends:
                await asyncio.wait(self._sends)
            self._recorder.close()
            await recorder

    # Before the mark: nothing is written, a cancelled wait loses nothing.

    async def _pace_messages(self) -> None:
        await self.pace.opening()
        turns = self._reader.turns()
        coming = asyncio.ensure_future(anext(turns, None))
        try:
            while (turn := await self._read(coming)) is not None:
                # The next turn is read while this one is sent: the limiter's burst is shorter than a slow query.
                coming = asyncio.ensure_future(anext(turns, None))
                await self._pace_turn(turn)
        finally:
            await _end(coming)

    async def _read(self, coming: asyncio.Future[list[Ready] | None]) -> list[Ready] | None:
        if coming.done():
            return coming.result()
        with self._meter.waiting_for("idle"):
            return await coming

    async def _pace_turn(self, turn: list[Ready]) -> None:
        for ready in turn:
            await self._permit()
            await self.pace.doors()
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

    async def _token(self) -> None:
        try:
            await self.pace.token()
        except asyncio.CancelledError:
            # Drained while waiting: the place in the queue must be seen to be free.
            self._slots.release()
            raise

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
        if ready.reading.run.id not in self._recorder.held_back and not self._draining.is_set():
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
        self.pace.unprobe()
        for ready in batch:
            self._slots.release()
            self._recorder.settle(ready, NotSent("the mark was not acknowledged", connection=False))
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
        self.pace.unprobe()
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
        self.pace.learn(outcome, left_at=departure.left_at)
        self._recorder.settle(ready, outcome)

    def left(self, ready: Ready) -> None:
        """Note that the request's headers are about to be written."""
        self._posting += 1
        self._slots.release()
        self._meter.departed(ready.reading.run.id)

    def _recorded(self, ready: Ready) -> None:
        """Take the permit back: the ledger knows."""
        self._permits.release()
        self._forget(ready)

    # Once a second, and once an interval.

    async def tick(self) -> None:
        """Climb back from a slowdown, keep it in the shard row, and give up on a WhatsApp that stays silent."""
        if self.pace.recover():
            await self._store.note_ceiling(self.lane.id, self.epoch, self.pace.lowered)
        if self.pace.given_up():
            for run in await self._store.runs_with_work(self.lane.id):
                await self._recorder.pause(run.id, "unanswered")

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
            log.info("shard.progress", **progress(interval))
            await self._store.write_interval(interval)
        for run, first in firsts.items():
            await self._store.note_departures(run, first, lasts[run])

    def note_lag(self, seconds: float) -> None:
        self._meter.loop_lag = max(self._meter.loop_lag, seconds)


async def _end(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
