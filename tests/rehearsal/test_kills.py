"""kill -9 of the sender at random moments: nobody gets two, nobody is lost, and doubt stays within its bound."""

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.rehearsal.children import CAMPAIGN, PYTHON, Child, tell, until
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World

CARELESS = (*PYTHON, str(Path(__file__).with_name("careless_sender.py")))


@dataclass(frozen=True)
class Size:
    """How much of it; `hang_s` is how long an answer that never comes is held open."""

    kills: int
    people: int
    rate: float
    hang_s: float
    patience: float

    @property
    def max_in_flight(self) -> int:
        """Over both shards: 1.2 seconds' worth each."""
        return 2 * math.ceil(1.2 * self.rate)

    @property
    def longest_life(self) -> float:
        """So many seconds of sending between two kills leave work for the last of them."""
        return 1.4 * self.people / (2 * self.rate) / (self.kills + 1)


SMALL = Size(kills=3, people=2_000, rate=120, hang_s=2, patience=60)
SMALLER = Size(kills=3, people=1_200, rate=120, hang_s=1, patience=60)
FULL = Size(kills=20, people=20_000, rate=200, hang_s=120, patience=300)


# Codes 131056 and 131026 in place of 130429: that one slows a shard to a crawl, and a crawl leaves little to kill.
ERRORS = {"130429": 0.0005, "131056": 0.02, "131026": 0.01}


@dataclass
class Kills:
    """What each kill left: messages in flight in the ledger, and how many the next sender rescued of them."""

    moments: list[float] = field(default_factory=list)
    accepted: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    rescued: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)


def killed(world: World, size: Size, dice: random.Random, sender: Sequence[str] = CAMPAIGN) -> Kills:
    """Launch and kill, again and again, then let the last launch come to its end; stops if the run does."""
    campaign, kills = world.compose("spring", world.invite(size.people)), Kills()
    while len(kills.left) < size.kills:
        launched = world.launch(campaign, sender=sender)
        moment = _live(world, launched, size, dice)
        if not launched.running:
            break
        kills.moments.append(moment)
        _rescues(kills, launched.kill9().events("messages.rescued"))
        kills.left.append(_in_flight(world))
        kills.accepted.append(world.platform.accepted)
    ended = world.launch(campaign, sender=sender).end(within=size.patience)
    assert "Traceback" not in ended.err
    _rescues(kills, ended.events("messages.rescued"))
    kills.codes.append(ended.code)
    world.hear_everything()
    return kills


def _live(world: World, launched: Child, size: Size, dice: random.Random) -> float:
    """Let it live: one in five dies while it starts or plans, the others while they send."""
    if dice.random() < 0.2:
        time.sleep(moment := dice.uniform(0.2, 2.5))
        return round(moment, 3)
    before = world.platform.accepted
    until(lambda: world.platform.accepted > before or not launched.running, what="it sends")
    time.sleep(moment := dice.uniform(0, size.longest_life))
    return round(moment, 3)


def _in_flight(world: World) -> int:
    count: int = world.value("SELECT count(*)::int FROM message WHERE state = 'in_flight'")
    return count


def _rescues(kills: Kills, events: list[dict[str, int]]) -> None:
    kills.rescued.extend(event["messages"] for event in events)


@pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])
def test_no_kill_makes_two_of_one_or_loses_one(world: World, size: Size) -> None:
    seed = random.randrange(10**6)
    world.configure((size.rate, size.rate), interval="2s")
    world.begin("rough", hang_s=size.hang_s, errors=ERRORS)

    kills = killed(world, size, random.Random(seed))

    found, summary = reckon(world), world.platform.summary()
    tell("kills", seed=seed, **vars(kills), bound=size.max_in_flight, **found.figures, faults=summary["faults"])
    assert len(kills.left) == size.kills
    assert summary["duplicates"] == 0
    assert found.wrong == []
    assert sum(found.states.values()) == size.people
    assert max(kills.left) <= size.max_in_flight
    assert max(kills.rescued, default=0) <= size.max_in_flight
    report = world.report("spring")
    assert sum(report["send"].values()) == report["planned"] == report["audience"] == size.people
    assert report["send"] == {**dict.fromkeys(report["send"], 0), **found.states}


@pytest.mark.parametrize("size", [SMALLER, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])
def test_a_rescue_that_puts_back_in_line_would_be_noticed(world: World, size: Size) -> None:
    seed = random.randrange(10**6)
    world.configure((size.rate, size.rate), interval="2s")
    # Without webhooks: they would pause the run at the first message that another life seems to have sent.
    world.begin("rough", hang_s=size.hang_s, errors=ERRORS, webhook_loss=1)

    kills = killed(world, size, random.Random(seed), sender=CARELESS)

    duplicates = world.platform.summary()["duplicates"]
    tell("control: rescue puts back in line", seed=seed, duplicates=duplicates, **vars(kills))
    assert duplicates >= 1
