"""The steps of a run's ramp, and where it is."""

from collections.abc import Iterator

from campaign.domain.ramp import StepCount
from campaign.report import RunReport


def steps(report: RunReport) -> Iterator[tuple[str, int, str, str]]:
    """Give a row for each step: label, number of messages, remark, style; nothing where there is no ramp."""
    if report.ramp is None:
        return
    for number, each in enumerate(report.ramp.steps):
        label = f"step {number + 1} of the ramp, to {each.share * 100:.4g}%"
        yield label, each.messages, _remark(each, number - report.ramp.present), _style(number - report.ramp.present)


def _remark(each: StepCount, ahead: int) -> str:
    if ahead > 0:
        return "not begun"
    told = f"{each.told:,} of {each.accepted:,} accepted told of"
    return f"{each.left:,} to send; {told}" if each.left else told


def _style(ahead: int) -> str:
    return "bold" if ahead == 0 else "dim" if ahead > 0 else ""
