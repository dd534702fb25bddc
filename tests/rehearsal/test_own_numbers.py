"""`campaign test`: the message reaches one's own phones, nobody else, and not twice, whatever is killed."""

from pathlib import Path

import pytest

from campaign.domain.numbers import person
from tests.rehearsal.world import FIRST_NUMBER, World

OWN = [str(33_699_000_000 + each) for each in range(40)]


@pytest.fixture(scope="module")
def world(shared_world: World) -> World:
    shared_world.configure((10,))
    shared_world.begin("calm")
    return shared_world


@pytest.fixture
def campaign(world: World, request: pytest.FixtureRequest) -> Path:
    world.platform.reset()
    return world.compose(str(request.node.name).replace("_", "-"), world.invite(3))


def _received(world: World) -> list[str]:
    return sorted(each["to"].lstrip("+") for each in world.platform.ledger())


def test_own_phones_get_it_and_the_campaign_still_goes_to_everybody(world: World, campaign: Path) -> None:
    own = str(FIRST_NUMBER + world.people - 1)

    tested = world.campaign("test", str(campaign), "--to", f"+{own}", "--count", "1", "--json")

    assert tested.code == 0
    assert [each["state"] for each in tested.json["numbers"]] == ["accepted"]
    assert _received(world) == [own]
    assert world.launch(campaign).end().code == 0
    assert _received(world).count(own) == 2
    assert len(_received(world)) == 4


def test_whoever_opted_out_gets_no_test_either(world: World, campaign: Path) -> None:
    key = bytes.fromhex((world.home / "person_key").read_text())
    opted_out = person(f"+{OWN[0]}", key)
    world.rows("INSERT INTO campaign.suppression (person, reason) VALUES ($1, 'stop') RETURNING person", opted_out)

    tested = world.campaign("test", str(campaign), "--to", f"+{OWN[0]}", f"+{OWN[1]}", "--yes", "--json")

    assert (tested.code, tested.json["error"]["where"]) == (3, "--to")
    assert "is suppressed" in tested.json["error"]["message"]
    assert OWN[0] not in tested.out + tested.err
    assert _received(world) == []
    world.rows("DELETE FROM campaign.suppression WHERE person = $1 RETURNING person", opted_out)


def test_a_kill_does_not_double_a_test(world: World, campaign: Path) -> None:
    sender = world.start("test", str(campaign), "--to", *(f"+{number}" for number in OWN), "--yes", "--json")
    world.sends(sender, more_than=8)
    sender.kill9()

    world.campaign("resume", f"test:{campaign.stem}", "--json")

    received = _received(world)
    assert len(set(received)) == len(received)
    assert set(received) <= set(OWN)
    counts = world.report(f"test:{campaign.stem}")["send"]
    assert counts["pending"] == counts["in_flight"] == 0
    assert len(received) <= counts["accepted"] + counts["unknown"] == len(OWN)
