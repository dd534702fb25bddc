"""Takes shards, sends over them, and gives them back; finds what dead processes left behind."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from campaign.dispatch.lane import Lane
from campaign.dispatch.reader import Ready
from campaign.dispatch.shard import ShardSender
from campaign.domain.callback import format_callback
from campaign.ports import Api, Clock, Store

log = structlog.get_logger()

TICK_SECONDS = 1.0


class Housekeeping(Protocol):
    """What one sender does for all, once a second."""

    async def tick(self) -> None: ...


class Dispatcher:
    """Sends over every shard of ours that it can take, until drained."""

    def __init__(
        self,
        lanes: Sequence[Lane],
        *,
        store: Store,
        api: Api,
        clock: Clock,
        installation: str,
        housekeeping: Housekeeping,
        interval_seconds: float = 10.0,
    ) -> None:
        self._lanes = {lane.id: lane for lane in lanes}
        self._store = store
        self._api = api
        self._clock = clock
        self._installation = installation
        self._housekeeping = housekeeping
        self._interval = interval_seconds
        self._senders: dict[str, ShardSender] = {}
        self._weights: Mapping[str, float] = {lane.id: lane.ceiling or 1.0 for lane in lanes}
        self._draining = asyncio.Event()

    @property
    def owned(self) -> Sequence[str]:
        return sorted(self._senders)

    @property
    def in_flight(self) -> int:
        return sum(sender.in_flight for sender in self._senders.values())

    def wake(self) -> None:
        """Look for work now: a run has been set running."""
        for sender in self._senders.values():
            sender.wake()

    def drain(self) -> None:
        """Take and mark nothing more; what is under way is finished."""
        self._draining.set()

    async def run(self) -> None:
        """Send until drained; returns when every answer is recorded."""
        async with asyncio.TaskGroup() as tasks:
            ticker = tasks.create_task(self._tick(tasks), name="tick")
            await self._draining.wait()
            ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await ticker
            for sender in list(self._senders.values()):
                sender.drain()
            # Given away before our answers are in: the epoch keeps us from marking, answers need none.
            for sender in list(self._senders.values()):
                with contextlib.suppress(TimeoutError):
                    await sender.quiet()
                await self._store.give_back(sender.lane.id, sender.epoch)

    async def _tick(self, tasks: asyncio.TaskGroup) -> None:
        reported = self._clock.now()
        while True:
            started = self._clock.now()
            await self._take_free(tasks)
            await self._housekeeping.tick()
            for sender in list(self._senders.values()):
                await sender.tick()
            if started - reported >= self._interval:
                reported = started
                await self._report()
            await self._sleep(TICK_SECONDS)

    async def _sleep(self, seconds: float) -> None:
        before = self._clock.now()
        await self._clock.sleep(seconds)
        lag = self._clock.now() - before - seconds
        for sender in self._senders.values():
            sender.note_lag(lag)

    async def _report(self) -> None:
        for sender in list(self._senders.values()):
            await sender.report()

    async def _take_free(self, tasks: asyncio.TaskGroup) -> None:
        for lane in self._lanes.values():
            if lane.id in self._senders:
                continue
            taken = await self._store.take(lane.id, ceiling=lane.ceiling)
            if taken is None:
                continue
            sender = ShardSender(
                lane,
                taken,
                store=self._store,
                api=self._api,
                clock=self._clock,
                weights=self._weights,
                callback=self._callback,
            )
            self._senders[lane.id] = sender
            log.info("shard.taken", shard=lane.id, epoch=taken.epoch, ceiling=lane.ceiling)
            tasks.create_task(self._send(sender), name=f"shard {lane.id}")

    async def _send(self, sender: ShardSender) -> None:
        try:
            await sender.run()
            await sender.report()
        finally:
            del self._senders[sender.lane.id]

    def _callback(self, ready: Ready) -> str:
        run = ready.reading.run.public_id
        return format_callback(installation=self._installation, run=run, row=ready.row, attempt=ready.attempt + 1)
