"""The demo's stage and verdict; the story itself is a rehearsal."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from campaign.audience import CONSENT_GIVEN
from campaign.domain.numbers import Number, normalise
from campaign.entrypoints.demo.stage import Stage
from campaign.entrypoints.demo.verdict import Ending
from campaign.report import RunReport
from campaign.resources import resource

SEND = {"pending": 0, "in_flight": 0, "accepted": 9, "rejected": 0, "unknown": 1, "skipped": 0, "cancelled": 0}
SUMMARY = {"accepted": 9, "recipients": 9, "duplicates": 0}


def _ending(*, state: str = "finished", audience: int = 12, **summary: int) -> Ending:
    report = RunReport("d", "once", state=state, audience=audience, planned=10, refused={"invalid": 2}, send=SEND)
    return Ending(report, {**SUMMARY, **summary}, caught_in_flight=3)


def test_a_demo_is_good_when_nobody_got_two_and_the_rows_add_up() -> None:
    ending = _ending()

    assert ending.good
    assert ending.as_json()["verdict"] == SUMMARY
    assert ending.as_json()["error"] is None


@pytest.mark.parametrize(
    ("ending", "problem"),
    [
        (_ending(duplicates=1), "accepted twice"),
        (_ending(state="paused"), "not finished"),
        (_ending(audience=13), "do not add up"),
        (_ending(accepted=8), "more accepted messages than WhatsApp"),
    ],
)
def test_a_demo_that_breaks_a_promise_says_which(ending: Ending, problem: str) -> None:
    assert not ending.good
    assert problem in ending.as_json()["error"]["message"]


def test_the_stage_has_secrets_of_its_own_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAMPAIGN_SETTINGS", "/somewhere/else.yaml")
    first, second = Stage.build(), Stage.build()
    try:
        assert first.environ["CAMPAIGN_DEMO_TOKEN"] != second.environ["CAMPAIGN_DEMO_TOKEN"]
        assert "CAMPAIGN_SETTINGS" not in first.environ
        first.connect_to(4711)
        assert first.settings.account.base_url == "http://127.0.0.1:4711"
        assert first.campaign.audience.file == first.folder / "config" / "recipients.csv"
    finally:
        first.strike()
        second.strike()
    assert not first.folder.exists()


def test_the_demo_has_something_of_everything() -> None:
    country, kinds, seen = "FR", Counter[str](), set[str]()
    with Path(str(resource("config", "demo", "recipients.csv"))).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = normalise(row["phone"], country=country)
            if not isinstance(number, Number):
                kinds["invalid"] += 1
            elif row["marketing_opt_in"] not in CONSENT_GIVEN:
                kinds["no_consent"] += 1
            elif number.e164 in seen:
                kinds["duplicate"] += 1
                kinds["ninth_digit"] += number.canonical_changed
            else:
                seen.add(number.e164)
                kinds[number.region] += 1

    assert sum(count for kind, count in kinds.items() if kind != "ninth_digit") == 5000
    assert all(kinds[kind] > 100 for kind in ("invalid", "no_consent", "duplicate"))
    assert kinds["ninth_digit"] > 10
    assert len([kind for kind in kinds if kind.isupper()]) >= 6
