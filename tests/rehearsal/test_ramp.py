"""A campaign in steps: it stops where too much goes wrong, waits where nothing is heard, and no crash moves it on."""

import re
import signal
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rehearsal.children import tell, until
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World

REFUSED = "131026"


@dataclass(frozen=True)
class Size:
    people: int
    rate: float
    after: int
    ramp: tuple[str, ...]
    patience: float


SMALL = Size(people=1_500, rate=60, after=100, ramp=("4%", "40%", "100%"), patience=60)
FULL = Size(people=20_000, rate=200, after=500, ramp=("1%", "10%", "100%"), patience=200)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])


def by_step(world: World) -> dict[int, dict[str, int]]:
    """Count messages by step and state."""
    found: dict[int, dict[str, int]] = {}
    for step, state, count in world.rows("SELECT step, state::text, count(*)::int FROM message GROUP BY 1, 2"):
        found.setdefault(step, {})[state] = count
    return found


def launched(world: World, size: Size, **quality: Any) -> Any:
    people = world.invite(size.people)
    return world.compose("spring", people, quality={"ramp": list(size.ramp), "settle": "1s", **quality})


@SIZES
def test_eight_percent_refused_in_the_second_step_stop_it_there(world: World, size: Size) -> None:
    world.configure((size.rate, size.rate))
    # WhatsApp tells of the first step a while after all of it is accepted.
    world.begin("instant", webhook_delay_ms=(1_500, 1_500))
    campaign = launched(world, size, stop_if={"rejected": "5%", "after": size.after})
    plan = world.campaign("plan", str(campaign), "--json").json
    assert plan["go"], plan["error"]
    launch = world.launch(campaign)
    until(lambda: first_step_is_sent(world), what="the first step is sent")
    world.platform.change(errors={REFUSED: 0.08}, webhook_delay_ms=(0, 0))

    ended = launch.end(within=size.patience)

    steps, report, summary = by_step(world), world.report("spring"), world.platform.summary()
    tell("8 % refused in the second step", steps=steps, exit_code=ended.code, because=report["because"])
    assert (ended.code, report["state"], report["reason"]) == (5, "paused", "stop_loss"), ended.err
    assert (report["ramp"]["step"], report["ramp"]["waits_for"]) == (2, None)
    # The run as a whole has its first `after` outcomes before the step has.
    evidence = re.fullmatch(
        r"(\d+) of (\d+) messages(?: in step 2)? \((\d+\.\d)%\) were refused by WhatsApp; `stop_if` allows 5%",
        report["because"],
    )
    assert evidence is not None, report["because"]
    refused, counted, share = (float(each) for each in evidence.groups())
    assert (round(100 * refused / counted, 1), share > 5, counted >= size.after) == (share, True, True)
    # The rest is untouched, and of the second step too.
    assert steps[1]["pending"] > 0
    assert set(steps[0]) == {"accepted"}
    assert set(steps[2]) == {"pending"}
    assert world.value("SELECT max(attempt) FROM message WHERE step = 2 OR state = 'pending'") == 0
    assert sum(count for step in steps.values() for count in step.values()) == size.people
    assert (summary["accepted"], summary["duplicates"]) == (steps[0]["accepted"] + steps[1]["accepted"], 0)
    told = " ".join(world.campaign("status", "spring").out.split())
    assert report["because"] in told
    assert "campaign resume spring@once" in told


def first_step_is_sent(world: World) -> bool:
    states = by_step(world).get(0, {})
    return set(states) == {"accepted"}


def test_kills_between_steps_and_in_them_lose_nobody_double_nobody_and_open_nothing(world: World) -> None:
    size = Size(people=300, rate=60, after=100, ramp=("20%", "50%", "100%"), patience=60)
    world.configure((size.rate, size.rate), interval="2s")
    world.begin("instant", webhook_delay_ms=(1_500, 1_500))
    campaign = launched(world, size)

    # While the first step waits for what WhatsApp tells of it.
    launch = world.launch(campaign)
    until(lambda: first_step_is_sent(world), what="the first step is sent")
    launch.kill9()
    waited = (world.value("SELECT step FROM run"), set(by_step(world)[1]))
    # In the middle of the second one.
    launch = world.launch(campaign)
    until(lambda: len(by_step(world)[1]) > 1 or not launch.running, what="the second step is under way")
    launch.kill9()
    second = (world.value("SELECT step FROM run"), set(by_step(world)[2]))
    # As the third one is opened, released or not.
    launch = world.launch(campaign)
    until(lambda: world.value("SELECT step FROM run") == 2 or not launch.running, what="the third step is opened")
    launch.kill9()
    ended = world.launch(campaign).end(within=size.patience)
    world.hear_everything()

    states, summary = world.states(), world.platform.summary()
    tell("kills of a ramp", states=states, duplicates=summary["duplicates"], exit_code=ended.code)
    assert waited == (0, {"pending"})
    assert second == (1, {"pending"})
    assert ended.code in (0, 4), ended.err
    assert (summary["duplicates"], reckon(world).wrong) == (0, [])
    assert set(states) <= {"accepted", "unknown"}
    assert sum(states.values()) == size.people
    opened = world.rows("SELECT detail ->> 'step' FROM event WHERE name = 'ramp.opened' ORDER BY id")
    assert [row[0] for row in opened] == ["2", "3"]


def test_without_a_receiver_a_ramp_is_refused_before_anything_is_sent(world: World) -> None:
    world.configure((80,))
    receiver = world.serve()
    world.simulate()
    receiver.signal(signal.SIGTERM)
    receiver.end()
    campaign = world.compose("spring", world.invite(60), quality={"ramp": ["10%", "100%"], "stop_if": {"failed": "5%"}})

    plan = world.campaign("plan", str(campaign), "--json")
    launch = world.launch(campaign).end()

    told = [(finding["blocks"], finding["what"]) for finding in plan.json["findings"]]
    assert (plan.code, launch.code) == (3, 3), told
    assert [what for blocks, what in told if blocks] == [
        "a ramp waits for what WhatsApp tells of each step, and no `campaign serve` runs to hear it"
    ]
    assert any("'failed' is told by webhooks alone" in what for blocks, what in told if not blocks)
    assert "campaign serve" in launch.json["error"]["remedy"]
    assert world.platform.summary()["requests"] == 0
