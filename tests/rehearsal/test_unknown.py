"""Accepted, and nobody told us properly: webhooks settle it, and without them nothing is guessed or sent again."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsal.children import Ended, tell
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World


@dataclass(frozen=True)
class Size:
    """So many people, and how long an answer that never comes is held open."""

    people: int
    rate: float
    hang_s: float
    patience: float


SMALL, FULL = (
    Size(people=400, rate=200, hang_s=1, patience=120),
    Size(people=10_000, rate=200, hang_s=120, patience=400),
)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])

# One in twenty is accepted and not answered as it should be.
FAULTS = {"accept_then_reset": 0.02, "accept_then_hang": 0.01, "accept_then_502": 0.02}


def launched(world: World, size: Size, **faults: object) -> Ended:
    """Send to everybody under a platform that accepts more than it says."""
    world.configure((size.rate,))
    world.begin("instant", hang_s=size.hang_s, **FAULTS, **faults)
    return world.launch(world.compose("spring", world.invite(size.people))).end(within=size.patience)


def in_doubt_at_first(world: World) -> int:
    return int(world.value("SELECT count(*) FROM message WHERE was_unknown"))


@SIZES
def test_webhooks_settle_what_the_answers_did_not_say(world: World, size: Size) -> None:
    ended = launched(world, size, webhook_delay_ms=[200, 2000])
    world.hear_everything()

    report, doubted = world.report("spring"), in_doubt_at_first(world)
    left: int = report["send"]["unknown"]
    tell("unknown, with webhooks", people=size.people, in_doubt_at_first=doubted, left=left, exit_code=ended.code,
         settled=f"{1 - left / doubted:.2%}")  # fmt: skip
    assert doubted > 0.03 * size.people
    assert left <= 0.01 * doubted
    assert report["send"]["accepted"] == size.people - left
    assert world.platform.summary()["duplicates"] == 0
    assert reckon(world).wrong == []


@SIZES
def test_without_webhooks_all_stay_unknown_and_launch_says_what_to_do(world: World, size: Size) -> None:
    ended = launched(world, size, webhook_loss=1)

    summary, send = world.platform.summary(), ended.json["send"]
    tell("unknown, without webhooks", people=size.people, send=send, accepted_there=summary["accepted"],
         exit_code=ended.code)  # fmt: skip
    assert (ended.code, ended.json["state"]) == (4, "finished"), ended.err
    assert send["unknown"] == in_doubt_at_first(world) > 0.03 * size.people
    # The simulator knows better: every one of them was accepted, once.
    assert summary["accepted"] == send["accepted"] + send["unknown"] == size.people
    assert summary["duplicates"] == 0
    _says_what_to_do(world, ended, send["unknown"])


def _says_what_to_do(world: World, ended: Ended, unknown: int) -> None:
    """Ask again, list, and try to send them again too early."""
    again = world.campaign("launch", str(world.settings.with_name("spring.yaml")), "--yes")
    assert again.code == 4, again.err
    assert f"{unknown:,} unknown" in again.out
    assert "campaign unknown list spring" in again.out
    listed: dict[str, Any] = world.campaign("unknown", "list", "spring", "--json").json
    assert len(listed["unknown"]) == unknown
    # Nothing of it is old enough to be sent again, whoever asks.
    refused = world.campaign("unknown", "resend", "spring", "--reason", "impatience", "--count", str(unknown))
    assert refused.code == 3, refused.err
    assert world.platform.summary()["requests"] == world.platform.summary()["accepted"]
