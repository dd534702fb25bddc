"""What a launch would do, as a page and as JSON."""

import io
from dataclasses import replace
from typing import Any

from rich.console import Console

from campaign.bootstrap.rehearsal import PlanReport
from campaign.domain.errors import RefusedByPlan
from campaign.domain.unwritable import UnwritableRows
from campaign.entrypoints.cli.plan_page import page
from campaign.plan import Planned

SUSPECT = "the message asks for a column 'cty' that nobody has; did you mean 'city'?"
PLANNED = Planned(
    audience=10,
    planned=8,
    refused={"invalid": 2},
    skipped={"window_closed": 5},
    canonicalised=0,
    fixed_lines=0,
    digest=b"\x01" * 16,
)


def read(report: PlanReport) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(page(report))
    return str(console.file.getvalue())  # type: ignore[attr-defined] # a StringIO, see above


def report(**more: Any) -> PlanReport:
    return PlanReport(**{"campaign": "spring", "planned": PLANNED, "blocked": None, "seconds": 3.0, **more})


def test_who_has_not_written_lately_is_counted_with_what_to_do() -> None:
    text = read(report())

    (line,) = [line for line in text.splitlines() if "24 hours" in line]
    assert " 5 " in line
    assert "template" in line
    assert report().as_json()["skipped"] == {"window_closed": 5}


def test_what_only_looks_wrong_is_told_and_does_not_block() -> None:
    suspicious = report(suspects=(SUSPECT,), where="spring.yaml:4:10")

    assert suspicious.as_json()["go"] is True
    assert suspicious.as_json()["findings"] == [
        {"what": SUSPECT, "where": "spring.yaml:4:10", "remedy": None, "blocks": False}
    ]
    assert f"spring.yaml:4:10: {SUSPECT}" in " ".join(read(suspicious).split())


def test_everything_that_blocks_is_told() -> None:
    findings = tuple(RefusedByPlan(f"reason {n}", where="spring.yaml:6", remedy=f"remedy {n}") for n in range(3))
    blocked = report(planned=None, blocked=UnwritableRows(findings), seconds=None)

    text = read(blocked)
    assert all(f"spring.yaml:6: reason {n}" in text and f"remedy {n}" in text for n in range(3))
    assert blocked.as_json()["go"] is False
    assert [each["what"] for each in blocked.as_json()["findings"]] == ["reason 0", "reason 1", "reason 2"]
    assert all(each["blocks"] for each in blocked.as_json()["findings"])


def test_what_blocks_alone_is_one_finding() -> None:
    nobody = RefusedByPlan("the audience is empty", where="spring.yaml:6", remedy="look at the query")

    assert report(planned=None, blocked=nobody, seconds=None).findings == [
        {"what": "the audience is empty", "where": "spring.yaml:6", "remedy": "look at the query", "blocks": True}
    ]


def test_a_plan_that_reaches_nobody_says_so_and_one_that_does_takes_a_second_at_least() -> None:
    nobody = replace(PLANNED, skipped={"window_closed": 8})

    assert "Launched now, it reaches nobody. Nothing has been sent." in read(report(planned=nobody, seconds=0.0))
    assert "it takes about 1 s and ends" in read(report(seconds=0.04))
