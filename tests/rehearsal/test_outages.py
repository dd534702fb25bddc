"""WhatsApp is away for a while: the sender stops, waits, and goes on without a command."""

import time
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.rehearsal.children import Child, tell
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World

RATE = 80
MAX_IN_FLIGHT = 96

# The breaker opens after 5 unanswered in a row, and lets one probe through after 1, 2, 4 ... seconds.
PROBES = 15


@dataclass(frozen=True)
class Size:
    seconds: float
    people: int


SMALL, FULL = Size(seconds=2.5, people=240), Size(seconds=60, people=3_000)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])


def under_way(world: World, size: Size) -> Child:
    """Launch, and wait until it sends."""
    launched = world.launch(world.compose("spring", world.invite(size.people)))
    world.sends(launched, more_than=2 * RATE)
    return launched


def longest_silence(world: World) -> float:
    """Measure the longest time in which nothing was accepted: the outage, if it was one."""
    times: list[float] = [entry["at"] for entry in world.platform.ledger()]
    return max(after - before for before, after in pairwise(times))


@SIZES
def test_what_502_swallows_is_unknown_and_the_rest_is_sent_afterwards(world: World, size: Size) -> None:
    world.configure((RATE,))
    world.begin("calm")
    launched = under_way(world, size)

    world.platform.change(respond_502=1)
    time.sleep(size.seconds)
    world.platform.change(respond_502=0)
    ended = launched.end(within=size.seconds + size.people / RATE + 90)

    send = ended.json["send"]
    tell("502", seconds=size.seconds, exit_code=ended.code, send=send, bound=MAX_IN_FLIGHT + PROBES,
         took=round(ended.seconds, 1))  # fmt: skip
    assert (ended.code, ended.json["state"]) == (4, "finished"), ended.err
    assert longest_silence(world) > size.seconds - 1
    assert 0 < send["unknown"] <= MAX_IN_FLIGHT + PROBES
    assert send["accepted"] == size.people - send["unknown"] == world.platform.summary()["accepted"]
    world.hear_everything()
    assert reckon(world).wrong == []


@SIZES
def test_a_refused_connection_leaves_nothing_in_doubt(world: World, size: Size) -> None:
    world.configure((RATE,))
    world.begin("instant")
    launched = under_way(world, size)

    world.platform.change(refuse=True, refuse_for_s=size.seconds)
    cut_at = world.value("SELECT clock_timestamp()")
    time.sleep(size.seconds)
    ended = launched.end(within=size.people / RATE + 120)

    doubtful = [row[0] for row in world.rows("SELECT marked_at FROM message WHERE state = 'unknown'")]
    tell("refused connections", seconds=size.seconds, exit_code=ended.code, send=ended.json["send"],
         cut_on_the_way=len(doubtful), took=round(ended.seconds, 1))  # fmt: skip
    assert ended.json["state"] == "finished", ended.err
    # What was on its way in the very moment of the cut was not refused but reset: that alone may be in doubt.
    assert all((marked_at - cut_at).total_seconds() < 2 for marked_at in doubtful)
    assert len(doubtful) <= RATE // 10
    assert longest_silence(world) > size.seconds - 1
    summary = world.platform.summary()
    assert summary["accepted"] >= size.people - len(doubtful)
    assert summary["duplicates"] == 0
    world.hear_everything()
    assert reckon(world).wrong == []
