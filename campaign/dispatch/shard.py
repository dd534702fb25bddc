"""One shard at work: the road of a message, top to bottom.

read ahead -> permit -> token -> mark -> departure gate -> POST -> settle -> record -> permit back

Nothing is written before mark. What mark committed is recorded before its permit comes back, so a crash leaves at
most `max_in_flight` messages in doubt.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import structlog

from campaign.dispatch.batches import Batches
from campaign.dispatch.client import ClientPace
from campaign.dispatch.composition import Composing
from campaign.dispatch.headroom import Headroom
from campaign.dispatch.lane import Lane
from campaign.dispatch.means import Means
from campaign.dispatch.orders import Pause, order_of_refusal
from campaign.dispatch.pace import INTENT_SECONDS, LOOK_SECONDS, Pace
from campaign.dispatch.places import Places
from campaign.dispatch.reader import Reader, Ready
from campaign.dispatch.recorder import Recorder
from campaign.dispatch.sends import Sends
from campaign.dispatch.upkeep import Upkeep
from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import NotSent
from campaign.domain.pacing import max_in_flight, queue_bound
from campaign.ports import Asked, MarkVerdict, NotComposed, RunningRun, Taken

log = structlog.get_logger()

MARKS_AT_ONCE = 50

AWAY_SECONDS = 0.2


class ShardSender:
    """Sends what is due on one shard until it is drained or fenced."""

    def __init__(
        self, lane: Lane, taken: Taken, headroom: Headroom, *, means: Means, client: ClientPace | None = None
    ) -> None:
        self.lane = lane
        self.epoch = taken.epoch
        self._means = means
        self._store = means.store
        self._clock = means.clock
        ceiling = headroom.ceiling
        self.pace = Pace(lane.id, ceiling=ceiling, lowered=taken.lowered, clock=means.clock, client=client)
        self._meter = self.pace.meter
        self._recorder = Recorder(
            lane.id,
            taken.epoch,
            store=means.store,
            meter=self._meter,
            mistakes=means.mistakes,
            recorded=self._recorded,
        )
        self._upkeep = Upkeep(
            lane.id,
            taken.epoch,
            headroom,
            store=means.store,
            pace=self.pace,
            recorder=self._recorder,
            client=client,
        )
        permits = lane.max_in_flight or max_in_flight(ceiling)
        self._places = Places(permits=permits, slots=min(queue_bound(ceiling), permits), meter=self._meter)
        self._to_mark: Batches[Ready] = Batches()
        self._composing = Composing(
            lane.id, lane.address, composer=means.composer, clock=means.clock, refused=self._not_composed
        )
        self._reader = Reader(
            lane.id,
            store=means.store,
            clock=means.clock,
            composing=self._composing,
            weights=means.weights,
            ceiling=ceiling,
        )
        self._sends = Sends(lane, means=means, pace=self.pace, places=self._places, recorder=self._recorder)
        self._draining = asyncio.Event()
        self.fenced = False

    @property
    def in_flight(self) -> int:
        return self._places.in_flight

    def wake(self) -> None:
        self._reader.wake()

    @property
    def draining(self) -> bool:
        return self._draining.is_set()

    def drain(self) -> None:
        """Mark nothing more; what is under way is awaited and recorded."""
        self._reader.close()
        self._draining.set()

    async def quiet(self) -> None:
        """Wait until what was marked has left; the second of the next owner is its own."""
        async with asyncio.timeout(INTENT_SECONDS):
            await self._places.all_left()

    async def run(self) -> None:
        """Send until drained; returns when every answer is recorded."""
        async with asyncio.TaskGroup() as tasks:
            pacer = tasks.create_task(self._pace_messages(), name=f"pace {self.lane.id}")
            marker = tasks.create_task(self._mark_messages(), name=f"mark {self.lane.id}")
            recorder = tasks.create_task(self._recorder.run(), name=f"record {self.lane.id}")
            closer = tasks.create_task(self._upkeep.finish_runs(self._reader.idle_runs), name=f"finish {self.lane.id}")
            await self._draining.wait()
            await _end(pacer)
            await self._composing.end()
            await _end(closer)
            self._to_mark.close()
            await marker
            await self._sends.all_back()
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
        while not coming.done():
            with self._meter.waiting_for(self._reader.waits_for):
                await asyncio.wait([coming], timeout=LOOK_SECONDS)
        return coming.result()

    async def _pace_turn(self, turn: list[Ready]) -> None:
        for ready in turn:
            if self._reader.is_limited(ready):
                self._reader.drop(ready)
                continue
            await self._places.permit()
            await self.pace.doors()
            await self._places.slot()
            await self._token()
            self._to_mark.put(ready)

    async def _token(self) -> None:
        try:
            await self.pace.token()
        except asyncio.CancelledError:
            # Drained while waiting: the place in the queue must be seen to be free.
            self._places.leave_slot()
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
            await self._wait_for_room(ready for ready, each in zip(batch, verdicts, strict=True) if each == "limited")

    def _refused_here(self, ready: Ready) -> bool:
        """Tell whether no mark is needed to refuse it: its run was just held back or limited, or we drain."""
        held_back = self._recorder.holds_back(ready.reading.run.id) or self._reader.is_limited(ready)
        if not held_back and not self._draining.is_set():
            return False
        self._return(ready)
        return True

    async def _verdicts(self, batch: list[Ready]) -> Sequence[MarkVerdict] | None:
        """Ask for the marks; `None` when the ledger did not acknowledge them, and nothing may be sent."""
        asked = [Asked(ready.reading.run.id, ready.due.row, ready.due.attempt) for ready in batch]
        self._places.marking = True
        try:
            return await self._store.mark(self.lane.id, self.epoch, asked)
        except LedgerAway:
            log.warning("mark.unacknowledged", shard=self.lane.id, messages=len(batch))
        finally:
            self._places.marking = False
        # Committed or not, nothing was sent: what turns out to be marked is given back by its attempt.
        self.pace.unprobe()
        for ready in batch:
            self._places.leave_slot()
            self._recorder.settle(ready, NotSent("the mark was not acknowledged", connection=False))
        with self._meter.waiting_for("database"):
            await self._clock.sleep(AWAY_SECONDS)
        return None

    def _judged(self, ready: Ready, verdict: MarkVerdict, asked_at: float) -> None:
        if verdict == "marked":
            self._sends.start(ready, asked_at)
            return
        if verdict == "fenced" and not self.fenced:
            self.fenced = True
            log.warning("shard.fenced", shard=self.lane.id)
            self.drain()
        self._return(ready)

    async def _wait_for_room(self, limited: Iterable[Ready]) -> None:
        """Let runs rest that may write to nobody new, or pause them if their files say so."""
        for ready in {ready.reading.run.id: ready for ready in limited}.values():
            run = ready.reading.run
            self._reader.limit(ready, self._store.rest(run.id))
            if run.when_limited == "pause":
                await self._recorder.obey(Pause(run.id, "limit"))

    def _return(self, ready: Ready) -> None:
        """Not marked: permit and place in the queue are free again."""
        self.pace.unprobe()
        self._places.leave_slot()
        self._recorded(ready)

    def _recorded(self, ready: Ready) -> None:
        """Take the permit back: the ledger knows."""
        self._places.give_permit_back()
        self._reader.drop(ready)
        if not ready.reading.in_hand:
            self._reader.wake()

    async def _not_composed(self, run: RunningRun, made: NotComposed) -> None:
        await self._recorder.obey(order_of_refusal(run, made))

    # Once a second, and once an interval.

    async def tick(self) -> None:
        await self._upkeep.tick()

    async def report(self) -> None:
        await self._upkeep.report(in_flight=self._places.in_flight)

    def note_lag(self, seconds: float) -> None:
        self._meter.loop_lag = max(self._meter.loop_lag, seconds)


async def _end(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait([task])
