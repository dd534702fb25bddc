"""The access token dies in mid-run: the run stops at once and says what to do, and goes on with a new one."""

import secrets

import pytest

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import World

RATE = 80
PEOPLE = 400
MAX_IN_FLIGHT = 96
DEAD_TOKEN = "190"


@pytest.fixture(autouse=True)
def sent_at_80(world: World) -> None:
    world.configure((RATE,))


def test_a_revoked_token_stops_the_run_until_there_is_a_new_one(world: World) -> None:
    world.begin("calm")
    campaign = world.compose("spring", world.invite(PEOPLE))
    sender = world.launch(campaign)
    world.sends(sender, more_than=RATE)

    world.platform.token(revoke=True)
    ended = sender.end(within=30)
    refused = world.platform.summary()["errors"][DEAD_TOKEN]
    tell("token revoked", exit_code=ended.code, reason=ended.json["reason"], posted_after=refused, bound=MAX_IN_FLIGHT)
    assert (ended.code, ended.json["state"], ended.json["reason"]) == (5, "paused", "token"), ended.err
    assert 0 < refused <= MAX_IN_FLIGHT
    send = ended.json["send"]
    assert send["accepted"] + send["pending"] == PEOPLE
    assert send["unknown"] == send["rejected"] == 0

    shown = " ".join(world.campaign("report", "spring").out.split())
    for words in ("code 190", "System users", "whatsapp_business_messaging", "`campaign resume spring@once`"):
        assert words in shown, shown

    still_dead = world.campaign("resume", "spring", "--json")
    assert still_dead.code == 2, still_dead.out
    assert "access token" in still_dead.err, still_dead.err
    assert str(world.settings.name) in still_dead.json["error"]["where"]
    assert world.platform.summary()["accepted"] == send["accepted"]

    world.platform.token(accept=new_token(world))
    resumed = world.campaign("resume", "spring", "--json")
    there = world.platform.summary()
    tell("token renewed", exit_code=resumed.code, accepted=there["accepted"], duplicates=there["duplicates"])
    assert (resumed.code, resumed.json["send"]["accepted"]) == (0, PEOPLE), resumed.err
    assert (there["accepted"], there["duplicates"]) == (PEOPLE, 0)


def test_a_token_replaced_in_its_file_is_taken_without_a_pause(world: World) -> None:
    file = world.settings.with_name("token")
    file.write_text(world.secrets["WHATSAPP_TOKEN"])
    file.chmod(0o600)
    world.configure((RATE,), account={"access_token": "file:token"})
    world.begin("calm")
    sender = world.launch(world.compose("spring", world.invite(PEOPLE)))
    world.sends(sender, more_than=RATE)

    # In the file first: whoever is refused reads it at once, and pauses if it says what it said before.
    file.write_text(token := new_token(world))
    world.platform.token(accept=token)
    until(lambda: not sender.running, within=60, what="the run is over")
    ended, there = sender.end(), world.platform.summary()
    tell("token file replaced", exit_code=ended.code, refused=there["errors"], duplicates=there["duplicates"])
    assert ended.code == 0, ended.err
    assert 0 < there["errors"].get(DEAD_TOKEN, 0) <= MAX_IN_FLIGHT
    assert (there["accepted"], there["duplicates"]) == (PEOPLE, 0)


def new_token(world: World) -> str:
    """Make another token, and hand it to commands that start from now on."""
    token = secrets.token_urlsafe(32)
    world.secrets["a newer token"] = world.environment["WHATSAPP_TOKEN"] = token
    return token
