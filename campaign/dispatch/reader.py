"""Reads ahead what is due on one shard, in turns over all running runs; writes nothing."""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaign.dispatch.composition import Composing, Composition
from campaign.domain.pacing import Allowance
from campaign.domain.rendering import RenderRefusal
from campaign.ports import Clock, Composed, Due, Route, RunningRun, Store

# A turn is never longer than a second of sending, so that whoever comes next need not wait for it.
TURN = 50
ALONE = 200

# Of ten turns the tenth goes to a run of normal priority, so that a long high one cannot starve it.
TURNS_FOR_HIGH = 9

# Who may write to nobody new asks no sooner than this again, even if somebody else just gave a place back.
LIMITED_SECONDS = 1.0

# A lap that found everything starts anew after this, a notification, or the next due time.
REST_SECONDS = 1.0


@dataclass(slots=True)
class Reading:
    """One run as this reader goes through it, lap after lap."""

    run: RunningRun
    message: Composition
    allowance: Allowance | None
    after: tuple[datetime, int] | None = None
    rests_until: float = 0.0
    # Nobody new may be written to until then, whatever falls due.
    limited_until: float = 0.0
    in_hand: set[int] = field(default_factory=set)
    served: int = 0


@dataclass(slots=True)
class Ready:
    """A message that was read and rendered, and is still pending in the ledger."""

    reading: Reading
    due: Due
    content: bytes
    route: Route


class Reader:
    """The messages of one shard that are due, forever; it ends when closed."""

    def __init__(
        self,
        shard: str,
        *,
        store: Store,
        clock: Clock,
        composing: Composing,
        weights: Mapping[str, float],
        ceiling: float | None,
    ) -> None:
        self._shard = shard
        self._composing = composing
        self._second = ALONE if ceiling is None else math.ceil(ceiling)
        self._store = store
        self._clock = clock
        self._weights = weights
        self._readings: dict[int, Reading] = {}
        self._leaving: dict[int, Reading] = {}
        self._refreshed_at = float("-inf")
        self._turns = 0
        self._woken = asyncio.Event()
        self._closed = False
        self.idle_runs: asyncio.Queue[int] = asyncio.Queue()

    def wake(self) -> None:
        """Something may have fallen due: look now."""
        for reading in self._readings.values():
            reading.rests_until = 0.0
        self._woken.set()

    def close(self) -> None:
        self._closed = True
        self._woken.set()

    def drop(self, ready: Ready) -> None:
        """Let a later lap read it again: the ledger knows what became of it."""
        ready.reading.in_hand.discard(ready.due.row)

    def limit(self, ready: Ready, seconds: float) -> None:
        """Ask for nothing more of a message's run for so long: nobody may be written to who is new to its portfolio."""
        ready.reading.limited_until = self._clock.now() + max(seconds, LIMITED_SECONDS)

    def is_limited(self, ready: Ready) -> bool:
        return self._clock.now() < ready.reading.limited_until

    @property
    def waits_for(self) -> str:
        """Name what nobody's turn is due to: a message that cannot be made yet, or nothing to do."""
        return "whatsapp" if any(reading.message.missing for reading in self._readings.values()) else "idle"

    async def turns(self) -> AsyncIterator[list[Ready]]:
        """Give the messages of one turn after the other, forever; ends when closed."""
        while not self._closed:
            await self._refresh()
            turn = self._next_turn()
            if turn is None:
                await self._rest()
                continue
            if ready := await self._take_turn(*turn):
                yield ready

    async def _refresh(self) -> None:
        """Look once a second which runs have work here."""
        now = self._clock.now()
        if now - self._refreshed_at < REST_SECONDS and not self._woken.is_set():
            return
        self._woken.clear()
        self._refreshed_at = now
        runs = await self._store.runs_with_work(self._shard)
        # A run that leaves and comes back keeps what it has in hand: read anew it would be asked for twice.
        known = self._readings | self._leaving
        self._readings = {run.id: self._renewed(run, known.get(run.id)) for run in runs}
        self._leaving = {run: reading for run, reading in known.items() if run not in self._readings}
        self._let_go()

    def _renewed(self, run: RunningRun, known: Reading | None) -> Reading:
        if known is None:
            return Reading(run, Composition(self._composing, changed=self._woken.set), self._allowance(run))
        if (known.run.rate, known.run.shards) != (run.rate, run.shards):
            known.allowance = self._allowance(run)
        known.run = run
        return known

    def _let_go(self) -> None:
        """Of a run that left nothing is read any more, but its last answers may have ended it."""
        for run in [run for run, reading in self._leaving.items() if not reading.in_hand]:
            del self._leaving[run]
            self.idle_runs.put_nowait(run)

    def _allowance(self, run: RunningRun) -> Allowance | None:
        """Our part of the run's own rate, by weight of its shards."""
        if run.rate is None:
            return None
        weights = [self._weights.get(shard, 0.0) for shard in run.shards]
        return Allowance(run.rate * self._weights[self._shard] / sum(weights))

    def _next_turn(self) -> tuple[Reading, Composed] | None:
        now = self._clock.now()
        able = [
            (reading, composed)
            for reading in self._readings.values()
            if (composed := reading.message.current(reading.run)) is not None
            and max(reading.rests_until, reading.limited_until) <= now
            and self._allowed(reading, now)
        ]
        if not able:
            return None
        self._turns += 1
        high = [each for each in able if each[0].run.high]
        normal = [each for each in able if not each[0].run.high]
        group = high if high and (not normal or self._turns % (TURNS_FOR_HIGH + 1)) else normal
        longest_waiting = min(group, key=lambda each: each[0].served)
        longest_waiting[0].served = self._turns
        return longest_waiting

    def _allowed(self, reading: Reading, now: float) -> int:
        return TURN if reading.allowance is None else reading.allowance.level(now)

    async def _take_turn(self, reading: Reading, composed: Composed) -> list[Ready]:
        limit = self._limit(reading)
        found = await self._store.read_ahead(self._shard, reading.run.id, after=reading.after, limit=limit)
        if len(found) < limit:
            self._end_lap(reading)
        else:
            reading.after = (found[-1].not_before, found[-1].row)
        fresh = [due for due in found if due.row not in reading.in_hand]
        if reading.allowance is not None:
            reading.allowance.spend(len(fresh))
        return self._render(reading, composed, fresh)

    def _limit(self, reading: Reading) -> int:
        if reading.allowance is not None:
            return min(TURN, reading.allowance.level(self._clock.now()))
        return min(self._second, TURN if len(self._readings) > 1 else ALONE)

    def _end_lap(self, reading: Reading) -> None:
        reading.after = None
        # A little apart, so that many shards do not ask in the same instant.
        reading.rests_until = self._clock.now() + REST_SECONDS * random.uniform(0.9, 1.0)  # noqa: S311 - no secret
        if not reading.in_hand:
            self.idle_runs.put_nowait(reading.run.id)

    def _render(self, reading: Reading, composed: Composed, found: Sequence[Due]) -> list[Ready]:
        batch = []
        for due in found:
            content = composed.messages[due.variant].render(due.variables)
            if isinstance(content, RenderRefusal):
                # The plan rendered this very row: the message or the row was changed behind the ledger's back.
                raise RuntimeError(f"run {reading.run.id}, row {due.row} no longer renders")  # noqa: TRY004 - a fault of the ledger, not of a type
            reading.in_hand.add(due.row)
            batch.append(Ready(reading, due, content, composed.route))
        return batch

    async def _rest(self) -> None:
        now = self._clock.now()
        waits = [self._wait(reading, now) for reading in self._readings.values()]
        try:
            async with asyncio.timeout(max(0.001, min([REST_SECONDS, *waits]))):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _wait(self, reading: Reading, now: float) -> float:
        if reading.message.missing:
            return REST_SECONDS
        wait = max(0.0, reading.rests_until - now, reading.limited_until - now)
        return wait if reading.allowance is None else max(wait, reading.allowance.wait())
