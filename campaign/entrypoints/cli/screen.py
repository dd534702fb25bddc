"""What a person, or a log, sees while a run goes on."""

import asyncio
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from campaign.entrypoints.cli.asking import typed_number
from campaign.entrypoints.cli.next_steps import name_of
from campaign.entrypoints.cli.output import Output, console
from campaign.entrypoints.cli.progress_page import progress_page
from campaign.entrypoints.cli.reading_page import Reader
from campaign.report import RunReport

if TYPE_CHECKING:
    from rich.console import RenderableType

    from campaign.bootstrap.rehearsal import PlanReport

log = structlog.get_logger()

# Over how many seconds the rate and the time left are taken.
WINDOW_SECONDS: Final = 5.0
# How often a log says how far the reading of an audience is.
EVERY_SECONDS: Final = 10.0


class Screen(Protocol):
    """What bootstrap tells while it works; to be closed."""

    @property
    def in_flight(self) -> int: ...

    def close(self) -> None: ...

    def planning(self, rows: int, share: float | None) -> None: ...

    async def confirm(self, report: RunReport, plan: "PlanReport | None" = None) -> bool: ...

    def progress(self, report: RunReport) -> None: ...

    def note(self, text: str) -> None: ...


class Lines:
    """No terminal: the log says it, dispatch once an interval, and nobody is asked."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._reading = Rate()
        self._told_at = time.monotonic()

    @property
    def in_flight(self) -> int:
        """Count the answers that were awaited when the run was last looked at."""
        latest = self._output.latest
        return latest.send["in_flight"] if latest else 0

    def close(self) -> None:
        """Leave nothing behind: lines stay where they were written."""

    def planning(self, rows: int, share: float | None) -> None:
        """Log it now and then: how many rows were read, how fast, and which part of all that is."""
        now = time.monotonic()
        self._reading.see(now, rows)
        if now - self._told_at >= EVERY_SECONDS:
            self._told_at = now
            known = {} if share is None else {"share": round(share, 3)}
            log.info("plan.reading", rows=rows, rate=round(self._reading.value), **known)

    async def confirm(self, report: RunReport, plan: "PlanReport | None" = None) -> bool:  # noqa: ARG002 - nobody reads it
        """Refuse: nobody is there to agree."""
        log.warning("plan.not_confirmed", run=name_of(report), planned=report.planned)
        return False

    def progress(self, report: RunReport) -> None:
        self._output.latest = report

    def note(self, text: str) -> None:
        log.info("note", text=text)


class Rate:
    """Messages per second over the last few seconds, from counts seen now and then."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def see(self, at: float, done: int) -> None:
        self._seen.append((at, done))
        while at - self._seen[0][0] > WINDOW_SECONDS:
            self._seen.popleft()

    @property
    def value(self) -> float:
        (start, first), (end, last) = self._seen[0], self._seen[-1]
        return (last - first) / (end - start) if end > start else 0.0


class Terminal(Lines):
    """A terminal: a bar that fills, the shards against their ceilings, and one question."""

    def __init__(self, stop: asyncio.Event, output: Output) -> None:
        from rich.live import Live  # noqa: PLC0415 - only terminals need it

        super().__init__(output)
        self._stop = stop
        self._console = console(stderr=True)
        self._live = Live(console=self._console, refresh_per_second=8, transient=True)
        self._rate = Rate()
        self._reader = Reader()

    def close(self) -> None:
        """Take the bar away and give the cursor back: the result follows on stdout."""
        self._live.stop()

    def planning(self, rows: int, share: float | None) -> None:
        self._reading.see(time.monotonic(), rows)
        self._show(self._reader.page(rows, self._reading.value, share))

    async def confirm(self, report: RunReport, plan: "PlanReport | None" = None) -> bool:
        """Show the plan, and ask for the number of people, which nobody types by accident."""
        from campaign.entrypoints.cli.plan_page import page  # noqa: PLC0415 - only terminals need it

        self._live.stop()
        if plan is not None:
            self._console.print(page(plan, asking=True))
        number, question = asked(report)
        self._console.print(f"\n  {question}", markup=False, style="bold")
        return await typed_number(number, "to send it", stop=self._stop)

    def progress(self, report: RunReport) -> None:
        super().progress(report)
        self._rate.see(time.monotonic(), report.planned - report.send["pending"])
        self._show(progress_page(report, self._rate.value))

    def note(self, text: str) -> None:
        self._console.print(f"  {text}", style="dim", markup=False)

    def _show(self, what: "RenderableType") -> None:
        if not self._live.is_started:
            self._live.start()
        self._live.update(what)


def asked(report: RunReport) -> tuple[int, str]:
    """Count who gets a message, and say so; whom the plan left out is not to be agreed to."""
    number, skipped, refused = report.send["pending"], report.send["skipped"], sum(report.refused.values())
    people = "person gets" if number == 1 else "people get"
    left_out = f", {skipped:,} left out on purpose" if skipped else ""
    left_out += f", {refused:,} rows refused" if refused else ""
    return number, f"{name_of(report)}: {number:,} {people} a message{left_out}."


def screen_of(output: Output, stop: asyncio.Event) -> Screen:
    """Choose the screen: a bar where somebody watches and nothing was said against it."""
    return Terminal(stop, output) if sys.stderr.isatty() and not output.quiet else Lines(output)
