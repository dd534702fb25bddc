"""kill -9 of the receiver while statuses pour in: whatever it answered 200 to is kept, and the rest is told again."""

import random
import time
from dataclasses import dataclass

import pytest

from tests.rehearsal.children import Child, tell, until
from tests.rehearsal.world import World

# Sent, delivered, read.
STATUSES = 3


@dataclass(frozen=True)
class Size:
    """So many kills among the statuses of so many people; `within` is how long all may take."""

    kills: int
    people: int
    within: float


SMALL, FULL = Size(kills=3, people=700, within=90), Size(kills=20, people=33_400, within=600)


@pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])
def test_no_status_is_missing_at_the_end(world: World, size: Size) -> None:
    dice = random.Random(size.kills)
    world.configure(("unlimited",))
    receiver = world.serve()
    world.simulate("instant")
    world.platform.change(read=1, webhook_delay_ms=[0, 1000], webhook_batch=20, webhook_repeat=0.05)
    sender = world.launch(world.compose("spring", world.invite(size.people)))

    told = []
    for kill in range(size.kills):
        told.append(_killed(world, receiver, size, dice, kill))
        receiver = world.serve()
    ended = sender.end(within=size.within)
    world.hear_everything(within=size.within)

    facts, delivery = world.value("SELECT count(*) FROM fact"), world.report("spring")["delivery"]
    tell("receiver killed", kills=size.kills, statuses_told_before=told, facts=facts, delivery=delivery)
    assert ended.code == 0, ended.err
    assert facts == STATUSES * size.people
    assert delivery["read"] == size.people
    assert world.platform.summary()["webhooks_given_up"] == 0


def _killed(world: World, receiver: Child, size: Size, dice: random.Random, kill: int) -> int:
    """Kill it once its share of the statuses has been told, and a moment later; returns how many had been."""
    due = STATUSES * size.people * (kill + 0.5) / (size.kills + 1)
    until(lambda: world.platform.summary()["statuses_posted"] >= due, within=size.within, what="its share is told")
    time.sleep(dice.uniform(0, 0.2))
    receiver.kill9()
    told: int = world.platform.summary()["statuses_posted"]
    return told
