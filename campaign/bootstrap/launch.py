"""launch = plan, dispatch, report; and what goes on with a run that is there: resume and work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.plans import PostgresPlans
from campaign.adapters.postgres.process import PostgresWatchman, Process, registered
from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.bootstrap.hearing import receipts_of
from campaign.bootstrap.intent import Intent, new_run
from campaign.bootstrap.ledger import Ledger, open_ledger, reviver
from campaign.bootstrap.planning import Foreseen, Planning, gather_statistics, write_plan
from campaign.bootstrap.preflight import Look, look
from campaign.bootstrap.rehearsal import PlanReport, refusal_of
from campaign.bootstrap.sending import sending
from campaign.bootstrap.watching import Screen, Watched, watch
from campaign.bootstrap.whatsapp import check_api
from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.domain.outlook import Outlook
from campaign.plan import refuse_changes
from campaign.ports import NewRun, OpenedRun, RunOwned
from campaign.report import RunReport, noting_absent, resolve, summed
from campaign.rescue import rescue
from campaign.settings import Settings

log = structlog.get_logger()

ONCE = "once"

_OVER = frozenset({"finished", "cancelled"})


class _TakenForDead(Exception):  # noqa: N818 - we were, and begin again
    """Another process buried ours while it could not reach the ledger."""


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How to launch; `ask` before the first message leaves, `wait_seconds` while nothing moves."""

    run: str = ONCE
    ask: bool = False
    detach: bool = False
    wait_seconds: float = 600.0


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


async def launch(intent: Intent, options: LaunchOptions, screen: Screen, stop: asyncio.Event) -> RunReport:
    """Plan the run if that is left to do, send until it is done, and report; raises CampaignError."""
    new = new_run(intent, key=options.run)
    return await at_desk(intent.settings, screen, stop, lambda at: launch_run(at, intent, new, options))


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


async def launch_run(at: Desk, intent: Intent, new: NewRun, options: LaunchOptions) -> RunReport:
    """Plan `new` if that is left to do, and send until it is done."""
    opened = await at.runs.open(new)
    if not opened.to_plan:
        refuse_changes(opened, new.fingerprints, name=f"{new.campaign}@{new.key}", where=str(intent.path))
        if opened.state in _OVER:
            return await at.report(opened.id)
        await at.runs.claim_launch(opened.id)
        await at.runs.take_settings_over(opened.id, new)
    async with _released(at, opened):
        seen = await _look(at, intent, opened)
        if options.detach:
            await _plan(at, intent, opened, options, seen)
            return await at.report(opened.id)
        # The shards are taken first: the second that a new owner waits goes by while the plan is made.
        async with sending(at.settings, at.ledger, at.process, new.shards) as dispatcher:
            if await _plan(at, intent, opened, options, seen):
                dispatcher.wake()
                await _watch(at, opened.id, options.wait_seconds)
    return await at.report(opened.id)


async def _look(at: Desk, intent: Intent, opened: OpenedRun) -> Look:
    """Look at the account before anything is planned or sent; a new run that cannot begin leaves no trace."""
    try:
        seen = await look(intent.settings, intent.campaign, intent.shards)
        _refuse(Outlook(seen.findings, None, None, ""))
    except CampaignError:
        if opened.to_plan:
            await PostgresPlans(at.ledger.pool, process=at.process.id).forget(opened.id)
        raise
    return seen


def _refuse(outlook: Outlook) -> None:
    refusal = refusal_of(outlook)
    if refusal is not None:
        raise refusal


@asynccontextmanager
async def _released(at: Desk, opened: OpenedRun) -> AsyncIterator[None]:
    try:
        yield
        await asyncio.gather(*at.chores)
    finally:
        await at.runs.release_launch(opened.id)


async def _plan(at: Desk, intent: Intent, opened: OpenedRun, options: LaunchOptions, seen: Look) -> bool:
    """Write the plan if it is ours to write, and ask if we are to; False when the run is not to be sent."""
    foreseen: Foreseen | None = None
    if opened.to_plan:
        planning = Planning(intent, at.ledger, seen, judge=_refuse)
        foreseen = await write_plan(
            planning, opened.id, process=at.process, progress=at.screen.planning, ask=options.ask
        )
        planned = foreseen.planned
        counts = {"audience": planned.audience, "planned": planned.planned, "refused": dict(planned.refused)}
        log.info("run.planned", run=opened.id, **counts)
        at.chores.append(asyncio.create_task(gather_statistics(at.ledger, opened.id, process=at.process)))
    elif opened.state != "scheduled":
        return opened.state == "running"
    if options.ask and not await _agreed(at, intent, opened, foreseen):
        await at.runs.discard(opened.id)
        raise ConfigurationError("not launched: nothing was sent, and the plan is gone", remedy="launch it again")
    return await at.runs.start(opened.id) == "running"


async def _agreed(at: Desk, intent: Intent, opened: OpenedRun, foreseen: Foreseen | None) -> bool:
    """Show the plan, if it was made just now, and ask."""
    plan = PlanReport(intent.campaign.campaign, foreseen.planned, foreseen.outlook) if foreseen is not None else None
    return await at.screen.confirm(await at.report(opened.id), plan)


async def _watch(at: Desk, run: int, wait_seconds: float) -> None:
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


async def resume(
    settings: Settings, name: str, options: LaunchOptions, screen: Screen, stop: asyncio.Event
) -> RunReport:
    """Set a paused run going again and send until it is done."""
    async with desk(settings, screen, stop) as at:
        run = await resolve(at.reports, name)
        facts = await at.reports.facts(run)
        if facts.state in _OVER:
            return summed(facts)

        async def begin() -> None:
            await at.runs.resume(run, detail={"by": "command"})

        try:
            return await go_on(at, run, options, begin)
        except RunOwned:
            # Whoever sends it goes on by itself, but numbers that stand still and a template that waits need the order.
            if facts.state == "running":
                await begin()
            raise


async def go_on(at: Desk, run: int, options: LaunchOptions, begin: Callable[[], Awaitable[None]]) -> RunReport:
    """Become the one who sends a run, do what sets it going, and send until it is done; raises RunOwned."""
    listed = (await at.reports.facts(run)).shards
    shards = [shard.id for shard in at.settings.shards if shard.id in listed]
    await check_api(at.settings, shards)
    await at.runs.claim_launch(run)
    try:
        await begin()
        if not options.detach:
            async with sending(at.settings, at.ledger, at.process, shards):
                await _watch(at, run, options.wait_seconds)
    finally:
        await at.runs.release_launch(run)
    return await at.report(run)


async def work(settings: Settings, screen: Screen, stop: asyncio.Event) -> None:
    """Send for every running run over every shard that is free, until told to stop."""
    while not stop.is_set():
        async with desk(settings, screen, stop) as at:
            shards = [shard.id for shard in settings.shards]
            async with sending(settings, at.ledger, at.process, shards):
                await _first(stop, at.process.lost)


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
