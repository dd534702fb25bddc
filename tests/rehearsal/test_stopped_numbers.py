"""WhatsApp refuses one of two numbers for good: the other finishes its part, and people learn what stands still."""

import json
import math

from tests.rehearsal.children import tell
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World, phone_number_id

RATE = 40
PEOPLE = 160
MAX_IN_FLIGHT = math.ceil(1.2 * RATE)
NOT_REGISTERED = 133010
DELETED = 33

PARTS = "SELECT shard, state::text, count(*)::int FROM message GROUP BY shard, state"


def test_the_other_number_goes_on_and_resume_sends_the_rest(world: World) -> None:
    world.configure((RATE, RATE))
    world.begin("calm")
    campaign = world.compose("spring", world.invite(PEOPLE))
    sender = world.launch(campaign)
    world.sends(sender, more_than=RATE)

    world.platform.change(errors_of={phone_number_id(0): {str(NOT_REGISTERED): 1.0}})
    ended = sender.end(within=60)
    there = world.platform.summary()
    refused = there["errors"][str(NOT_REGISTERED)]
    stopped, other = parts(world, "s0"), parts(world, "s1")
    tell("number stopped", exit_code=ended.code, reason=ended.json["reason"], stopped=stopped, other=other,
         refused=refused, bound=MAX_IN_FLIGHT)  # fmt: skip
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "account"), ended.err
    assert 0 < refused <= MAX_IN_FLIGHT
    assert set(stopped) == {"accepted", "pending"}
    assert set(other) == {"accepted"}
    [line] = ended.events("shard.stopped")
    assert (line["shard"], line["code"]) == ("s0", NOT_REGISTERED)

    shown = " ".join(world.campaign("report", "spring").out.split())
    for words in ("code 133010", "shard s0", "register the number again", "`campaign resume spring@once`"):
        assert words in shown, shown
    again = world.launch(campaign).end(within=30)
    assert (again.code, again.json["reason"]) == (5, "account")
    assert world.platform.summary()["requests"] == there["requests"]

    in_vain = world.campaign("resume", "spring", "--json")
    assert (in_vain.code, in_vain.json["reason"]) == (5, "account"), in_vain.err
    assert 0 < world.platform.summary()["requests"] - there["requests"] <= MAX_IN_FLIGHT

    world.platform.change(errors_of={})
    resumed = world.campaign("resume", "spring", "--json")
    there = world.platform.summary()
    tell("number registered again", exit_code=resumed.code, send=resumed.json["send"], duplicates=there["duplicates"])
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, PEOPLE), resumed.err
    assert (there["accepted"], there["duplicates"]) == (PEOPLE, 0)
    world.hear_everything()
    assert reckon(world).wrong == []


def test_a_deleted_number_taken_out_of_the_settings_leaves_nobody_waiting_for_it_unsaid(world: World) -> None:
    """The table of answers says so of code 33: take its shard out of the settings."""
    world.configure((RATE, RATE))
    world.begin(errors_of={phone_number_id(0): {str(DELETED): 1.0}})
    ended = world.launch(world.compose("spring", world.invite(20))).end(within=60)
    assert (ended.code, ended.json["reason"]) == (5, "account"), ended.err

    settings = json.loads(world.settings.read_text())
    world.settings.write_text(json.dumps({**settings, "shards": settings["shards"][1:]}))
    resumed = world.start("resume", "spring", "--wait", "2s").end(within=30)

    assert resumed.code in {2, 5}
    assert "s0" in resumed.out + resumed.err, resumed.out


def parts(world: World, shard: str) -> dict[str, int]:
    """Count the messages of one shard by send state."""
    return {state: count for its, state, count in world.rows(PARTS) if its == shard}
