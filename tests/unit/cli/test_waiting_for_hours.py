"""A run that waits for its hours says so, and until when."""

from datetime import UTC, datetime, timedelta

from rich.console import Console

from campaign.entrypoints.cli.report_page import page
from campaign.ports import Waiting
from campaign.report import RunReport

DAWN = (datetime.now(UTC) + timedelta(hours=9)).replace(second=0, microsecond=0)
NOBODY = RunReport("spring", "once").send


def text_of(*waiting: Waiting, reason: str | None) -> str:
    left = sum(each.rows for each in waiting)
    report = RunReport(
        "spring", "once", "running", reason, planned=left, send=NOBODY | {"pending": left}, waiting=waiting,
        waits_until=DAWN,
    )  # fmt: skip
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(width=200, record=True, file=nowhere)
        console.print(page(report))
        return console.export_text()


def test_a_run_that_waits_for_its_hours_says_until_when_and_that_nothing_need_be_done() -> None:
    text = text_of(
        Waiting("paris", None, 12, DAWN + timedelta(hours=1), hours=True),
        Waiting("lyon", None, 3, DAWN, hours=True),
        reason="quiet_hours",
    )
    assert "spring@once  running: waits for its hours" in text
    until = f"{DAWN.astimezone():%d %b %Y %H:%M}"
    assert f"15 waiting for the hours in which they may be sent, the first of them until {until}" in text
    assert "still to be sent" not in text


def test_whoever_may_be_sent_now_is_told_apart() -> None:
    text = text_of(Waiting("paris", None, 12, DAWN, hours=True), Waiting("paris", None, 5, None), reason=None)
    assert "12 waiting for the hours" in text
    assert "5 still to be sent" in text


def test_a_paused_run_is_not_said_to_go_on_by_itself() -> None:
    report = RunReport(
        "spring", "once", "paused", "command", planned=12, send=NOBODY | {"pending": 12},
        waiting=[Waiting("paris", None, 12, DAWN, hours=True)],
    )  # fmt: skip
    with open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        console = Console(width=200, record=True, file=nowhere)
        console.print(page(report))
    assert "waiting for the hours" not in console.export_text()
