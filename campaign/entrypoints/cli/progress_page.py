"""Where a running run is: how many are done, how fast, and what it waits for."""

from typing import TYPE_CHECKING, Final

from campaign.entrypoints import words
from campaign.entrypoints.cli.next_steps import name_of
from campaign.report import RunReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    Measured = Mapping[str, float | int | None]

BAR_WIDTH: Final = 32

# The row of a report that stands for all shards of an On-Premises client.
CLIENT: Final = "client"
MOST_LINES: Final = 12


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
    if report.limited is not None:
        return [Text(f"  waiting for the portfolio's limit: {words.limited(report.limited)}", "yellow")]
    if report.reason == "quiet_hours" and report.waits_until is not None:
        until = f"{report.waits_until.astimezone():%d %b %Y %H:%M}"
        return [Text(f"  waiting for the hours in which they may be sent, the first of them until {until}", "yellow")]
    if report.ramp is not None and report.ramp.waits and report.state == "running":
        return [Text("  waiting for what WhatsApp tells of this step of the ramp", "yellow")]
    if report.reason and report.state == "paused":
        return [Text(f"  paused: {words.paused(report.reason, report.because)}", "yellow")]
    return []


def _time_left(left: int, rate: float) -> str:
    if not left or rate <= 0:
        return ""
    minutes, seconds = divmod(round(left / rate), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min left" if hours else f"{minutes}:{seconds:02} left"
