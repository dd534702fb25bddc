"""WhatsApp says something of a template or a number: what it touches stops, says why, and a command sets it going."""

import json
from typing import Any

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import World, phone_number_id

RATE = 40
PEOPLE = 240
STATUS = "message_template_status_update"
NUMBER = "phone_number_quality_update"
AT = 1_790_000_000

HEARD = "SELECT count(*)::int FROM account_event"
LEARNT = "SELECT count(*)::int FROM shard WHERE display IS NOT NULL"


def template(event: str, language: str, title: str) -> dict[str, Any]:
    return {
        "event": event,
        "message_template_name": "launch_demo",
        "message_template_language": language,
        "reason": "NONE",
        "other_info": {"title": title},
    }


def heard(world: World, count: int) -> None:
    until(lambda: world.value(HEARD) >= count, what="the news is heard")


def test_a_paused_template_stops_its_run_once_and_says_why(world: World) -> None:
    world.configure((RATE,))
    world.begin("calm")
    sender = world.launch(world.compose("spring", world.invite(PEOPLE)))
    world.sends(sender, more_than=RATE)
    world.platform.tell(field=STATUS, value=template("PAUSED", "fr", "FIRST_PAUSE"), time=AT)
    world.platform.tell(field=STATUS, value=template("PAUSED", "en", "FIRST_PAUSE"), time=AT, account="999")
    heard(world, 2)
    before = world.platform.accepted
    world.sends(sender, more_than=before + RATE // 2)

    news = {"field": STATUS, "value": template("PAUSED", "en", "SECOND_PAUSE"), "time": AT}
    world.platform.tell(**news)
    ended = sender.end(within=60)

    words = "WhatsApp paused the template launch_demo (en): SECOND_PAUSE"
    assert (ended.code, ended.json["reason"], ended.json["because"]) == (5, "template", words), ended.err
    left = ended.json["send"]["pending"]
    assert left > 0
    for shown in (("status",), ("status", "spring"), ("report", "spring")):
        assert words in " ".join(world.campaign(*shown).out.split())
    doctor = world.campaign("doctor", "--json").json
    found = [each for each in doctor["findings"] if words in each["what"]]
    assert [(each["ok"], "campaign resume" in each["remedy"]) for each in found] == [(False, True)]

    resumed = world.start("resume", "spring", "--json")
    world.sends(resumed, more_than=ended.json["send"]["accepted"])
    world.platform.tell(**news)
    again = resumed.end(within=60)
    tell("template paused", left=left, resumed=again.code, because=words)
    assert (again.code, again.json["because"]) == (0, None), again.err
    assert again.json["send"]["accepted"] == PEOPLE
    assert world.platform.summary()["duplicates"] == 0


def test_a_flagged_number_stops_what_is_sent_over_it_and_nothing_else(world: World) -> None:
    world.configure((RATE, RATE))
    receiver = world.serve()
    world.simulate("calm")
    sender = world.launch(world.compose("spring", world.invite(PEOPLE), shards=["s0"]))
    until(lambda: world.value(LEARNT) == 1, what="the number is learnt")
    world.rows("UPDATE shard SET display = '15550999999' WHERE id = 's1'")

    world.platform.tell(field=NUMBER, value={"display_phone_number": "15550999999", "event": "FLAGGED"}, time=AT)
    heard(world, 1)
    world.sends(sender, more_than=world.platform.accepted + RATE // 2)
    world.platform.tell(number_event="FLAGGED", number=phone_number_id(0), time=AT)
    ended = sender.end(within=60)

    words = "WhatsApp flagged the number of shard s0: its quality is low"
    tell("number flagged", because=ended.json["because"], pending=ended.json["send"]["pending"])
    assert (ended.code, ended.json["reason"], ended.json["because"]) == (5, "quality", words), ended.err
    said = [json.loads(line) for line in receiver.err.read_text().splitlines() if line.startswith("{")]
    assert [each["why"] for each in said if each["event"] == "run.paused"] == [words]
