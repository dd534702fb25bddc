"""Where a run is on its ramp, as people read it."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from campaign.domain.ramp import Progress, StepCount
from campaign.entrypoints.cli.report_page import page, summary
from campaign.ports import Because
from campaign.report import RunReport

WAITING = Progress(
    1, [StepCount(0.01, 200, 0, 200, 200), StepCount(0.1, 1_800, 0, 1_790, 900), StepCount(1.0, 18_000, 18_000)]
)
SENDING = Progress(0, [StepCount(0.01, 200, 60, 140, 20), StepCount(1.0, 19_800, 19_800)])


def report_of(ramp: Progress, **more: object) -> RunReport:
    left = sum(each.left for each in ramp.steps)
    send = {**RunReport("spring", "once").send, "pending": left, "accepted": 20_000 - left}
    fields = {"state": "running", "planned": 20_000, "audience": 20_000, "send": send, "ramp": ramp, **more}
    return replace(RunReport("spring", "once"), **fields)  # type: ignore[arg-type]


def shown(report: RunReport) -> str:
    out = StringIO()
    Console(file=out, width=100).print(summary(report))
    return " ".join(out.getvalue().split())


def test_each_step_is_listed_with_what_became_of_it() -> None:
    told = shown(report_of(WAITING))

    assert "step 1 of the ramp, to 1% 200 200 of 200 accepted told of" in told
    assert "step 2 of the ramp, to 10% 1,800 900 of 1,790 accepted told of" in told
    assert "step 3 of the ramp, to 100% 18,000 not begun" in told


def test_a_run_that_waits_says_for_what() -> None:
    told = shown(report_of(WAITING))

    assert (
        "18,000 in later steps of the ramp. Step 3 begins once WhatsApp has told of 95% of step 2 (so far 900 of 1,790)"
    ) in told
    assert "still to be sent" not in told


def test_while_a_step_is_sent_the_later_ones_are_counted_apart() -> None:
    told = shown(report_of(SENDING))

    assert "19,800 in later steps of the ramp; step 1 comes first." in told
    assert "60 still to be sent" in told


@pytest.mark.parametrize(("ramp", "waits_for"), [(WAITING, "statuses"), (SENDING, None)])
def test_json_counts_steps_from_one(ramp: Progress, waits_for: str | None) -> None:
    spelled = report_of(ramp).as_json()["ramp"]

    assert (spelled["step"], spelled["waits_for"]) == (ramp.present + 1, waits_for)
    assert spelled["steps"][0]["messages"] == 200


def test_a_run_without_a_ramp_shows_no_steps() -> None:
    report = RunReport("spring", "once", state="running")

    assert report.as_json()["ramp"] is None
    out = StringIO()
    Console(file=out, width=100).print(page(report))
    assert "ramp" not in out.getvalue()


def test_a_stop_loss_says_what_was_counted_and_what_to_do() -> None:
    because = Because("51 of 658 messages in step 2 (7.8%) were refused by WhatsApp; `stop_if` allows 5%")

    told = shown(report_of(SENDING, state="paused", reason="stop_loss", because=because))

    assert f"paused: {because.words}" in told
    assert "campaign resume spring@once" in told
    assert "only what follows counts" in told
