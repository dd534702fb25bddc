"""What a plan does for a ramp: sizes its steps, fills those that are too small, and insists on a receiver."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from campaign.bootstrap.intent import Intent, new_run
from campaign.bootstrap.ramping import ramp_of, sizes, step_of, topped_up
from campaign.bootstrap.testing import trial_of
from campaign.plan import Planned
from campaign.ports import Group, PlanWriting
from campaign.settings import load_campaign, load_settings

SETTINGS = """\
account: {version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}, {id: lyon, phone_number_id: "3"}]
"""
CAMPAIGN = """\
campaign: spring
audience: {list: everybody}
consent: recorded_elsewhere
message: {type: text, text: {body: Hello}}
quality: {ramp: [1%, 10%, 100%], stop_if: {rejected: 5%}}
frequency: {at_most: 2, per: 7d}
"""


@pytest.fixture
def intent(tmp_path: Path) -> Intent:
    (tmp_path / "settings.yaml").write_text(SETTINGS)
    (tmp_path / "spring.yaml").write_text(CAMPAIGN)
    settings = load_settings(tmp_path / "settings.yaml", {"TOKEN": "t" * 32})
    return Intent(settings, load_campaign(tmp_path / "spring.yaml", {}, settings), tmp_path / "spring.yaml")


class Writing:
    """Moves what it is asked for out of the last step, half of it on each shard."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    async def top_up(self, step: int, messages: int) -> Mapping[Group, int]:
        self.asked.append((step, messages))
        half = messages // 2
        return {group("paris", 2): half, group("lyon", 2): messages - half}


def group(shard: str, step: int) -> Group:
    return Group(shard, step, 0, None, "FR")


def planned(groups: Mapping[Group, int]) -> Planned:
    return Planned(1_000, 1_000, {}, {}, 0, 0, b"", groups=groups)


async def test_steps_that_are_too_small_are_filled_and_what_is_estimated_knows_it(intent: Intent) -> None:
    writing = Writing()
    before = planned({group("paris", 0): 10, group("lyon", 1): 90, group("paris", 2): 400, group("lyon", 2): 500})

    after = await topped_up(intent, before, cast(PlanWriting, writing))

    assert writing.asked == [(0, 40)]
    assert sizes(intent, after) == [50, 90, 860]
    assert after.groups[group("lyon", 0)] == 20
    assert after.to_send == before.to_send


async def test_without_small_steps_nothing_is_moved(intent: Intent) -> None:
    writing = Writing()
    before = planned({group("paris", 0): 50, group("lyon", 1): 90, group("paris", 2): 400})

    assert (await topped_up(intent, before, cast(PlanWriting, writing))).groups == before.groups
    assert writing.asked == []


def test_a_run_keeps_ramp_limits_and_cap(intent: Intent) -> None:
    new = new_run(intent, key="once")

    assert (new.ramp, new.stop_if) == ((0.01, 0.1, 1.0), {"rejected": 0.05, "after": 500})
    assert new.frequency is not None
    assert (new.frequency.at_most, new.frequency.per.days) == (2, 7)


def test_a_test_goes_in_one_step_and_under_no_cap(intent: Intent) -> None:
    async def instead(audience: Any) -> Any:
        return audience

    standing_in = replace(intent, instead=instead)
    new = trial_of(intent, at=datetime(2026, 11, 21, tzinfo=UTC))

    assert (new.ramp, new.stop_if, new.frequency) == ((), None, None)
    assert ramp_of(standing_in) == ()
    assert {step_of(standing_in)(bytes([number] * 16)) for number in range(256)} == {0}
