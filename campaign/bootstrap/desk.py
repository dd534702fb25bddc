"""The ledger as a launching process uses it: opened as a living sender, and watched until a run is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.process import PostgresWatchman, Process, registered
from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.bootstrap.hearing import receipts_of
from campaign.bootstrap.ledger import Ledger, open_ledger, reviver
from campaign.bootstrap.watching import Screen, Watched, watch
from campaign.report import RunReport, noting_absent, summed
from campaign.rescue import rescue
from campaign.settings import Settings

log = structlog.get_logger()


class _TakenForDead(Exception):  # noqa: N818 - we were, and begin again
    """Another process buried ours while it could not reach the ledger."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The ledger as a launching process uses it."""

    settings: Settings
    ledger: Ledger
    process: Process
    runs: PostgresRuns
    reports: PostgresReports
    watchman: PostgresWatchman
    screen: Screen
    stop: asyncio.Event
    # What goes on beside the sending, so that the first message does not wait for it.
    chores: list[asyncio.Task[None]] = field(default_factory=list)

    async def report(self, run: int) -> RunReport:
        """Count a run."""
        return noting_absent(summed(await self.reports.facts(run)), self.settings.shard_ids)


@asynccontextmanager
async def desk(settings: Settings, screen: Screen, stop: asyncio.Event) -> AsyncIterator[Desk]:
    """Open the ledger as a living sender, after a look at what dead ones left."""
    async with (
        open_ledger(settings, purpose="campaign sender", unless_known="refuse") as ledger,
        registered(ledger.dsn, "sender", revive=reviver(settings), recognition=ledger.recognition) as process,
    ):
        watchman = PostgresWatchman(ledger.pool, process=process.id)
        await rescue(watchman)
        runs = PostgresRuns(ledger.pool, process=process.id)
        yield Desk(settings, ledger, process, runs, PostgresReports(ledger.pool, patient=True), watchman, screen, stop)


async def at_desk(
    settings: Settings, screen: Screen, stop: asyncio.Event, work: Callable[[Desk], Awaitable[RunReport]]
) -> RunReport:
    """Do what can be begun again: a process that was taken for dead comes back as another one."""
    while True:
        try:
            async with desk(settings, screen, stop) as at:
                return await work(at)
        except _TakenForDead:
            log.warning("process.reborn")


async def follow(at: Desk, run: int, wait_seconds: float) -> None:
    """Follow a run until it is done or nothing moves any more, and webhooks had the time to settle what is unknown."""

    def alive() -> None:
        if at.process.lost.is_set():
            raise _TakenForDead

    watched = Watched(run, wait_seconds)
    report = await watch(watched, reports=at.reports, screen=at.screen, stop=at.stop, alive=alive)
    if report.state == "finished":
        await _settle(at, run)


async def _settle(at: Desk, run: int) -> None:
    """Give webhooks the time to say what became of unknown messages, while somebody is there to hear them."""
    receipts = receipts_of(at.settings, at.ledger)
    clock = BootClock()
    began = clock.now()
    while not at.stop.is_set():
        await receipts.sweep(everything=True)
        left = await at.reports.remaining(run)
        over = not left.unknown or clock.now() - began > left.settle_seconds
        if over or not await at.watchman.receiver_alive():
            return
        at.screen.progress(await at.report(run))
        await clock.sleep(0.5)
