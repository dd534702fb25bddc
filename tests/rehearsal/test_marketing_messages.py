"""The Marketing Messages API: another endpoint, the same life."""

from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World


def test_a_campaign_goes_over_the_endpoint_its_file_names(world: World) -> None:
    world.begin()
    over = {"via": "marketing_messages", "marketing_messages": {"product_policy": "STRICT"}}
    people = world.invite(20)

    ended = world.launch(world.compose("spring", people, **over)).end(within=60)
    changed = world.launch(world.compose("spring", people)).end(within=60)

    assert (ended.code, ended.json["send"]["accepted"]) == (0, 20), ended.err
    assert world.platform.summary()["by_endpoint"].get("marketing_messages") == 20
    assert changed.code == 3
    assert "via" in changed.json["error"]["message"]
    world.hear_everything()
    assert reckon(world).wrong == []
