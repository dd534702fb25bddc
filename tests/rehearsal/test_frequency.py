"""A cap holds over campaigns and processes: nobody gets more than the file allows, and who is left out is told."""

from typing import Any

from tests.rehearsal.children import tell
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import MESSAGE, World

PEOPLE = 80
CAP = {"at_most": 2, "per": "7d"}


def worded(words: str) -> dict[str, Any]:
    """Say something else in the same template: other words are other content."""
    template: dict[str, Any] = MESSAGE["template"]  # type: ignore[assignment]
    parameters = [{"type": "text", "text": f"{words}, {{{{ first_name }}}}"}]
    return {**MESSAGE, "template": {**template, "components": [{"type": "body", "parameters": parameters}]}}


def test_three_capped_campaigns_at_once_write_to_nobody_more_than_twice(world: World) -> None:
    world.configure((60, 60, 60))
    world.begin("instant")
    people, shards = world.invite(PEOPLE), ("s0", "s1", "s2")
    launched = [
        world.launch(world.compose(name, people, message=worded(name), frequency=CAP, shards=[shard]))
        for name, shard in zip(("spring", "summer", "autumn"), shards, strict=True)
    ]
    ended = [each.end() for each in launched]

    reports = [world.report(name) for name in ("spring", "summer", "autumn")]
    got = [len(world.platform.ledger())]
    skipped = [report["skipped"].get("frequency_cap", 0) for report in reports]
    tell("three campaigns, two each", accepted=got, skipped=skipped)
    assert [each.code for each in ended] == [0, 0, 0], [each.out + each.err[-3000:] for each in ended if each.code]
    assert sum(report["send"]["accepted"] for report in reports) == got[0] == 2 * PEOPLE
    assert sum(skipped) == PEOPLE
    most = "SELECT max(n) FROM (SELECT count(*) AS n FROM message WHERE state = 'accepted' GROUP BY person) AS each"
    assert world.value(most) == 2
    assert reckon(world).wrong == []

    # The next one is told so before anything is launched.
    plan = world.campaign(
        "plan", str(world.compose("winter", people, message=worded("winter"), frequency=CAP)), "--json"
    )
    assert plan.json["skipped"] == {"frequency_cap": PEOPLE}
