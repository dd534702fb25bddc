"""Where a running run is."""

from datetime import UTC, datetime

from rich.console import Console

from campaign.domain.ramp import Progress, StepCount
from campaign.entrypoints.cli.progress_page import progress_page
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


def test_a_run_that_stands_still_for_its_hours_or_its_ramp_says_so() -> None:
    dawn = datetime(2026, 12, 1, 7, tzinfo=UTC)
    asleep = _seen(_report(reason="quiet_hours", waits_until=dawn, delivery={**DELIVERY, "held": 0}), 0)
    ramp = Progress(0, [StepCount(0.5, 50, 0, 50, 20), StepCount(1.0, 50, 50)])
    feeling = _seen(_report(ramp=ramp, delivery={**DELIVERY, "held": 0}), 0)

    assert f"the first of them until {dawn.astimezone():%d %b %Y %H:%M}" in asleep
    assert "waiting for what WhatsApp tells of this step of the ramp" in feeling
