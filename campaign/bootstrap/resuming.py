"""What goes on with runs that are there: resume, and a worker's sending of whatever is running."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from campaign.bootstrap.agreement import refuse_blocked
from campaign.bootstrap.desk import Desk, desk, follow
from campaign.bootstrap.earlier import OVER
from campaign.bootstrap.launch import LaunchOptions
from campaign.bootstrap.limits import ask_limit, keep_limit
from campaign.bootstrap.preflight import look_again, warn_of
from campaign.bootstrap.sending import sending
from campaign.bootstrap.watching import Screen
from campaign.domain.outlook import Outlook
from campaign.ports import RunFacts, RunOwned
from campaign.report import RunReport, resolve, summed
from campaign.settings import Settings


async def resume(
    settings: Settings, name: str, options: LaunchOptions, screen: Screen, stop: asyncio.Event
) -> RunReport:
    """Set a paused run going again and send until it is done."""
    async with desk(settings, screen, stop) as at:
        run = await resolve(at.reports, name)
        facts = await at.reports.facts(run)
        if facts.state in OVER:
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
    facts = await at.reports.facts(run)
    shards = [shard.id for shard in at.settings.shards if shard.id in facts.shards]
    await _look_again(at, run, facts, shards)
    await at.runs.claim_launch(run)
    try:
        await begin()
        if not options.detach:
            async with sending(at.settings, at.ledger, at.process, shards):
                await follow(at, run, options.wait_seconds)
    finally:
        await at.runs.release_launch(run)
    return await at.report(run)


async def _look_again(at: Desk, run: int, facts: RunFacts, shards: Sequence[str]) -> None:
    """Look at the account as it is now, for what is left of a run; raises RefusedByPlan for what blocks."""
    waiting = {each.shard for each in facts.waiting}
    left = [each for each in shards if each in waiting] or shards
    definition = await at.runs.definition(run)
    seen = await look_again(at.settings, left, definition, name=f"{facts.campaign}@{facts.run}")
    refuse_blocked(Outlook(seen.findings, None, None, ""))
    warn_of(seen.findings)
    await keep_limit(at.settings, at.ledger, seen.portfolio_limit)


async def work(settings: Settings, screen: Screen, stop: asyncio.Event) -> None:
    """Send for every running run over every shard that is free, until told to stop."""
    while not stop.is_set():
        async with desk(settings, screen, stop) as at:
            shards = [shard.id for shard in settings.shards]
            await keep_limit(settings, at.ledger, await ask_limit(settings))
            async with sending(settings, at.ledger, at.process, shards):
                await _first(stop, at.process.lost)


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
