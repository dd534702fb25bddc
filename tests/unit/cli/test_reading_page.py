"""How far the reading of an audience is, on a terminal and in a log."""

import io

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from campaign.entrypoints.cli import screen
from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.reading_page import Reader
from campaign.entrypoints.cli.screen import EVERY_SECONDS, Lines


def read(rows: int, rate: float, share: float | None) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(Reader().page(rows, rate, share))
    return " ".join(str(console.file.getvalue()).split())  # type: ignore[attr-defined] # a StringIO, see above


def test_a_known_whole_has_a_bar_with_rows_rate_and_time_left() -> None:
    text = read(250_000, 12_500, 0.25)

    assert text.endswith("25% 250,000 rows 12,500/s 1:00 left")
    assert "━" in text


def test_an_unknown_whole_is_counted() -> None:
    assert read(250_000, 12_500, None).endswith("reading the audience: 250,000 rows 12,500/s")


@pytest.mark.parametrize("share", [0.001, 1.0])
def test_no_time_is_left_before_it_can_be_told_and_after_the_end(share: float) -> None:
    assert "left" not in read(1_000, 100, share)


def test_one_row_is_one_row() -> None:
    assert "1 row " in f"{read(1, 0, 1.0)} "


def test_a_log_says_it_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(screen.time, "monotonic", lambda: now)
    lines = Lines(Output(json=False))

    with capture_logs() as logged:
        for step in range(1, 22):
            now = step * EVERY_SECONDS / 10
            lines.planning(step * 1_000, step / 100)

    assert [each["rows"] for each in logged] == [10_000, 20_000]
    assert logged[0]["share"] == 0.1
    assert logged[0]["rate"] == pytest.approx(1_000, rel=0.01)
