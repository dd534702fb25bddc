"""launch = plan, dispatch, report."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from campaign.adapters.postgres.plans import PostgresPlans
from campaign.bootstrap.agreement import refuse_beforehand, refuse_planned
from campaign.bootstrap.desk import Desk, at_desk, follow
from campaign.bootstrap.earlier import ONCE, OVER
from campaign.bootstrap.intent import Intent, new_run
from campaign.bootstrap.limits import keep_limit
from campaign.bootstrap.planning import Foreseen, Planning, gather_statistics, write_plan
from campaign.bootstrap.preflight import Look, look, warn_of
from campaign.bootstrap.rehearsal import PlanReport
from campaign.bootstrap.rescheduling import reschedule
from campaign.bootstrap.sending import sending
from campaign.bootstrap.watching import Screen
from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.domain.outlook import Outlook
from campaign.domain.plan_id import PlanId
from campaign.plan import refuse_changes
from campaign.ports import NewRun, OpenedRun
from campaign.report import RunReport

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """How to launch; `ask` before the first message leaves, `wait_seconds` while nothing moves.

    `plan`: what somebody agreed to; anything else is refused.
    """

    run: str = ONCE
    ask: bool = False
    detach: bool = False
    wait_seconds: float = 600.0
    plan: PlanId | None = None


async def launch(intent: Intent, options: LaunchOptions, screen: Screen, stop: asyncio.Event) -> RunReport:
    """Plan the run if that is left to do, send until it is done, and report; raises CampaignError."""
    new = new_run(intent, key=options.run)
    return await at_desk(intent.settings, screen, stop, lambda at: launch_run(at, intent, new, options))


async def launch_run(at: Desk, intent: Intent, new: NewRun, options: LaunchOptions) -> RunReport:
    """Plan `new` if that is left to do, and send until it is done."""
    opened = await at.runs.open(new)
    if not opened.to_plan:
        refuse_changes(opened, new.fingerprints, name=f"{new.campaign}@{new.key}", where=str(intent.path))
        if opened.state in OVER:
            at.screen.note(f"{new.campaign}@{new.key} is {opened.state}: nothing is sent; a new run needs --run KEY.")
            return await at.report(opened.id)
        await at.runs.claim_launch(opened.id)
    async with _released(at, opened):
        seen = await _look(at, intent, opened, options)
        if not opened.to_plan:
            await at.runs.take_settings_over(opened.id, new)
            await reschedule(intent, at.ledger, at.runs, opened.id)
        if options.detach:
            await _plan(at, intent, opened, options, seen)
            return await at.report(opened.id)
        # The shards are taken first: the second that a new owner waits goes by while the plan is made.
        async with sending(at.settings, at.ledger, at.process, new.shards) as dispatcher:
            if await _plan(at, intent, opened, options, seen):
                dispatcher.wake()
                await follow(at, opened.id, options.wait_seconds)
    return await at.report(opened.id)


async def _look(at: Desk, intent: Intent, opened: OpenedRun, options: LaunchOptions) -> Look:
    """Look at the account before anything is planned or sent; a new run that cannot begin leaves no trace."""
    try:
        seen = await look(intent.settings, intent.campaign, intent.shards, planned=not opened.to_plan)
        refuse_beforehand(intent, opened, options.plan, seen)
        if not (options.ask or opened.to_plan):
            warn_of(seen.findings)
        await keep_limit(at.settings, at.ledger, seen.portfolio_limit)
    except CampaignError:
        if opened.to_plan:
            await PostgresPlans(at.ledger.pool, process=at.process.id).forget(opened.id)
        raise
    return seen


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

        def judge(outlook: Outlook) -> None:
            refuse_planned(intent, options.plan, outlook)
            _refuse_unwanted(at)

        def progress(rows: int, share: float | None) -> None:
            _refuse_unwanted(at)
            at.screen.planning(rows, share)

        planning = Planning(intent, at.ledger, seen, judge=judge)
        foreseen = await write_plan(planning, opened.id, process=at.process, progress=progress, ask=options.ask)
        if not options.ask:
            warn_of(foreseen.outlook.findings)
        planned = foreseen.planned
        counts = {"audience": planned.audience, "planned": planned.planned, "refused": dict(planned.refused)}
        log.info("run.planned", run=opened.id, **counts)
        at.chores.append(asyncio.create_task(gather_statistics(at.ledger, opened.id, process=at.process)))
    elif opened.state != "scheduled":
        return opened.state == "running"
    if options.ask and not await _agreed(at, intent, opened, foreseen):
        await at.runs.discard(opened.id)
        raise _given_up()
    return await at.runs.start(opened.id) == "running"


def _refuse_unwanted(at: Desk) -> None:
    """Give a plan up while nothing of it can have been sent; who stops a launch then does not want it to begin."""
    if at.stop.is_set():
        raise _given_up()


def _given_up() -> ConfigurationError:
    return ConfigurationError("not launched: nothing was sent, and the plan is gone", remedy="launch it again")


async def _agreed(at: Desk, intent: Intent, opened: OpenedRun, foreseen: Foreseen | None) -> bool:
    """Show the plan, if it was made just now, and ask."""
    plan = PlanReport.of(intent, foreseen) if foreseen is not None else None
    return await at.screen.confirm(await at.report(opened.id), plan)
