"""What a person, or a log, sees while a run goes on."""

import asyncio
import sys
import time
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from campaign.entrypoints import words
from campaign.entrypoints.cli.next_steps import name_of
from campaign.entrypoints.cli.output import Output, console
from campaign.report import RunReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from campaign.bootstrap.rehearsal import PlanReport

    Measured = Mapping[str, float | int | None]

log = structlog.get_logger()

# Over how many seconds the rate and the time left are taken.
WINDOW_SECONDS: Final = 5.0
BAR_WIDTH: Final = 32

# The row of a report that stands for all shards of an On-Premises client.
CLIENT: Final = "client"
MOST_LINES: Final = 12


class Screen(Protocol):
    """What bootstrap tells while it works; to be closed."""

    @property
    def in_flight(self) -> int: ...

    def close(self) -> None: ...

    def planning(self, rows: int) -> None: ...

    async def confirm(self, report: RunReport, plan: "PlanReport | None" = None) -> bool: ...

    def progress(self, report: RunReport) -> None: ...

    def note(self, text: str) -> None: ...


class Lines:
    """No terminal: the log says it, dispatch once an interval, and nobody is asked."""

    def __init__(self, output: Output) -> None:
        self._output = output

    @property
    def in_flight(self) -> int:
        """Count the answers that were awaited when the run was last looked at."""
        latest = self._output.latest
        return latest.send["in_flight"] if latest else 0

    def close(self) -> None:
        """Leave nothing behind: lines stay where they were written."""

    def planning(self, rows: int) -> None:
        log.debug("plan.reading", rows=rows)

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

    def close(self) -> None:
        """Take the bar away and give the cursor back: the result follows on stdout."""
        self._live.stop()

    def planning(self, rows: int) -> None:
        self._show(f"  reading the audience: {rows:,} rows")

    async def confirm(self, report: RunReport, plan: "PlanReport | None" = None) -> bool:
        """Show the plan, and ask for the number of people, which nobody types by accident."""
        from campaign.entrypoints.cli.plan_page import page  # noqa: PLC0415 - only terminals need it

        self._live.stop()
        if plan is not None:
            self._console.print(page(plan))
        number, question = asked(report)
        self._console.print(f"\n  {question}", markup=False, style="bold")
        return await typed_number(number, "to send it", stop=self._stop)

    def progress(self, report: RunReport) -> None:
        super().progress(report)
        self._rate.see(time.monotonic(), _departed(report))
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


def progress_page(report: RunReport, rate: float) -> "RenderableType":
    """Lay out where a running run is."""
    from rich.console import Group  # noqa: PLC0415 - only terminals need it
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - see above
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    send, left = report.send, report.send["pending"] + report.send["in_flight"]
    done = report.planned - left
    head = Table.grid(padding=(0, 1))
    head.add_row(
        Text(f"  {name_of(report)}", "bold"),
        ProgressBar(total=max(1, report.planned), completed=done, width=BAR_WIDTH),
        Text(f"{done:,} of {report.planned:,}"),
        Text(f"{rate:.0f}/s", "cyan") if left else Text(""),
        Text(_time_left(left, rate), "dim"),
    )
    counts = f"  accepted {send['accepted']:,} · held {report.delivery['held']:,} · rejected {send['rejected']:,}"
    tail = Text(f"{counts} · unknown {send['unknown']:,} · in flight {send['in_flight']:,}", "dim")
    return Group(head, *_shards(report), tail, *_why(report))


def _shards(report: RunReport) -> "list[RenderableType]":
    from rich.progress_bar import ProgressBar  # noqa: PLC0415 - only terminals need it
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    grid = Table.grid(padding=(0, 1))
    for shard, measured in _worth_a_line(report.throughput).items():
        ceiling, mean = measured["ceiling"], float(measured["mean"] or 0)
        bar = ProgressBar(total=ceiling or max(mean, 1), completed=mean, width=BAR_WIDTH // 2)
        allowed = f"of {ceiling:g}/s allowed" if ceiling else "no ceiling"
        grid.add_row(Text(f"    {shard}"), bar, Text(f"{mean:.1f}/s"), Text(allowed, "dim"))
    return [grid] if grid.row_count else []


def _worth_a_line(throughput: "Mapping[str, Measured]") -> "Mapping[str, Measured]":
    """Show an On-Premises client as one: its shards are told apart by nobody, and would fill the screen."""
    if CLIENT in throughput:
        return {CLIENT: throughput[CLIENT]}
    told = {shard: each for shard, each in throughput.items() if each["ceiling"] or each["worst_second"]}
    return told if len(told) <= MOST_LINES else {}


def _why(report: RunReport) -> "list[RenderableType]":
    """Say what a run that stands still is waiting for."""
    from rich.text import Text  # noqa: PLC0415 - only terminals need it

    if report.delivery["held"] and report.state == "running":
        return [Text("  waiting for WhatsApp's quality check of the held messages, if sending has stopped", "yellow")]
    if report.reason and report.state == "paused":
        return [Text(f"  paused: {words.paused(report.reason, report.because)}", "yellow")]
    return []


def _departed(report: RunReport) -> int:
    return report.planned - report.send["pending"]


def _time_left(left: int, rate: float) -> str:
    if not left or rate <= 0:
        return ""
    minutes, seconds = divmod(round(left / rate), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes}:{seconds:02} left"


def at_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def typed_number(number: int, purpose: str, *, stop: asyncio.Event) -> bool:
    """Ask for a number to be typed; anything else, an end of input or a signal is a no."""
    line = await typed_line(f"Type {number} {purpose}, anything else to leave it:", stop=stop)
    return line.replace(",", "").replace(" ", "") == str(number)


async def typed_line(question: str, *, stop: asyncio.Event) -> str:
    """Ask for a line; an end of input or a signal is an empty one."""
    sys.stderr.write(f"  {question} ")
    sys.stderr.flush()
    return (await _line(stop) or "").strip()


async def _line(stop: asyncio.Event) -> str | None:
    """Read a line without a thread: one that waits for input could not be ended by a signal."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), readable.set)
    waits = [asyncio.ensure_future(readable.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return sys.stdin.readline() if readable.is_set() else None
    finally:
        loop.remove_reader(sys.stdin.fileno())
        for wait in waits:
            wait.cancel()
