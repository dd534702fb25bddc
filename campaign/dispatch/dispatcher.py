"""Takes shards, sends over them, and gives them back; finds what dead processes left behind."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

import structlog

from campaign.dispatch.clients import Clients
from campaign.dispatch.headroom import Headroom
from campaign.dispatch.hours import Hours
from campaign.dispatch.lane import Lane
from campaign.dispatch.means import Means
from campaign.dispatch.reader import Ready
from campaign.dispatch.shard import ShardSender
from campaign.domain.callback import format_callback
from campaign.ports import Api, Clock, Composer, Store

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
        composer: Composer,
        clock: Clock,
        installation: str,
        housekeeping: Housekeeping,
        interval_seconds: float = 10.0,
    ) -> None:
        self._store = store
        self._clock = clock
        self._installation = installation
        self._housekeeping = housekeeping
        self._hours = Hours(store, clock)
        self._interval = interval_seconds
        self._senders: dict[str, ShardSender] = {}
        self._clients = Clients(lanes, store=store, clock=clock)
        self._lanes = self._clients.leaders_first(lanes)
        weights = {lane.id: lane.ceiling or 1.0 for lane in self._lanes}
        self._means = Means(store, api, composer, clock, weights, self._callback)
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
            await self._give_back(list(self._senders.values()))
        await self._clients.report()

    async def _give_back(self, senders: Sequence[ShardSender]) -> None:
        """Give shards away before their answers are in: the epoch keeps us from marking, answers need none."""
        for sender in senders:
            sender.drain()
        # A client's leader last: whoever has it may send for the whole client.
        for sender in self._clients.leaders_last(senders):
            with contextlib.suppress(TimeoutError):
                await sender.quiet()
            await self._store.give_back(sender.lane.id, sender.epoch)

    async def _tick(self, tasks: asyncio.TaskGroup) -> None:
        reported = self._clock.now()
        while True:
            started = self._clock.now()
            await self._leave_lost_clients(tasks)
            await self._take_free(tasks)
            await self._housekeeping.tick()
            await self._hours.tick({each.lane.id: each.epoch for each in self._senders.values()})
            await self._clients.tick()
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
        await self._clients.report()

    async def _leave_lost_clients(self, tasks: asyncio.TaskGroup) -> None:
        """Give up clients whose leader another process has: it paces all of their shards, ours would go on top."""
        for senders in await self._clients.lost(self._senders.values()):
            log.warning("client.lost", shards=len(senders))
            for sender in senders:
                sender.drain()
            tasks.create_task(self._give_back(senders), name="give back")

    async def _take_free(self, tasks: asyncio.TaskGroup) -> None:
        for lane in self._lanes:
            if lane.id in self._senders or not self._clients.may_take(lane, self._senders):
                continue
            await self._take(lane, tasks)

    async def _take(self, lane: Lane, tasks: asyncio.TaskGroup) -> None:
        # What a client's number receives counts against the client, not against each of its shards.
        taken_off = lane.headroom if lane.client is None else 0.0
        headroom = Headroom(lane.ceiling, taken_off, address=lane.address, store=self._store, clock=self._clock)
        taken = await self._store.take(lane.id, ceiling=headroom.ceiling)
        if taken is None:
            return
        sender = ShardSender(lane, taken, headroom, means=self._means, client=self._clients.pace_of(lane))
        self._senders[lane.id] = sender
        log.info("shard.taken", shard=lane.id, epoch=taken.epoch, ceiling=headroom.ceiling)
        tasks.create_task(self._send(sender), name=f"shard {lane.id}")

    async def _send(self, sender: ShardSender) -> None:
        try:
            await sender.run()
            await sender.report()
        finally:
            del self._senders[sender.lane.id]

    def _callback(self, ready: Ready) -> str:
        run = ready.reading.run.public_id
        return format_callback(
            installation=self._installation, run=run, row=ready.due.row, attempt=ready.due.attempt + 1
        )
