"""A file of a campaign meets trouble: a kill in the middle of its upload, and a platform that does not take it."""

import time
from pathlib import Path

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import TEMPLATE, World

PEOPLE = 60
# What a dead process claimed is free after ten seconds.
GOES_ON_WITHIN = 20.0
NOT_TAKEN = 131053

UNDER_WAY = "SELECT count(*) FROM media_upload WHERE claimed_until > now()"
DOCUMENT = {**TEMPLATE, "header": {"format": "DOCUMENT"}}
CATALOGUE = {
    "type": "template",
    "template": {
        "name": "launch_demo",
        "language": {"code": "en"},
        "components": [
            {"type": "header", "parameters": [{"type": "document", "document": {"file": "catalogue.pdf"}}]},
            {"type": "body", "parameters": [{"type": "text", "text": "{{ first_name }}"}]},
        ],
    },
}


def catalogue(world: World) -> Path:
    world.settings.with_name("catalogue.pdf").write_bytes(b"%PDF-1.7\n" + bytes(4_000_000))
    return world.compose("catalogue", world.invite(PEOPLE), message=CATALOGUE)


def test_a_kill_in_the_middle_of_an_upload_costs_one_more_upload(world: World) -> None:
    world.configure((80,))
    world.begin("calm", templates=[DOCUMENT], media_checks=True, upload_seconds=3)
    campaign = catalogue(world)

    sender = world.launch(campaign)
    until(lambda: world.value(UNDER_WAY) or not sender.running, what="it uploads")
    time.sleep(1)
    killed = sender.kill9()
    assert world.platform.summary()["requests"] == 0, killed.err
    sender, began = world.launch(campaign), time.monotonic()
    world.sends(sender, more_than=0)
    went_on_after = time.monotonic() - began

    ended, there = sender.end(within=60), world.platform.summary()
    tell("kill in an upload", went_on_after=round(went_on_after, 1), exit_code=ended.code,
         uploads=there["media_uploads"], errors=there["errors"], duplicates=there["duplicates"])  # fmt: skip
    assert (ended.code, ended.json["send"]["accepted"]) == (0, PEOPLE), ended.err
    assert went_on_after < GOES_ON_WITHIN
    assert there["media_uploads"] <= 2
    assert (there["accepted"], there["duplicates"], there["errors"]) == (PEOPLE, 0, {})


def test_a_file_that_is_not_taken_pauses_the_run_until_it_is(world: World) -> None:
    world.configure((80,))
    world.begin("calm", templates=[DOCUMENT], media_checks=True, upload_error=NOT_TAKEN)
    campaign = catalogue(world)

    ended = world.launch(campaign).end(within=30)
    shown = " ".join(world.campaign("report", "catalogue").out.split())
    tell("file refused", exit_code=ended.code, reason=ended.json["reason"], send=ended.json["send"])
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "template"), ended.err
    assert ended.json["send"]["pending"] == PEOPLE
    for words in (f"code {NOT_TAKEN}", "check the link or file", "`campaign resume catalogue@once`"):
        assert words in shown, shown

    world.platform.change(upload_error=None)
    resumed, there = world.campaign("resume", "catalogue", "--json"), world.platform.summary()
    tell("file taken", exit_code=resumed.code, uploads=there["media_uploads"], duplicates=there["duplicates"])
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, PEOPLE), resumed.err
    assert (there["media_uploads"], there["accepted"], there["duplicates"]) == (1, PEOPLE, 0)


def test_all_shards_of_a_client_begin_when_the_file_is_there(world: World) -> None:
    world.configure(dialect="on_premises", shards={"count": 8, "throughput": 80})
    world.begin("calm", media_checks=True, upload_seconds=1)

    ended, there = world.launch(catalogue(world)).end(within=60), world.platform.summary()
    spread = world.value("SELECT extract(epoch FROM max(marked_at) - min(marked_at))::float8 FROM message")
    tell("one file, eight shards", exit_code=ended.code, uploads=there["media_uploads"], seconds=round(spread, 2))
    assert (ended.code, ended.json["send"]["accepted"]) == (0, PEOPLE), ended.err
    assert (there["media_uploads"], there["duplicates"], there["errors"]) == (1, 0, {})
    # Less than a second of sending, and not the rest that a shard takes whose message cannot be made.
    assert spread < 4
