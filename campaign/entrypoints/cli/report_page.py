"""A run as a page that a marketer understands without asking anybody."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.entrypoints import words
from campaign.entrypoints.cli.cost_page import charges_part
from campaign.entrypoints.cli.figures import Row, bar, counts, largest, lasted, share
from campaign.entrypoints.cli.next_steps import name_of, next_steps
from campaign.entrypoints.cli.ramp_page import steps
from campaign.entrypoints.cli.runs_page import colour
from campaign.entrypoints.cli.variants_page import variants
from campaign.report import RunReport

# Fits beside label, number and percentage in a terminal of 80 columns.
FUNNEL_BAR: Final = 12

# Read means delivered, delivered means sent: the funnel counts everybody who got at least that far.
FUNNEL: Final = (("sent", ("sent", "delivered", "read")), ("delivered", ("delivered", "read")), ("read", ("read",)))


def page(report: RunReport) -> RenderableType:
    """Lay the whole report out."""
    parts = [_title(report), counts(_audience(report)), *_consent(report), counts(_messages(report))]
    if report.send["accepted"]:
        parts += [counts(_funnel(report)), counts(_elsewhere(report))]
    parts.append(charges_part(report.cost))
    parts.append(counts(steps(report)))
    parts += variants(report.variants)
    if any(_had_work(measured) for measured in report.throughput.values()):
        parts.append(_throughput(report))
    return Group(*(part for part in (*parts, *next_steps(report)) if part is not None), "")


def summary(report: RunReport) -> RenderableType:
    """Lay out what a launch ends with: the messages and what to do next."""
    parts = (_title(report), counts(_messages(report)), counts(steps(report)), *next_steps(report))
    return Group(*(part for part in parts if part is not None), "")


def _title(report: RunReport) -> RenderableType:
    state = words.RUN_STATE.get(report.state or "", "not planned")
    reason = words.paused(report.reason, report.because) if report.reason else ""
    title = Text.assemble(("\n" + name_of(report), "bold"), "  ", (state, colour(report.state)))
    if reason:
        title.append(f": {reason}")
    if report.finished_at and report.first_departure_at:
        took = lasted((report.finished_at - report.first_departure_at).total_seconds())
        title.append(f", {took} after its first message", "dim")
    return title


def _audience(report: RunReport) -> Iterator[Row]:
    yield "rows in the audience", report.audience, "", "bold"
    for reason, count in largest(report.refused):
        known = words.of(words.REFUSED, reason)
        yield f"- {known.words}", count, known.remedy, ""
    yield "messages planned", report.planned, share(report.planned, report.audience), "bold"


def _consent(report: RunReport) -> Iterator[RenderableType]:
    if said := words.consent(report.consent):
        yield Padding(Text(f"consent: {said}", "dim"), (0, 0, 0, 2), expand=False)


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
    return count, f"{share(count, accepted):>6} {bar(count, accepted, FUNNEL_BAR)}"


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
        used = f"{mean / ceiling:.0%} {bar(mean, ceiling)}" if ceiling else ""
        allowed = f"{ceiling:g}" if ceiling else "any"
        table.add_row(shard, allowed, f"{mean:.1f}", f"{worst:,}", used)
    return Padding(table, (1, 0, 0, 2), expand=False)


def _had_work(measured: Mapping[str, float | int | None]) -> bool:
    """Tell a shard that was measured from one that had nothing of this run: that one has no ceiling on record."""
    return bool(measured["ceiling"] or measured["worst_second"])
