"""What a shard does beside sending: once a second, once an interval, and when a run has nothing left."""

import asyncio

import structlog

from campaign.dispatch.client import ClientPace
from campaign.dispatch.headroom import Headroom
from campaign.dispatch.meter import progress
from campaign.dispatch.pace import Pace
from campaign.dispatch.recorder import Recorder
from campaign.ports import Store

log = structlog.get_logger()


class Upkeep:
    """Keeps one shard's ceiling, and its figures, in the ledger."""

    def __init__(
        self,
        shard: str,
        epoch: int,
        headroom: Headroom,
        *,
        store: Store,
        pace: Pace,
        recorder: Recorder,
        client: ClientPace | None,
    ) -> None:
        self._shard = shard
        self._epoch = epoch
        self._headroom = headroom
        self._store = store
        self._pace = pace
        self._meter = pace.meter
        self._recorder = recorder
        self._client = client

    async def tick(self) -> None:
        """Follow headroom, climb back from a slowdown, and give up on a WhatsApp that stays silent."""
        changed = await self._headroom.look()
        if changed and self._headroom.ceiling is not None:
            self._pace.change(self._headroom.ceiling)
            log.info("shard.ceiling", shard=self._shard, ceiling=self._headroom.ceiling)
        if self._pace.recover() or changed:
            await self._store.note_ceiling(
                self._shard, self._epoch, ceiling=self._pace.ceiling, lowered=self._pace.lowered
            )
        if self._pace.given_up():
            for run in await self._store.runs_with_work(self._shard):
                await self._recorder.pause(run.id, "unanswered")

    async def finish_runs(self, idle: asyncio.Queue[int]) -> None:
        """Close a run of which nothing is left here; the ledger knows whether anything is left elsewhere."""
        while True:
            run = await idle.get()
            if await self._store.finish_run(run):
                log.info("run.finished", run=run)

    async def report(self, *, in_flight: int) -> None:
        """Write and log what the interval was; numbers come from here alone."""
        firsts, lasts = dict(self._meter.first_departures), dict(self._meter.last_departures)
        intervals = self._meter.read(ceiling=self._pace.ceiling, in_flight=in_flight)
        if self._client is not None:
            self._client.note(intervals)
        for interval in intervals:
            log.info("shard.progress", **progress(interval))
            await self._store.write_interval(interval)
        for run, first in firsts.items():
            await self._store.note_departures(run, first, lasts[run])
