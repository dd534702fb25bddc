"""What is seen while a run goes on."""

import asyncio
import io
import os
import pty
import sys

import pytest
from rich.console import Console

from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.screen import Lines, Rate, asked, progress_page, typed_number
from campaign.report import RunReport

SEND = {"pending": 600, "in_flight": 8, "accepted": 390, "rejected": 2, "unknown": 0, "skipped": 0, "cancelled": 0}
DELIVERY = {"none": 350, "held": 40, "sent": 0, "delivered": 0, "read": 0, "failed": 0, "dropped": 0}


def _report(**changes: object) -> RunReport:
    facts = {
        "campaign": "spring", "run": "once", "state": "running", "planned": 1000, "audience": 1000, "send": SEND,
        "delivery": DELIVERY, "throughput": {"paris": {"ceiling": 80.0, "mean": 79.6, "worst_second": 80}},
    }  # fmt: skip
    return RunReport(**{**facts, **changes})  # type: ignore[arg-type]


def _seen(report: RunReport, rate: float) -> str:
    console = Console(width=110, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(progress_page(report, rate))
        return console.export_text()


def test_the_bar_shows_counts_rates_ceilings_and_the_time_left() -> None:
    seen = _seen(_report(), 76.0)

    assert "392 of 1,000" in seen
    assert "76/s" in seen
    assert "0:08 left" in seen
    assert "79.6/s" in seen
    assert "of 80/s allowed" in seen
    assert "accepted 390 · held 40 · rejected 2 · unknown 0 · in flight 8" in seen


def test_an_on_premises_client_takes_one_line_however_many_shards_it_has() -> None:
    shards = {f"shard-{each:02}": {"ceiling": 10.0, "mean": 7.8, "worst_second": 10} for each in range(1, 33)}
    client = {"client": {"ceiling": 250.0, "mean": 249.1, "worst_second": 250}}

    assert "shard-01" not in _seen(_report(throughput=shards), 240.0)
    seen = _seen(_report(throughput={**shards, **client}), 240.0)
    assert "249.1/s" in seen
    assert "shard-01" not in seen


def test_a_shard_nobody_has_measured_yet_is_not_called_unlimited() -> None:
    seen = _seen(_report(throughput={"paris": {"ceiling": None, "mean": 0.0, "worst_second": 0}}), 0)

    assert "no ceiling" not in seen


def test_a_paused_run_says_why() -> None:
    assert "WhatsApp refuses the access token" in _seen(_report(state="paused", reason="token"), 0)


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    for second in range(20):
        rate.see(second, min(second, 10) * 80)

    assert rate.value == 0

    rate.see(20, 800 + 80)
    assert rate.value == pytest.approx(16)


@pytest.mark.parametrize(
    ("typed", "agreed"), [("4627\n", True), ("4,627\n", True), ("4626\n", False), ("y\n", False), ("\x04", False)]
)
async def test_a_number_is_typed_and_nothing_else_agrees(
    typed: str, agreed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, terminal = pty.openpty()
    with os.fdopen(terminal, "r+b", buffering=0) as raw, io.TextIOWrapper(io.BufferedReader(raw)) as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)
        os.write(person, typed.encode())

        assert await typed_number(4627, "to send it", stop=asyncio.Event()) is agreed
    os.close(person)


def test_only_those_who_get_a_message_are_asked_for() -> None:
    send = {**SEND, "pending": 1, "in_flight": 0, "accepted": 0, "rejected": 0, "skipped": 2}

    number, question = asked(_report(planned=3, send=send, refused={"invalid": 4}))

    assert number == 1
    assert question == "spring@once: 1 person gets a message, 2 left out on purpose, 4 rows refused."


async def test_a_signal_at_the_question_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    person, terminal = pty.openpty()
    stop = asyncio.Event()
    stop.set()
    with os.fdopen(terminal) as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)

        assert not await typed_number(4627, "to send it", stop=stop)
    os.close(person)


async def test_without_a_terminal_nobody_agrees() -> None:
    assert not await Lines(Output(json=False)).confirm(_report())


def test_a_screen_knows_how_many_answers_a_drain_waits_for() -> None:
    screen = Lines(Output(json=False))
    assert screen.in_flight == 0

    screen.progress(_report())

    assert screen.in_flight == 8
