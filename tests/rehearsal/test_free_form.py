"""Messages without a template: only to those who wrote, from the number they wrote to, with a file uploaded once."""

from pathlib import Path
from typing import Any

from tests.media_fakes import png
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import FIRST_NUMBER, World, phone_number_id

PICTURE = {"type": "image", "image": {"file": "logo.png", "caption": "Thank you, {{ first_name }}"}}


def thanks(world: World, people: int) -> Path:
    world.settings.with_name("logo.png").write_bytes(png())
    return world.compose("thanks", world.invite(people), message=PICTURE, category="service")


def write(world: World, person: int, shard: int | None = None, **more: Any) -> None:
    """Let one of the invited write to a number, or to the one of an On-Premises client."""
    to = {} if shard is None else {"number": phone_number_id(shard)}
    world.platform._ask("inbound", {"from": str(FIRST_NUMBER + person), "text": "hi", **to, **more})


def test_those_who_wrote_get_a_picture_from_the_number_they_wrote_to(world: World) -> None:
    world.configure((80, 80))
    world.begin()
    campaign = thanks(world, 6)
    for person in range(3):
        write(world, person, 0)
    write(world, 3, 1)
    write(world, 4, 1, age_s=25 * 3600)
    world.hear_everything()

    planned = world.campaign("plan", str(campaign), "--json").json
    ended = world.launch(campaign).end(within=60)

    assert (planned["go"], planned["skipped"]) == (True, {"window_closed": 2})
    assert (ended.code, ended.json["skipped"]) == (0, {"window_closed": 2}), ended.err
    assert ended.json["send"]["accepted"] == 4
    numbers = [entry["phone_number_id"] for entry in world.platform.ledger()]
    assert sorted(numbers) == [*[phone_number_id(0)] * 3, phone_number_id(1)]
    assert world.platform.summary()["media_uploads"] == 2
    world.hear_everything()
    assert reckon(world).wrong == []


def test_where_nobody_wrote_the_run_is_over_at_once_and_says_why(world: World) -> None:
    world.begin()
    campaign = thanks(world, 5)

    planned = world.campaign("plan", str(campaign), "--json").json
    ended = world.launch(campaign).end(within=60)
    again = world.launch(campaign).end(within=60)

    assert (planned["go"], planned["skipped"]) == (True, {"window_closed": 5})
    assert (ended.code, ended.json["state"], ended.json["skipped"]) == (0, "finished", {"window_closed": 5}), ended.err
    assert (again.code, again.json["state"]) == (0, "finished")
    assert world.platform.summary()["accepted"] == 0
    assert "24 hours" in world.campaign("report", "thanks").out


def test_on_premises_all_shards_answer_for_the_one_number_and_share_the_file(world: World) -> None:
    world.configure(dialect="on_premises", shards={"count": 8})
    world.begin()
    campaign = thanks(world, 30)
    for person in range(25):
        write(world, person)
    world.hear_everything()

    ended = world.launch(campaign).end(within=60)

    assert (ended.code, ended.json["skipped"], ended.json["send"]["accepted"]) == (0, {"window_closed": 5}, 25), (
        ended.err
    )
    assert world.platform.summary()["media_uploads"] == 1
    assert world.value("SELECT count(DISTINCT shard) FROM message WHERE state = 'accepted'") > 1
    assert world.platform.summary()["duplicates"] == 0
