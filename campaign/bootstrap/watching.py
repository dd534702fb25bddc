"""Watches a run until it is done, pauses, or somebody stops us; tells a screen how it goes."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from campaign.adapters.clock import BootClock
from campaign.bootstrap.rehearsal import PlanReport
from campaign.ports import Remaining, Reports
from campaign.report import RunReport, summed

# Counting must not become the main work: for a million rows it takes a while.
POLL_SECONDS = 0.25
POLL_SHARE = 10

REPORT_SECONDS = 1.0
REPORT_SHARE = 20


class Screen(Protocol):
    """Who is shown how it goes."""

    def planning(self, rows: int, share: float | None) -> None:
        """Tell how many rows were read, and which part of all that is, from 0 to 1, where anybody can tell."""
        ...

    async def confirm(self, report: RunReport, plan: PlanReport | None = None) -> bool:
        """Show the plan and ask whether the planned run may start; only asked on a terminal without --yes."""
        ...

    def progress(self, report: RunReport) -> None: ...

    def note(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """Which run, and for how long to wait while nothing moves."""

    run: int
    wait_seconds: float


async def watch(
    watched: Watched,
    *,
    reports: Reports,
    screen: Screen,
    stop: asyncio.Event,
    alive: Callable[[], None] = lambda: None,
) -> RunReport:
    """Follow a run until it is finished, paused or cancelled, nothing moved for too long, or `stop` is set."""
    clock = BootClock()
    moved_at, before = clock.now(), None
    shown_until = 0.0
    while True:
        alive()
        asked_at = clock.now()
        remaining = await reports.remaining(watched.run)
        if _over(remaining) or stop.is_set():
            break
        now = clock.now()
        if (remaining.pending, remaining.in_flight, remaining.unknown) != before:
            moved_at, before = now, (remaining.pending, remaining.in_flight, remaining.unknown)
        if now - moved_at > watched.wait_seconds:
            break
        if now >= shown_until:
            screen.progress(summed(await reports.facts(watched.run)))
            shown_until = clock.now() + max(REPORT_SECONDS, REPORT_SHARE * (clock.now() - now))
        await _pause(stop, max(POLL_SECONDS, POLL_SHARE * (now - asked_at)))
    report = summed(await reports.facts(watched.run))
    screen.progress(report)
    return report


def _over(remaining: Remaining) -> bool:
    return remaining.state in {"finished", "paused", "cancelled"}


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
