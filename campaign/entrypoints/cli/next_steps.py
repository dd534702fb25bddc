"""What to do now about a run, in words that name the command."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from campaign.domain.ramp import TOLD, Progress
from campaign.entrypoints import advice, words
from campaign.ports import Because
from campaign.report import RunReport

# A shorter wait is over before anybody has read of it.
MOMENTS: Final = timedelta(seconds=30)


def name_of(report: RunReport) -> str:
    """Name a run as commands take it."""
    return f"{report.campaign}@{report.run}" if report.run else str(report.campaign)


def next_steps(report: RunReport) -> Iterator[RenderableType]:
    """Say what to do now, if anything."""
    given = list(_advice(report))
    if given:
        yield Text("\n  What to do next", "bold")
    for count, text in given:
        line = Text.assemble((f"{count:,} " if count else "", "bold"), text.format(name=name_of(report)))
        yield Padding(line, (0, 0, 0, 4), expand=False)


def _advice(report: RunReport) -> Iterator[tuple[int, str]]:
    yield from ((0, text) for text in _stops(report))
    yield from _waits(report)
    for count, text in (
        (report.send["unknown"], advice.UNKNOWN),
        (report.delivery["held"], advice.HELD),
        (report.held_too_long, advice.HELD_TOO_LONG),
        (report.delivery["dropped"], advice.DROPPED),
        *_failed(report),
    ):
        if count:
            yield count, text
    if report.never_delivered:
        yield report.never_delivered, advice.NEVER_DELIVERED.format(asked="; ".join(advice.ASK))
    if report.state == "finished" and report.delivery["none"] == report.send["accepted"] > 0:
        yield report.delivery["none"], advice.NO_NEWS


def _failed(report: RunReport) -> Iterator[tuple[int, str]]:
    """Say how what went wrong for good may be tried again, once nothing else is to be waited for."""
    if report.state == "finished":
        yield report.send["rejected"], advice.REJECTED
        yield report.delivery["failed"], advice.FAILED


def _waits(report: RunReport) -> Iterator[tuple[int, str]]:
    """Say what those who are still to be sent to wait for."""
    left = report.send["pending"] + report.send["in_flight"]
    for code, rows, until in _put_off(report):
        left -= rows
        told = words.answer(str(code)).words
        yield rows, advice.PUT_OFF.format(told=told, until=words.moment(until))
    hours = sum(each.rows for each in report.waiting if each.hours and each.shard not in report.absent)
    opens = min((each.until for each in report.waiting if each.hours and each.until is not None), default=None)
    if hours and opens is not None and report.state == "running":
        left -= hours
        yield hours, advice.HOURS.format(until=words.moment(opens))
    for shard, rows in report.absent.items():
        left -= rows
        yield rows, advice.ABSENT.format(shard=shard)
    if report.ramp is not None and report.state == "running":
        left -= report.ramp.later
        yield from _later_steps(report.ramp)
    if left > 0 and report.state == "running":
        yield left, _pending(report)


def _pending(report: RunReport) -> str:
    if report.gated:
        return advice.GATED
    if report.limited is None:
        owner = report.owner
        return advice.PENDING if owner is None else advice.SENDING.format(pid=owner.pid, host=owner.host)
    return advice.LIMITED.format(limit=words.limited(report.limited))


def _later_steps(ramp: Progress) -> Iterator[tuple[int, str]]:
    present, number = ramp.steps[ramp.present], ramp.present + 1
    if ramp.waits:
        told = {"told": f"{present.told:,}", "accepted": f"{present.accepted:,}", "enough": f"{TOLD:.0%}"}
        yield ramp.later, advice.RAMP_WAITS.format(step=number, next=number + 1, **told)
    elif ramp.later:
        yield ramp.later, advice.RAMP.format(step=number)


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
        if report.because is not None:
            yield _said(report.because, reason)
        elif report.code is not None:
            told, remedy = words.stopped_by(report.code, report.reason)
            yield f"Paused: {reason.words}. {told}{_on_shards(report)}. Now: {remedy}."
        elif reason.remedy:
            yield f"Paused: {reason.words}. Now: {reason.remedy}."
    for shard, code in sorted(report.stopped.items()):
        if code != report.code:
            told, remedy = words.stopped_by(code)
            yield f"Shard {shard} is stopped. {told}. Now: {remedy}."


def _said(because: Because, reason: words.Words) -> str:
    """Say what paused a run; what others wrote may have braces in it."""
    now = f"{because.remedy}; then `campaign resume {{name}}`" if because.remedy else reason.remedy
    return f"Paused: {words.because(because).replace('{', '{{').replace('}', '}}')}. Now: {now}."


def _on_shards(report: RunReport) -> str:
    """Name the shards that the same answer stopped."""
    names = [shard for shard, code in sorted(report.stopped.items()) if code == report.code]
    return f" (stopped: shard {', '.join(names)})" if names else ""
