"""Held for quality assessment: never counted as sent, never sent again; wait, pause and continue do what they say."""

import time
from typing import Any

from tests.rehearsal.children import Child, Ended, tell, until
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World

RATE = 80
MAX_IN_FLIGHT = 96
PEOPLE = 200


def launched(world: World, when_held: str) -> Child:
    """Launch under a platform that holds 30 % until somebody decides."""
    world.configure((RATE,))
    world.begin("calm", held=0.3, held_release="manual")
    return world.launch(world.compose("spring", world.invite(PEOPLE), quality={"when_held": when_held, "settle": "2s"}))


def stopped(world: World, sender: Child) -> dict[str, Any]:
    """Wait until nothing more is posted; returns the simulator's summary."""
    world.sends(sender, more_than=0)
    seen = [-1]

    def silent() -> bool:
        seen.append(world.platform.summary()["requests"])
        return seen[-1] == seen[-2]

    until(silent, every=0.8)
    return world.platform.summary()


def after_the_first_held(world: World) -> int:
    """Count what was accepted after the first message was held."""
    ledger = world.platform.ledger()
    return len(ledger) - next(place for place, entry in enumerate(ledger, start=1) if entry["held"])


def assert_held_is_not_sent(report: dict[str, Any], held: int) -> None:
    delivery = report["delivery"]
    assert delivery["held"] == held > 0
    assert sum(delivery.values()) == report["send"]["accepted"]


def test_wait_stays_running_and_goes_on_when_the_held_are_released(world: World) -> None:
    sender = launched(world, "wait")
    waiting = stopped(world, sender)
    world.hear_everything()

    report = world.report("spring")

    assert (report["state"], sender.running) == ("running", True)
    assert_held_is_not_sent(report, waiting["held_open"])
    more, accepted = after_the_first_held(world), waiting["accepted"]
    assert more <= MAX_IN_FLIGHT
    world.platform.change(held=0)
    released = world.platform.settle_held("release")
    began = time.monotonic()
    world.sends(sender, more_than=accepted)
    went_on = round(time.monotonic() - began, 2)
    ended = sender.end()
    world.hear_everything()
    tell("held, wait", accepted_while_waiting=accepted, after_first_held=more, delivery=report["delivery"],
         released=released, went_on_after_s=went_on, exit_code=ended.code)  # fmt: skip
    assert (ended.code, ended.json["send"]["accepted"]) == (0, PEOPLE), ended.err
    assert world.report("spring")["delivery"]["held"] == 0
    assert world.platform.summary()["duplicates"] == 0


def test_pause_stops_at_the_first_held_and_resume_finishes(world: World) -> None:
    sender = launched(world, "pause")
    ended = sender.end()
    summary = stopped(world, sender)
    world.hear_everything()

    more = after_the_first_held(world)
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "held"), ended.err
    assert more <= MAX_IN_FLIGHT
    assert_held_is_not_sent(world.report("spring"), summary["held_open"])
    world.platform.change(held=0)
    world.platform.settle_held("release")
    resumed = world.campaign("resume", "spring", "--json")
    tell("held, pause", after_first_held=more, bound=MAX_IN_FLIGHT, exit_code=ended.code, resumed=resumed.code)
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, PEOPLE), resumed.err
    assert world.platform.summary()["duplicates"] == 0


def test_continue_never_stops(world: World) -> None:
    ended = launched(world, "continue").end()

    world.hear_everything()
    summary, report = world.platform.summary(), world.report("spring")
    tell("held, continue", exit_code=ended.code, delivery=report["delivery"], throughput=report["throughput"])
    assert (ended.code, summary["accepted"]) == (0, PEOPLE), ended.err
    assert_held_is_not_sent(report, summary["held_open"])
    assert ended.seconds < 10 * PEOPLE / RATE + 10


def test_dropped_pauses_the_run_and_is_not_sent_again(world: World) -> None:
    sender = launched(world, "wait")
    stopped(world, sender)

    dropped = world.platform.settle_held("drop")
    ended: Ended = sender.end()

    world.hear_everything()
    report, requests = world.report("spring"), world.platform.summary()["requests"]
    tell("held, dropped", dropped=dropped, exit_code=ended.code, state=report["state"], reason=report["reason"],
         delivery=report["delivery"])  # fmt: skip
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "dropped"), ended.err
    assert report["delivery"]["dropped"] == dropped > 0
    assert report["delivery"]["held"] == 0
    assert world.platform.summary()["requests"] == requests
    assert world.platform.summary()["duplicates"] == 0


def test_green_opens_the_gate_by_itself(world: World) -> None:
    world.configure((RATE,))
    world.begin("calm", held=1, held_at_most=5, held_release_after_s=2, held_green=True)

    ended = world.launch(world.compose("spring", world.invite(PEOPLE // 2))).end()

    assert (ended.code, ended.json["send"]["accepted"]) == (0, PEOPLE // 2), ended.err
    world.hear_everything()
    assert reckon(world).wrong == []
