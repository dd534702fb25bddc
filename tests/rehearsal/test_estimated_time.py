"""How long a plan says that a sending over four unequal shards will take, and how long it takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.world import World


@dataclass(frozen=True)
class Size:
    """`off`: by what part the real duration may differ; of a short one, the beginning and the end are a large part."""

    people: int
    rates: tuple[float, ...]
    off: float
    patience: float


SMALL = Size(people=600, rates=(8, 16, 32, 64), off=0.2, patience=60)
FULL = Size(people=20_000, rates=(40, 80, 160, 320), off=0.05, patience=200)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])


def seconds(told: dict[str, Any], begins: str, ends: str) -> float:
    return (datetime.fromisoformat(told[ends]) - datetime.fromisoformat(told[begins])).total_seconds()


@SIZES
@pytest.mark.alone
def test_a_sending_takes_as_long_as_its_plan_says(world: World, size: Size) -> None:
    world.configure(size.rates)
    # Nobody hears of deliveries: the receiver would take the sender's processor, which elsewhere is another one.
    world.begin("instant", webhook_loss=1)
    campaign = world.compose("spring", world.invite(size.people), quality={"settle": "0s"})
    planned = world.campaign("plan", str(campaign), "--json")

    ended = world.launch(campaign).end(within=size.patience)

    report = ended.json
    assert ended.code == 0, ended.err
    estimated = seconds(planned.json, "starts_at", "ends_at")
    last = world.value("SELECT extract(epoch FROM last_departure_at - first_departure_at)::float8 FROM run")
    whole = seconds(report, "first_departure_at", "finished_at")
    tell(
        "estimated", people=size.people, shards=size.rates, estimated=round(estimated, 2), sending=round(last, 2),
        off=f"{last / estimated - 1:+.2%}", until_finished=round(whole, 2), off_then=f"{whole / estimated - 1:+.2%}",
    )  # fmt: skip
    assert report["send"]["accepted"] == size.people
    assert abs(last / estimated - 1) <= size.off
    assert abs(whole / estimated - 1) <= size.off
