"""The ledger's server, and the sender itself, interrupted in every way short of an end to the campaign."""

import signal
import time

from tests.rehearsal.children import Child, Ended, tell, until
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World

RATE = 80
PEOPLE = 240
MAX_IN_FLIGHT = 96


def under_way(world: World, *, people: int = PEOPLE) -> Child:
    """Launch, and wait until it sends."""
    world.configure((RATE,))
    world.begin("calm")
    sender = launch(world, people)
    world.sends(sender, more_than=RATE)
    return sender


def launch(world: World, people: int = 0) -> Child:
    """Give the command of the first launch, again if nobody new is invited."""
    if people:
        world.compose("spring", world.invite(people))
    return world.launch(world.settings.with_name("spring.yaml"))


def assert_everyone_got_one(world: World, ended: Ended, people: int = PEOPLE) -> None:
    world.hear_everything()
    found, summary = reckon(world), world.platform.summary()
    assert ended.json["state"] == "finished", ended.err
    assert found.wrong == []
    assert sum(found.states.values()) == people
    assert summary["duplicates"] == 0


def test_a_server_that_dies_is_started_again_and_the_run_goes_on(world: World) -> None:
    sender = under_way(world)

    world.unplug()
    world.sends(sender, more_than=world.platform.accepted + RATE)
    ended = sender.end()

    assert_everyone_got_one(world, ended)
    tell("server killed", exit_code=ended.code, seconds=round(ended.seconds, 1), send=ended.json["send"])
    assert ended.code in {0, 4}
    assert ended.json["send"]["unknown"] <= MAX_IN_FLIGHT


def test_the_first_signal_drains_without_a_doubt(world: World) -> None:
    sender = under_way(world)

    sender.signal(signal.SIGTERM)
    began = time.monotonic()
    drained = sender.end(within=60)
    took = round(time.monotonic() - began, 2)

    states = world.states()
    tell("SIGTERM", exit_code=drained.code, drained_in_s=took, states=states)
    assert (drained.code, drained.json["state"]) == (143, "running"), drained.err
    assert set(states) == {"accepted", "pending"}
    assert states["accepted"] == world.platform.summary()["accepted"]
    ended = launch(world).end()
    assert ended.code == 0
    assert_everyone_got_one(world, ended)


def test_the_second_signal_stops_at_once(world: World) -> None:
    """Answers that hang keep the drain waiting; the second signal does not wait, and leaves doubt within its bound."""
    sender = under_way(world)
    world.platform.change(accept_then_hang=1, hang_s=100, webhook_loss=1)
    time.sleep(0.5)

    sender.signal(signal.SIGTERM)
    time.sleep(1)
    assert sender.running
    sender.signal(signal.SIGTERM)
    began = time.monotonic()
    stopped = sender.end(within=20)
    took = round(time.monotonic() - began, 2)

    assert stopped.code == 143, stopped.err
    assert stopped.json["campaign"] == "spring"
    left = world.states().get("in_flight", 0)
    world.platform.change(accept_then_hang=0, webhook_loss=0)
    ended = launch(world).end()
    tell("second SIGTERM", exit_code=stopped.code, stopped_in_s=took, in_flight_left=left, send=ended.json["send"])
    assert 0 < left == ended.json["send"]["unknown"] <= MAX_IN_FLIGHT
    assert took < 10
    assert_everyone_got_one(world, ended)


def test_a_sender_that_slept_does_not_send_what_another_took_over(world: World) -> None:
    sleeper = under_way(world, people=500)

    sleeper.signal(signal.SIGSTOP)
    asleep = time.monotonic()
    early = launch(world).end()
    # Silent for ten seconds is dead.
    time.sleep(max(0.0, 11 - (time.monotonic() - asleep)))
    heir = launch(world)
    world.sends(heir, more_than=world.platform.accepted)
    time.sleep(max(0.0, 15 - (time.monotonic() - asleep)))
    sleeper.signal(signal.SIGCONT)
    woken = sleeper.end()
    ended = heir.end()

    tell("SIGSTOP for 15 s", launched_early=early.code, sleeper=woken.code, heir=ended.code, send=ended.json["send"],
         duplicates=world.platform.summary()["duplicates"])  # fmt: skip
    assert early.code == 75, early.err
    assert woken.code in {0, 4, 75}, woken.err
    assert ended.code in {0, 4}, ended.err
    assert_everyone_got_one(world, ended, people=500)


def test_a_receiver_that_was_killed_hears_the_rest_when_it_is_back(world: World) -> None:
    world.configure((RATE,))
    receiver = world.serve()
    world.simulate("rough")
    world.platform.change(hang_s=1, errors={})
    sender = launch(world, PEOPLE)
    world.sends(sender, more_than=RATE)

    receiver.kill9()
    world.sends(sender, more_than=world.platform.accepted + RATE)
    world.serve()
    ended = sender.end()

    until(lambda: not world.platform.summary()["webhooks_pending"], within=60, every=0.2, what="all is told")
    assert_everyone_got_one(world, ended)
    tell("receiver killed", exit_code=ended.code, send=ended.json["send"], **reckon(world).figures)
