"""A run as a page that a marketer understands without asking anybody."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.entrypoints import words
from campaign.entrypoints.cli.next_steps import name_of, next_steps
from campaign.report import RunReport

# A label, a number, a remark and a style.
Row = tuple[str, int, str, str]

# The same in every table of a page, so that all numbers stand in one column.
LABEL_WIDTH: Final = 43
COUNT_WIDTH: Final = 9

# Fits beside label, number and percentage in a terminal of 80 columns.
FUNNEL_BAR: Final = 12

# Read means delivered, delivered means sent: the funnel counts everybody who got at least that far.
FUNNEL: Final = (("sent", ("sent", "delivered", "read")), ("delivered", ("delivered", "read")), ("read", ("read",)))


def page(report: RunReport) -> RenderableType:
    """Lay the whole report out."""
    parts = [_title(report), counts(_audience(report)), counts(_messages(report))]
    if report.send["accepted"]:
        parts += [counts(_funnel(report)), counts(_elsewhere(report))]
    if any(_had_work(measured) for measured in report.throughput.values()):
        parts.append(_throughput(report))
    return Group(*(part for part in (*parts, *next_steps(report)) if part is not None), "")


def summary(report: RunReport) -> RenderableType:
    """Lay out what a launch ends with: the messages and what to do next."""
    parts = (_title(report), counts(_messages(report)), *next_steps(report))
    return Group(*(part for part in parts if part is not None), "")


def _title(report: RunReport) -> RenderableType:
    state = words.RUN_STATE.get(report.state or "", "not planned")
    reason = words.paused(report.reason, report.because) if report.reason else ""
    title = Text.assemble(("\n" + name_of(report), "bold"), "  ", (state, _colour(report.state)))
    if reason:
        title.append(f": {reason}")
    if report.finished_at and report.first_departure_at:
        took = lasted((report.finished_at - report.first_departure_at).total_seconds())
        title.append(f", {took} after its first message", "dim")
    return title


def _colour(state: str | None) -> str:
    return {"finished": "bold green", "running": "bold cyan", "paused": "bold yellow"}.get(state or "", "bold")


def _audience(report: RunReport) -> Iterator[Row]:
    yield "rows in the audience", report.audience, "", "bold"
    for reason, count in largest(report.refused):
        known = words.of(words.REFUSED, reason)
        yield f"- {known.words}", count, known.remedy, ""
    yield "messages planned", report.planned, share(report.planned, report.audience), "bold"


def _messages(report: RunReport) -> Iterator[Row]:
    for state, known in words.SEND.items():
        count = report.send[state]
        if count or state == "accepted":
            yield known.words, count, share(count, report.planned), _message_style(state)
        for reason, part in largest(_parts(report, state)):
            label, remedy = _reason(state, reason)
            yield f"    {label}", part, remedy, "dim"
    if report.resent:
        yield "sent again by order", report.resent, "", ""


def _reason(state: str, reason: str) -> tuple[str, str]:
    return words.of(words.SKIPPED, reason) if state == "skipped" else words.answer(reason)


def _parts(report: RunReport, state: str) -> Mapping[str, int]:
    return {"rejected": report.rejected, "skipped": report.skipped, "failed": report.failed}.get(state, {})


def _message_style(state: str) -> str:
    return {"accepted": "bold", "unknown": "yellow", "rejected": "red"}.get(state, "")


def _funnel(report: RunReport) -> Iterator[Row]:
    accepted = report.send["accepted"]
    yield "of those taken by WhatsApp", accepted, "", "bold"
    yield (
        "  told of by webhooks",
        *_shown(accepted - report.delivery["none"] - report.delivery["held"], accepted),
        "dim",
    )
    for label, states in FUNNEL:
        count = sum(report.delivery[state] for state in states)
        yield f"  {label}", *_shown(count, accepted), ""


def _shown(count: int, accepted: int) -> tuple[int, str]:
    return count, f"{share(count, accepted):>6} {_bar(count, accepted, FUNNEL_BAR)}"


def _elsewhere(report: RunReport) -> Iterator[Row]:
    for state in ("held", "failed", "dropped", "none"):
        if count := report.delivery[state]:
            yield f"  {words.DELIVERY[state].words}", count, share(count, report.send["accepted"]), _news_style(state)
        for code, part in largest(_parts(report, state)):
            label, remedy = _reason(state, code)
            yield f"      {label}", part, remedy, "dim"
    if count := report.never_delivered:
        yield "  never delivered within 30 days", count, share(count, report.send["accepted"]), "red"


def _news_style(state: str) -> str:
    return {"held": "yellow", "failed": "red", "dropped": "red"}.get(state, "dim")


def _throughput(report: RunReport) -> RenderableType:
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("shard")
    for title in ("allowed/s", "reached/s", "worst second"):
        table.add_column(title, justify="right")
    table.add_column("")
    for shard, measured in report.throughput.items():
        if not _had_work(measured):
            continue
        ceiling, mean, worst = measured["ceiling"], measured["mean"] or 0, measured["worst_second"]
        used = f"{mean / ceiling:.0%} {_bar(mean, ceiling)}" if ceiling else ""
        allowed = f"{ceiling:g}" if ceiling else "any"
        table.add_row(shard, allowed, f"{mean:.1f}", f"{worst:,}", used)
    return Padding(table, (1, 0, 0, 2), expand=False)


def _had_work(measured: Mapping[str, float | int | None]) -> bool:
    """Tell a shard that was measured from one that had nothing of this run: that one has no ceiling on record."""
    return bool(measured["ceiling"] or measured["worst_second"])


def counts(rows: Iterable[Row]) -> RenderableType | None:
    """Lay (label, number, remark, style) out with the numbers in a column; None where there is nothing to count."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    table.add_column(width=LABEL_WIDTH)
    table.add_column(justify="right", width=COUNT_WIDTH)
    table.add_column(style="dim")
    for label, count, remark, style in rows:
        table.add_row(_indented(label, style), Text(f"{count:,}", style), remark)
    return Padding(table, (1, 0, 0, 2), expand=False) if table.row_count else None


def _indented(label: str, style: str) -> RenderableType:
    """Keep a long label under its own beginning when it takes several lines."""
    text = label.lstrip()
    return Padding(Text(text, style), (0, 0, 0, len(label) - len(text)))


def largest(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """Sort counts by size."""
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))


def share(count: float, whole: float) -> str:
    """Write a part in percent."""
    return f"{count / whole:.1%}" if whole else ""


def _bar(count: float, whole: float, width: int = 20) -> str:
    filled = round(width * min(1.0, count / whole)) if whole else 0
    return "█" * filled + "░" * (width - filled)


def lasted(seconds: float) -> str:
    """Write a length of time for people."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


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
    yield Text(state + reason, _colour(each.state))
    send: Mapping[str, Any] = each.send
    left = send["pending"] + send["in_flight"]
    for count in (each.planned, send["accepted"], send["rejected"], send["unknown"], each.delivery["held"], left):
        yield f"{count:,}"
