"""A run as a page that a marketer understands without asking anybody."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.entrypoints import words
from campaign.report import RunReport

# A label, a number, a remark and a style.
Row = tuple[str, int, str, str]

# The same in every table of a page, so that all numbers stand in one column.
LABEL_WIDTH: Final = 43
COUNT_WIDTH: Final = 9

# A shorter wait is over before anybody has read of it.
MOMENTS: Final = timedelta(seconds=30)

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


def name_of(report: RunReport) -> str:
    """Name a run as commands take it."""
    return f"{report.campaign}@{report.run}" if report.run else str(report.campaign)


def _title(report: RunReport) -> RenderableType:
    state = words.RUN_STATE.get(report.state or "", "not planned")
    reason = words.of(words.RUN_REASON, report.reason).words if report.reason else ""
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
    return words.answer(reason) if state == "rejected" else words.of(words.SKIPPED, reason)


def _parts(report: RunReport, state: str) -> Mapping[str, int]:
    return {"rejected": report.rejected, "skipped": report.skipped}.get(state, {})


def _message_style(state: str) -> str:
    return {"accepted": "bold", "unknown": "yellow", "rejected": "red"}.get(state, "")


def _funnel(report: RunReport) -> Iterator[Row]:
    accepted = report.send["accepted"]
    yield "of those taken by WhatsApp", accepted, "", "bold"
    for label, states in FUNNEL:
        count = sum(report.delivery[state] for state in states)
        yield f"  {label}", count, f"{share(count, accepted):>6} {_bar(count, accepted, FUNNEL_BAR)}", ""


def _elsewhere(report: RunReport) -> Iterator[Row]:
    for state in ("held", "failed", "dropped", "none"):
        if count := report.delivery[state]:
            yield f"  {words.DELIVERY[state].words}", count, share(count, report.send["accepted"]), _news_style(state)


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


def next_steps(report: RunReport) -> Iterator[RenderableType]:
    """Say what to do now, if anything."""
    advice = list(_advice(report))
    if advice:
        yield Text("\n  What to do next", "bold")
    for count, text in advice:
        line = Text.assemble((f"{count:,} " if count else "", "bold"), text.format(name=name_of(report)))
        yield Padding(line, (0, 0, 0, 4), expand=False)


def _advice(report: RunReport) -> Iterator[tuple[int, str]]:
    yield from ((0, text) for text in _stops(report))
    yield from _waits(report)
    for count, text in (
        (report.send["unknown"], words.NEXT_UNKNOWN),
        (report.delivery["held"], words.NEXT_HELD),
        (report.delivery["dropped"], words.NEXT_DROPPED),
    ):
        if count:
            yield count, text
    if report.state == "finished" and report.delivery["none"] == report.send["accepted"] > 0:
        yield report.delivery["none"], words.NEXT_NO_NEWS


def _waits(report: RunReport) -> Iterator[tuple[int, str]]:
    """Say what those who are still to be sent to wait for."""
    left = report.send["pending"] + report.send["in_flight"]
    for code, rows, until in _put_off(report):
        left -= rows
        told = words.answer(str(code)).words
        yield rows, words.NEXT_PUT_OFF.format(told=told, until=f"{until.astimezone():%d %b %Y %H:%M}")
    for shard, rows in report.absent.items():
        left -= rows
        yield rows, words.NEXT_ABSENT.format(shard=shard)
    if left > 0 and report.state == "running":
        yield left, words.NEXT_PENDING


def _put_off(report: RunReport) -> Iterator[tuple[int, int, datetime]]:
    """Give code, number of messages and first time of what answers put off by more than moments."""
    now = datetime.now(UTC)
    found: dict[int, tuple[int, datetime]] = {}
    for each in report.waiting:
        if each.code is None or each.until is None or each.shard in report.absent or each.until < now + MOMENTS:
            continue
        rows, until = found.get(each.code, (0, each.until))
        found[each.code] = rows + each.rows, min(until, each.until)
    yield from ((code, *each) for code, each in sorted(found.items()))


def _stops(report: RunReport) -> Iterator[str]:
    """Say what stands still, by which of WhatsApp's answers, and what to do about it."""
    if report.reason and report.state == "paused":
        reason = words.of(words.RUN_REASON, report.reason)
        if report.code is not None:
            told, remedy = words.stopped_by(report.code, report.reason)
            yield f"Paused: {reason.words}. {told}{_on_shards(report)}. Now: {remedy}."
        elif reason.remedy:
            yield f"Paused: {reason.words}. Now: {reason.remedy}."
    for shard, code in sorted(report.stopped.items()):
        if code != report.code:
            told, remedy = words.stopped_by(code)
            yield f"Shard {shard} is stopped. {told}. Now: {remedy}."


def _on_shards(report: RunReport) -> str:
    """Name the shards that the same answer stopped."""
    names = [shard for shard, code in sorted(report.stopped.items()) if code == report.code]
    return f" (stopped: shard {', '.join(names)})" if names else ""


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
    for each in reports:
        table.add_row(*_run_cells(each))
    return table


def _run_cells(each: RunReport) -> Iterator[RenderableType]:
    state = words.RUN_STATE.get(each.state or "", str(each.state))
    reason = f" ({each.reason})" if each.reason else ""
    yield Text(name_of(each), "bold")
    yield Text(state + reason, _colour(each.state))
    send: Mapping[str, Any] = each.send
    left = send["pending"] + send["in_flight"]
    for count in (each.planned, send["accepted"], send["rejected"], send["unknown"], each.delivery["held"], left):
        yield f"{count:,}"
