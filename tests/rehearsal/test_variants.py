"""Two messages in one campaign: the shares hold, a kill moves nobody to the other one, and both are compared."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tests.rehearsal.children import tell
from tests.rehearsal.world import MESSAGE, World

PEOPLE = 300
LONG = "dear Ada"


def saying(name: str) -> dict[str, Any]:
    parameters = [{"type": "text", "text": name}]
    return {**MESSAGE, "template": {**MESSAGE["template"], "components": [{"type": "body", "parameters": parameters}]}}


def compared(world: World, people: str, shares: tuple[str, str] = ("30%", "70%"), **sections: Any) -> Path:
    """Write a campaign with two variants."""
    path = world.compose("spring", people, **sections)
    campaign = json.loads(path.read_text())
    del campaign["message"]
    messages = (("short", saying("{{ first_name }}")), ("long", saying("dear {{ first_name }}")))
    campaign["variants"] = [
        {"name": name, "share": share, "message": message}
        for (name, message), share in zip(messages, shares, strict=True)
    ]
    path.write_text(json.dumps(campaign, indent=1))
    return path


def received(world: World) -> dict[str, str]:
    """Tell by the platform's own account who got which variant."""
    bodies = world.platform.last(world.platform.accepted)
    return {body["to"].lstrip("+"): "long" if LONG in json.dumps(body) else "short" for body in bodies}


def planned(world: World) -> dict[str, str]:
    """Tell by ours."""
    rows = world.rows("SELECT number, variant FROM message")
    return {number.lstrip("+"): ("short", "long")[variant] for number, variant in rows}


def test_everybody_keeps_their_variant_when_the_sender_is_killed_and_the_report_compares_them(world: World) -> None:
    world.configure((150,))
    world.begin("instant", read=0.5)
    people = world.invite(PEOPLE)
    campaign = compared(world, people)

    killed = world.launch(campaign)
    world.sends(killed, more_than=PEOPLE // 4)
    killed.kill9()
    first = planned(world)
    resumed = world.launch(campaign).end()
    answering = [person for person, variant in first.items() if variant == "short" and person in received(world)][:24]
    for person in answering:
        world.platform.write(person, text="Yes please")
    world.platform.write(answering[0], text="STOP")
    world.hear_everything()
    report = world.report("spring")

    got = received(world)
    by_name = report["variants"]["by_name"]
    tell("variants after a kill -9", got=dict(Counter(got.values())), send=report["send"], variants=by_name)
    assert resumed.code in {0, 4}, resumed.err
    assert world.platform.summary()["duplicates"] == 0
    assert planned(world) == first
    assert got == {person: first[person] for person in got}
    # Five standard deviations.
    assert abs(by_name["short"]["planned"] - 0.3 * PEOPLE) < 40
    assert {name: each["accepted"] for name, each in by_name.items()} == Counter(
        variant for person, variant in got.items() if person in settled(world)
    )
    assert sum(each["planned"] for each in by_name.values()) == PEOPLE
    assert sum(each["read"] for each in by_name.values()) == report["delivery"]["read"]
    assert (by_name["short"]["replied"], by_name["long"]["replied"]) == (len(answering), 0)
    assert (by_name["short"]["opted_out"], by_name["long"]["opted_out"]) == (1, 0)
    assert "'short' was answered more often than 'long'" in report["variants"]["verdict"]

    changed = world.launch(compared(world, people, ("40%", "60%"))).end()
    assert (changed.code, changed.json["error"]["message"]) == (
        3,
        "the variants section changed since spring@once was planned",
    )


def settled(world: World) -> set[str]:
    return {row[0].lstrip("+") for row in world.rows("SELECT number FROM message WHERE state = 'accepted'")}


def test_a_test_sends_the_variant_of_the_first_recipient_or_the_one_that_is_named(world: World) -> None:
    world.configure((80,))
    world.begin("instant")
    campaign = compared(world, world.invite(2))
    order = ("test", str(campaign), "--to", "+33612999001", "--yes", "--json")

    own = world.campaign(*order)
    other = "short" if own.json["variant"] == "long" else "long"
    named = world.campaign(*order, "--variant", other)
    unknown = world.campaign(*order, "--variant", "medium")

    said = [LONG in json.dumps(body) for body in world.platform.last(2)]
    assert (own.code, own.json["variant"]) == (0, "long" if said[0] else "short"), own.err
    assert (named.json["variant"], said[1]) == (other, other == "long")
    assert (unknown.code, unknown.json["error"]["remedy"]) == (2, "write one of short, long")
