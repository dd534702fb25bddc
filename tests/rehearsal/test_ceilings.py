"""The ceiling: never above it in any second, at departure and at the platform, and nearly all of it used."""

import math
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.world import World, phone_number_id

pytestmark = pytest.mark.alone

# A stall of this machine bunches what had left in good order: then the platform is asked again, at most so often.
ATTEMPTS = 5


@dataclass(frozen=True)
class Lane:
    """One shard as both sides saw it, in messages per second."""

    ceiling: float
    mean: float
    worst_departed: int
    worst_arrived: int

    @property
    def used(self) -> float:
        return round(self.mean / self.ceiling, 4)

    @property
    def bunched(self) -> bool:
        return self.worst_arrived > self.ceiling * 1.03 + 1


def lanes(world: World, throughput: dict[str, dict[str, Any]]) -> list[Lane]:
    arrived = world.platform.summary()["worst_second_requests"]
    return [
        Lane(each["ceiling"], each["mean"], each["worst_second"], arrived[phone_number_id(int(shard[1:]))])
        for shard, each in throughput.items()
    ]


SMALL = [((80,), 4), ((1000,), 4), ((8, 8), 4)]
MINUTE = 60
FULL = [((8,), MINUTE), ((80,), MINUTE), ((1000,), MINUTE), ((8, 8), MINUTE)]


def _shown(value: object) -> str:
    return "+".join(map(str, value)) + "/s" if isinstance(value, tuple) else f"{value}s"


@pytest.mark.parametrize(
    ("rates", "seconds"), [*SMALL, *(pytest.param(*each, marks=pytest.mark.chaos) for each in FULL)], ids=_shown
)
def test_no_second_is_above_the_ceiling(world: World, rates: tuple[int, ...], seconds: int) -> None:
    world.configure(rates)
    # Nothing else is to keep this machine busy: webhooks have tests of their own.
    world.begin("calm", throughput=rates, webhook_loss=1)
    campaign = world.compose("spring", world.invite(sum(rates) * seconds))

    for attempt in range(ATTEMPTS):
        world.platform.reset()
        ended = world.launch(campaign, "--run", f"attempt-{attempt}").end(within=seconds + 120)
        assert ended.code == 0, ended.err
        found = lanes(world, ended.json["throughput"])
        tell("ceiling", seconds=seconds, lanes=[{**vars(lane), "used": lane.used} for lane in found],
             refused_there=world.platform.summary()["errors"])  # fmt: skip
        assert all(lane.worst_departed <= math.ceil(lane.ceiling) for lane in found)
        if seconds < MINUTE or not any(lane.bunched for lane in found):
            break

    # Arrivals and use say as much about the machine as about the sender: over a few seconds they are told, not judged.
    if seconds >= MINUTE:
        assert not any(lane.bunched for lane in found)
        assert world.platform.summary()["errors"] == {}
        assert all(lane.used >= 0.9 for lane in found)
