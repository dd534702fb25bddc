"""The ramp, what stops a campaign, and how often people are written to: as a file says it."""

from datetime import timedelta
from typing import Any

import pytest

from campaign.plan import changed
from campaign.settings import CampaignFile

FILE = "config/campaigns/spring.yaml"
KINDS = "rejected, failed, unknown, held, dropped or opt_out"
STEPS = "write how much of the audience each step reaches, as in [1%, 10%, 100%]"
BAD = {
    "quality: {ramp: 10%}": f":5:17: ramp: that is no list of steps; {STEPS}",
    "quality: {ramp: []}": f":5:17: ramp: that is no list of steps; {STEPS}",
    "quality: {ramp: [10%, 1%, 100%]}": f":5:17: ramp: each step must reach more people than the one before; {STEPS}",
    "quality: {ramp: [0%, 100%]}": f":5:17: ramp: each step must reach more people than the one before; {STEPS}",
    "quality: {ramp: [1%, 10%]}": ":5:17: ramp: the last step does not reach everybody; end the list with 100%",
    "quality: {ramp: [1, 100%]}": ":5:17: ramp: 1 is not a percentage; write 0% to 100%, as in 2%",
    "quality: {stop_if: {}}": (f":5:20: stop_if: nothing would stop it; write a share for {KINDS}, as in rejected: 5%"),
    "quality: {stop_if: {after: 500}}": (
        f":5:20: stop_if: nothing would stop it; write a share for {KINDS}, as in rejected: 5%"
    ),
    "quality: {stop_if: {rejected: 5}}": ":5:31: rejected: 5 is not a percentage; write 0% to 100%, as in 2%",
    "quality: {stop_if: {rejected: 5%, after: 0}}": (
        ":5:42: after: 0 is out of range; write a whole number from 1 to 10000000"
    ),
    "quality: {stop_if: {refused: 5%}}": (
        ":5:21: unknown key 'refused'; use one of rejected, failed, unknown, held, dropped, opt_out, after"
    ),
    "frequency: {at_most: 2}": ":5:1: 'per' is missing; write 'per: 7d'",
    "frequency: {per: 7d}": ":5:1: 'at_most' is missing; write 'at_most: 2'",
    "frequency: {at_most: 0, per: 7d}": ":5:22: at_most: 0 is out of range; write a whole number from 1 to 1000",
    "frequency: {at_most: 2, per: 7}": (
        ":5:30: per: 7 has no unit; write a whole number with s, m, h or d, as in 60s or 24h"
    ),
    "frequency: {at_most: 2, per: 1s}": ":5:30: per: that length of time is out of range; write 1m to 366d",
    "category: utility\nfrequency: {at_most: 2, per: 7d}": (
        ":6:1: a cap counts marketing messages, and this campaign sends none; leave 'frequency' out"
    ),
}


@pytest.mark.parametrize("more", BAD)
def test_a_mistake_is_told_with_its_place_and_remedy(files: Any, more: str) -> None:
    assert files.blamed(files.campaign, files.CAMPAIGN + more) == [FILE + BAD[more]]


def test_what_is_written_is_what_is_meant(files: Any) -> None:
    campaign: CampaignFile = files.campaign(
        files.CAMPAIGN
        + "quality: {ramp: [1%, 10%, 100%], stop_if: {rejected: 5%, opt_out: 0.5%}}\nfrequency: {at_most: 2, per: 7d}"
    )

    assert campaign.quality.ramp == (0.01, 0.1, 1.0)
    assert campaign.quality.stop_if is not None
    assert campaign.quality.stop_if.frozen() == {"rejected": 0.05, "opt_out": 0.005, "after": 500}
    assert campaign.frequency is not None
    assert (campaign.frequency.at_most, campaign.frequency.per) == (2, timedelta(days=7))


def test_a_ramp_of_one_step_is_no_ramp(files: Any) -> None:
    assert files.campaign(files.CAMPAIGN + "quality: {ramp: [100%]}").quality.ramp == (1.0,)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ("quality: {ramp: [1%, 100%]}", "quality: {ramp: [2%, 100%]}", ["ramp"]),
        ("quality: {ramp: [1%, 100%]}", "", ["ramp"]),
        ("frequency: {at_most: 2, per: 7d}", "frequency: {at_most: 3, per: 7d}", ["frequency"]),
        ("quality: {stop_if: {rejected: 5%}}", "quality: {stop_if: {rejected: 9%}}", []),
    ],
)
def test_ramp_and_cap_stay_as_they_were_planned_and_limits_may_change(
    files: Any, before: str, now: str, told: list[str]
) -> None:
    prints = [files.campaign(files.CAMPAIGN + each).fingerprints() for each in (before, now)]

    assert changed(*prints) == told
