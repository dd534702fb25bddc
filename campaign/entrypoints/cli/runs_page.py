"""All runs as a table, a line each."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.entrypoints import words
from campaign.entrypoints.cli.next_steps import name_of
from campaign.report import RunReport


def runs_table(reports: Iterable[RunReport]) -> RenderableType:
    """List runs, one a line where the terminal is wide enough."""
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim")
    # Folded, never cut: it is what other commands take.
    table.add_column("run", overflow="fold")
    table.add_column("state")
    for title in ("planned", "taken", "refused", "unknown", "held", "to send"):
        table.add_column(title, justify="right", no_wrap=True)
    listed = list(reports)
    for each in listed:
        table.add_row(*_run_cells(each))
    return Group(table, *(_why_paused(each) for each in listed if _wants_why(each)))


def _wants_why(report: RunReport) -> bool:
    """Tell a pause that needs more words than the table has from one that somebody ordered."""
    return report.state == "paused" and report.reason != "command"


def _why_paused(report: RunReport) -> RenderableType:
    said = f" is paused: {_exactly(report)}. What to do: `campaign status {name_of(report)}`."
    return Padding(Text.assemble((name_of(report), "bold"), said), (1, 0, 0, 0), expand=False)


def _exactly(report: RunReport) -> str:
    """Say why a run is paused, in WhatsApp's own words or by its code where there is one."""
    if report.because is None and report.code is not None:
        return words.stopped_by(report.code).words
    return words.paused(report.reason or "", report.because)


def _run_cells(each: RunReport) -> Iterator[RenderableType]:
    state = words.RUN_STATE.get(each.state or "", str(each.state))
    reason = f" ({each.reason})" if each.reason else ""
    yield Text(name_of(each), "bold")
    yield Text(state + reason, colour(each.state))
    send: Mapping[str, Any] = each.send
    left = send["pending"] + send["in_flight"]
    for count in (each.planned, send["accepted"], send["rejected"], send["unknown"], each.delivery["held"], left):
        yield f"{count:,}"


def colour(state: str | None) -> str:
    """Choose the colour of a run's state."""
    return {"finished": "bold green", "running": "bold cyan", "paused": "bold yellow"}.get(state or "", "bold")
