"""How the story is told: in colour where somebody watches, line by line where a log is kept."""

import asyncio
import time
from types import TracebackType
from typing import Final, Self

from rich.console import Console

from campaign.bootstrap.rehearsal import PlanReport
from campaign.entrypoints.cli.output import Output, console
from campaign.entrypoints.cli.plan_page import page as plan_page
from campaign.entrypoints.cli.screen import Lines, Screen, Terminal
from campaign.report import RunReport

LINE_SECONDS: Final = 5.0


class Narrator:
    """Tells on stderr what happens, while it happens."""

    def __init__(self) -> None:
        self._console: Console = console(stderr=True)
        self._began = time.monotonic()

    def act(self, title: str) -> None:
        """Open a part of the story."""
        self._console.print(f"\n[bold cyan]{title}[/]")

    def say(self, text: str) -> None:
        """Tell something in plain words."""
        self._console.print(f"  {text}")

    def done(self, text: str, *, seconds: float) -> None:
        """Tick something off."""
        self._console.print(f"  [green]✓[/] {text} [dim]({seconds:.1f} s)[/]")

    def command(self, text: str) -> None:
        """Show the command a reader could type."""
        self._console.print(f"  [dim]$[/] [bold]{text}[/]")

    def bang(self, text: str) -> None:
        """Say the one thing that must not be missed."""
        self._console.print(f"\n  [bold white on red] {text} [/]\n")

    def show_plan(self, plan: PlanReport) -> None:
        """Show a plan as `campaign plan` does."""
        self._console.print(plan_page(plan, asking=True))

    def screen(self, stop: asyncio.Event) -> Screen:
        """Open a screen for a run under way."""
        output = Output(json=False)
        return Terminal(stop, output) if self._console.is_terminal else Spoken(output, self)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began


class Spoken(Lines):
    """A line now and then, where nobody watches a bar."""

    def __init__(self, output: Output, narrator: Narrator) -> None:
        super().__init__(output)
        self._narrator = narrator
        self._next = time.monotonic() + LINE_SECONDS

    def progress(self, report: RunReport) -> None:
        super().progress(report)
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LINE_SECONDS
            send, held = report.send, report.delivery["held"]
            waits = f", {held:,} held for the quality check" if held else ""
            self._narrator.say(f"{send['accepted']:,} of {report.planned:,} taken by WhatsApp{waits}")


class Timed:
    """A step whose length is told when it is done."""

    def __init__(self, narrator: Narrator, text: str) -> None:
        self._narrator = narrator
        self._text = text

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tick it off, unless it failed."""
        if kind is None:
            self._narrator.done(self._text, seconds=time.monotonic() - self._began)
