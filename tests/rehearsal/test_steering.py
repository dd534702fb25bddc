"""`pause` and `cancel` while messages leave: when they return, no further intent of the run commits."""

import time
from datetime import datetime

import pytest

from tests.rehearsal.children import Child, tell
from tests.rehearsal.world import World

RATE = 80
PEOPLE = 600
MAX_IN_FLIGHT = 96


@pytest.fixture(scope="module")
def world(shared_world: World) -> World:
    shared_world.configure((RATE,))
    shared_world.begin("calm")
    return shared_world


@pytest.fixture
def campaign(world: World, request: pytest.FixtureRequest) -> str:
    """Write a campaign of this test's own; returns its name."""
    world.platform.reset()
    return world.compose(str(request.node.name).replace("_", "-"), world.invite(PEOPLE)).stem


@pytest.fixture
def sender(world: World, campaign: str) -> Child:
    """Launch, and wait until it sends."""
    launched = launch(world, campaign)
    world.sends(launched, more_than=RATE)
    return launched


def launch(world: World, campaign: str) -> Child:
    return world.launch(world.settings.with_name(f"{campaign}.yaml"))


def states(world: World, campaign: str) -> dict[str, int]:
    counted: dict[str, int] = world.report(campaign)["send"]
    return {state: count for state, count in counted.items() if count}


def quiet_since(world: World, returned_at: datetime, requests: int) -> int:
    """Count what was posted after a command returned; assert that no intent was committed after it."""
    time.sleep(1.5)
    assert world.value("SELECT count(*) FROM message WHERE marked_at > $1", returned_at) == 0
    posted: int = world.platform.summary()["requests"] - requests
    return posted


def test_after_pause_returns_no_intent_commits(world: World, campaign: str, sender: Child) -> None:
    paused = world.campaign("pause", campaign)
    returned_at, requests = world.value("SELECT clock_timestamp()"), world.platform.summary()["requests"]
    ended = sender.end(within=20)

    more = quiet_since(world, returned_at, requests)
    tell("pause", exit_code=paused.code, launcher=ended.code, posted_after=more, bound=MAX_IN_FLIGHT)
    assert paused.code == 0, paused.err
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "command"), ended.err
    assert more <= MAX_IN_FLIGHT
    assert set(states(world, campaign)) == {"accepted", "pending"}
    again = launch(world, campaign).end(within=20)
    assert (again.code, again.json["reason"]) == (5, "command"), again.err
    assert world.platform.summary()["requests"] == requests + more
    resumed = world.campaign("resume", campaign, "--json")
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, PEOPLE), resumed.err
    assert world.platform.summary()["duplicates"] == 0


def test_not_one_intent_commits_after_the_pause_has_taken_hold(world: World, campaign: str, sender: Child) -> None:
    """Sharper than a command can be: its own end takes longer than the launcher needs to notice a pause.

    The row lock tells before from after: whoever read the run as running has committed, the others will read it anew.
    """
    held_at = world.value(
        "UPDATE run SET state = 'paused', reason = 'command' WHERE state = 'running' RETURNING clock_timestamp()"
    )
    requests = world.platform.summary()["requests"]
    ended = sender.end(within=20)

    more = quiet_since(world, held_at, requests)
    tell("pause in the ledger", launcher=ended.code, posted_after=more, bound=MAX_IN_FLIGHT)
    assert (ended.code, ended.json["state"]) == (5, "paused"), ended.err
    assert more <= MAX_IN_FLIGHT


def test_after_cancel_returns_no_intent_commits(world: World, campaign: str, sender: Child) -> None:
    cancelled = world.campaign("cancel", campaign, "--reason", "wrong price", "--yes")
    returned_at, requests = world.value("SELECT clock_timestamp()"), world.platform.summary()["requests"]
    ended = sender.end(within=20)

    more = quiet_since(world, returned_at, requests)
    left = states(world, campaign)
    tell("cancel", exit_code=cancelled.code, launcher=ended.code, posted_after=more, states=left)
    assert cancelled.code == 0, cancelled.err
    assert (ended.code, ended.json["state"]) == (0, "cancelled"), ended.err
    assert more <= MAX_IN_FLIGHT
    assert set(left) == {"accepted", "cancelled"}
    assert left["accepted"] == world.platform.summary()["accepted"]
    assert sum(left.values()) == PEOPLE
    again = launch(world, campaign).end(within=20)
    assert (again.code, again.json["state"]) == (0, "cancelled"), again.err
    assert world.platform.summary()["requests"] == requests + more
