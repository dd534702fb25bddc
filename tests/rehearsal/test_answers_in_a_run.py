"""Single answers in a run: each stops, delays or suppresses whom it is about, and nobody else."""

import math
import time
from typing import Any

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.world import FIRST_NUMBER, TEMPLATE, World, phone_number_id

DAY = 24 * 3600
AMERICAN = 12_125_550_123
RATE = 20
WRITTEN = 180

MESSAGE_OF = """
SELECT m.state::text AS state, m.code, m.attempt,
       extract(epoch FROM nullif(m.not_before, '-infinity') - now())::float8 AS due_in,
       extract(epoch FROM m.settled_at - r.first_departure_at)::float8 AS settled_after
  FROM message AS m JOIN run AS r ON r.id = m.run
 WHERE r.campaign = $1 AND m.number LIKE '%' || $2
"""
SETTLED = """
SELECT max(extract(epoch FROM m.settled_at - r.first_departure_at))::float8
  FROM message AS m JOIN run AS r ON r.id = m.run
 WHERE r.campaign = $1 AND m.number NOT LIKE '%' || $2
"""

WORST_SECONDS = "SELECT worst_second FROM shard_interval WHERE ceiling = $1 ORDER BY started_at"


@pytest.fixture(scope="module")
def shared(shared_world: World) -> World:
    shared_world.configure((80,))
    shared_world.begin("calm")
    return shared_world


@pytest.fixture
def world(shared: World) -> World:
    """Give the world of all tests here, with a platform that nobody has sent to yet."""
    shared.configure((80,))
    shared.platform.change(answers={}, templates=[TEMPLATE, {"name": "autumn", "language": "en", "body": "Hello."}])
    shared.platform.reset()
    return shared


def somebody(world: World) -> int:
    """Give the number of the one who is invited next."""
    return FIRST_NUMBER + world.people


def test_a_marketing_limit_rejects_an_american_at_once_and_puts_others_off_for_a_day(world: World) -> None:
    french = somebody(world)
    people = world.settings.with_name(world.invite(10))
    people.write_text(people.read_text() + f"+{AMERICAN},Grace\n")
    utility = {**TEMPLATE, "category": "UTILITY"}
    world.platform.change(answers={str(french): [131049], str(AMERICAN): [131049]}, templates=[utility])
    campaign = world.compose("limited", people.name, category="utility")

    ended = world.launch(campaign, "--wait", "3s").end(within=30)

    waits, rejected = message_of(world, "limited", french), message_of(world, "limited", AMERICAN)
    tell("131049", exit_code=ended.code, state=ended.json["state"], reason=ended.json["reason"], french=waits,
         american=rejected, seconds=round(ended.seconds, 1))  # fmt: skip
    assert (rejected["state"], rejected["code"]) == ("rejected", 131049)
    assert (waits["state"], waits["code"]) == ("pending", 131049)
    assert DAY - 60 < waits["due_in"] <= DAY
    assert (ended.code, ended.json["send"]["accepted"]) == (5, 9), ended.err
    assert str(AMERICAN) not in ended.out + ended.err
    cancelled = world.campaign("cancel", "limited", "--reason", "enough", "--yes")
    assert cancelled.code == 0, cancelled.err


def test_what_a_launch_waits_for_is_said_when_it_gives_up_waiting(world: World) -> None:
    world.platform.change(answers={str(somebody(world)): [131049]})
    campaign = world.compose("waiting", world.invite(5))

    ended = world.start("launch", str(campaign), "--yes", "--wait", "2s").end(within=30)

    shown = " ".join((ended.out + ended.err).split())
    assert ended.code == 5, shown
    assert "limits marketing to this person" in shown, shown
    assert world.campaign("cancel", "waiting", "--reason", "enough", "--yes").code == 0


def test_who_blocked_us_is_left_out_of_the_next_campaign(world: World) -> None:
    blocker = somebody(world)
    people = world.invite(10)
    world.platform.change(answers={str(blocker): [130403]})

    first = world.launch(world.compose("first", people)).end(within=30)
    other = world.launch(world.compose("second", people, message=greeting("autumn"))).end(within=30)

    tell("130403", first=first.json["rejected"], second=other.json["skipped"], exit_codes=[first.code, other.code])
    assert first.json["rejected"] == {"130403": 1}, first.err
    assert (other.code, other.json["skipped"]) == (0, {"suppressed": 1}), other.err
    assert other.json["send"]["accepted"] == 9
    assert world.platform.summary()["accepted"] == 18


def test_a_pair_limit_delays_one_person_longer_each_time_and_nobody_else(world: World) -> None:
    crowded = somebody(world)
    world.platform.change(answers={str(crowded): [131056, 131056]})

    ended = world.launch(world.compose("crowded", world.invite(40))).end(within=60)

    theirs = message_of(world, "crowded", crowded)
    others = world.value(SETTLED, "crowded", str(crowded))
    tell("131056 twice", others_after=round(others, 2), theirs_after=round(theirs["settled_after"], 2),
         attempts=theirs["attempt"], exit_code=ended.code)  # fmt: skip
    assert (ended.code, ended.json["send"]["accepted"]) == (0, 40), ended.err
    assert world.platform.summary()["duplicates"] == 0
    assert theirs["attempt"] == 3
    # 4^0 + 4^1 seconds of waiting; the others need half a second.
    assert theirs["settled_after"] >= 5 > others


def test_what_a_number_receives_in_mid_run_is_taken_off_its_ceiling(world: World) -> None:
    world.configure((RATE,), headroom="auto", interval="1s")
    # Ten seconds at its full rate, which is how often the number is looked at, and some more.
    sender = world.launch(world.compose("receiving", world.invite(13 * RATE)))
    world.sends(sender, more_than=RATE)
    minute = time.time() // 60 * 60
    for _ in range(WRITTEN):
        # All in one minute, so that the rate is known whatever the time.
        world.platform.write(33_698_000_000, text="hi", number=phone_number_id(0), age_s=time.time() - minute)
    left = RATE - WRITTEN / 60

    ended = sender.end(within=60)

    told = [line["ceiling"] for line in ended.events("shard.ceiling")]
    # The first of them is the second in which the ceiling changed.
    lowered = [row[0] for row in world.rows(WORST_SECONDS, left)][1:]
    measured = ended.json["throughput"]["s0"]
    tell("headroom: auto", written_per_s=WRITTEN / 60, ceiling=told, worst_seconds=lowered, run=measured)
    assert ended.code == 0, ended.err
    assert told == [left]
    assert lowered
    assert max(lowered) <= math.ceil(left)
    assert measured["worst_second"] <= RATE


def message_of(world: World, campaign: str, number: int) -> dict[str, Any]:
    """Ask the ledger for the one message of a person."""
    return dict(world.rows(MESSAGE_OF, campaign, str(number))[0])


def greeting(name: str) -> dict[str, Any]:
    """Write a template that nobody was sent yet."""
    return {"type": "template", "template": {"name": name, "language": {"code": "en"}}}
