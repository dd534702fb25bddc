"""One object per run, whose sums hold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from campaign.domain.errors import ConfigurationError
from campaign.domain.ramp import Progress, StepCount
from campaign.ports import Lane, Limited, MessageCount, Owner, Remaining, RunFacts, RunLine, Waiting
from campaign.report import RunReport, report, summed

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

FACTS = RunFacts(
    campaign="spring-sale",
    run="once",
    state="finished",
    reason=None,
    audience=20,
    resent=1,
    shards=("paris", "lyon"),
    tolerate=0.02,
    planned_at=AT,
    started_at=AT,
    first_departure_at=AT,
    finished_at=AT,
    owner=Owner("sender-1", 4711, AT),
    refused={"invalid": 3, "duplicate": 1},
    messages=[
        MessageCount("accepted", "delivered", None, None, 5),
        MessageCount("accepted", "none", None, None, 2),
        MessageCount("rejected", "none", None, 131026, 3),
        MessageCount("rejected", "none", None, 132000, 1),
        MessageCount("skipped", "none", "suppressed", None, 4),
        MessageCount("unknown", "none", None, None, 1),
    ],
    lanes={"paris": Lane(80.0, 161, 82, 2.0)},
)


class FakeReports:
    def __init__(self, *names: tuple[str, str]) -> None:
        self._names = names

    async def find(self, campaign: str, key: str | None) -> int | None:
        found = [n for n, (c, k) in enumerate(self._names) if c == campaign and key in (None, k)]
        return found[0] if found else None

    async def names(self) -> Sequence[tuple[str, str]]:
        return self._names

    async def facts(self, run: int) -> RunFacts:
        campaign, key = self._names[run]
        return replace(FACTS, campaign=campaign, run=key)

    async def remaining(self, run: int) -> Remaining:
        raise NotImplementedError

    async def list_runs(self, *, limit: int = 50) -> Sequence[RunLine]:
        raise NotImplementedError


def sums(counted: RunReport | dict[str, Any]) -> None:
    data = counted.as_json() if isinstance(counted, RunReport) else counted
    assert data["audience"] == data["planned"] + sum(data["refused"].values())
    assert data["planned"] == sum(data["send"].values())
    assert data["send"]["skipped"] == sum(data["skipped"].values())
    assert data["send"]["rejected"] == sum(data["rejected"].values())
    assert data["send"]["accepted"] == sum(data["delivery"].values())


def test_every_sum_of_the_report_holds() -> None:
    sums(summed(FACTS))
    assert summed(FACTS).rejected == {"131026": 3, "132000": 1}


def test_every_key_is_there_before_a_run_exists() -> None:
    empty = RunReport("spring-sale", None)

    sums(empty)
    assert empty.as_json().keys() == summed(FACTS).as_json().keys()
    assert set(empty.send) == {"pending", "in_flight", "accepted", "rejected", "unknown", "skipped", "cancelled"}
    assert set(empty.delivery) == {"none", "held", "sent", "delivered", "read", "failed", "dropped"}


def test_states_nobody_is_in_are_counted_as_zero() -> None:
    assert summed(FACTS).send["pending"] == 0
    assert summed(FACTS).delivery["held"] == 0


def test_the_mean_counts_the_gaps_between_departures() -> None:
    assert summed(FACTS).throughput["paris"] == {"ceiling": 80.0, "mean": 80.0, "worst_second": 82}


def test_a_burst_shorter_than_a_second_has_no_higher_mean_than_that_second() -> None:
    burst = replace(FACTS, lanes={"paris": Lane(80.0, 8, 8, 0.05)})

    assert summed(burst).throughput["paris"]["mean"] == 8.0


def test_a_shard_that_sent_nothing_is_listed() -> None:
    assert summed(FACTS).throughput["lyon"] == {"ceiling": None, "mean": 0.0, "worst_second": 0}


def test_what_the_shards_of_a_client_did_together_stands_beside_them() -> None:
    together = {**FACTS.lanes, "client": Lane(250.0, 2501, 250, 10.0)}

    throughput = summed(replace(FACTS, lanes=together)).throughput

    assert list(throughput) == ["paris", "lyon", "client"]
    assert throughput["client"] == {"ceiling": 250.0, "mean": 250.0, "worst_second": 250}


def test_times_and_owner_are_spelled_for_json() -> None:
    data = summed(FACTS).as_json()

    assert data["planned_at"] == "2026-11-20T12:00:00+00:00"
    assert data["owner"] == {"host": "sender-1", "pid": 4711, "since": "2026-11-20T12:00:00+00:00"}


async def test_a_campaign_alone_means_its_newest_run() -> None:
    reports = FakeReports(("spring-sale", "second"), ("spring-sale", "once"))

    assert (await report(reports, "spring-sale")).run == "second"
    assert (await report(reports, "spring-sale@once")).run == "once"


async def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean spring-sale"):
        await report(FakeReports(("spring-sale", "once")), "sprin-sale")


def waiting(*rows: Waiting, ramp: Progress | None = None) -> RunReport:
    return summed(replace(FACTS, state="running", messages=[], waiting=rows, ramp=ramp))


def test_whoever_is_in_a_later_step_of_the_ramp_does_not_hide_that_the_present_one_waits_for_its_hours() -> None:
    dawn = AT.replace(hour=20)
    asleep, later = Waiting("paris", None, 1, dawn, hours=True), Waiting("paris", None, 30, None)
    ramp = Progress(0, [StepCount(0.5, 30, left=1), StepCount(1.0, 30, left=30)])

    told = waiting(asleep, later, ramp=ramp)
    assert (told.reason, told.waits_until) == ("quiet_hours", dawn)
    due = waiting(asleep, later, Waiting("lyon", None, 1, None), ramp=ramp)
    assert (due.reason, due.waits_until) == (None, None)


def test_a_limit_keeps_nobody_waiting_who_is_in_a_later_step() -> None:
    limited = Limited(250, 60.0, AT)
    ramp = Progress(0, [StepCount(0.5, 30), StepCount(1.0, 30, left=30)])
    told = summed(
        replace(
            FACTS, state="running", messages=[], waiting=[Waiting("paris", None, 30, None)], ramp=ramp, limited=limited
        )
    )
    assert told.reason is None
