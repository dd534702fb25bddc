"""Answers that mean "not now" are waited out: no restart, no command, nobody left behind."""

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World


@pytest.mark.parametrize("people", [300, pytest.param(5_000, marks=pytest.mark.chaos)], ids=["small", "full"])
def test_throttled_and_paired_messages_all_arrive_in_the_end(world: World, people: int) -> None:
    world.configure((1000,))
    world.begin("calm", errors={"130429": 0.2, "131056": 0.1})

    ended = world.launch(world.compose("spring", world.invite(people))).end(within=900)

    summary = world.platform.summary()
    report = ended.json
    tell("20 % 130429, 10 % 131056", people=people, exit_code=ended.code, seconds=round(ended.seconds, 1),
         send=report["send"], errors=summary["errors"], throughput=report["throughput"])  # fmt: skip
    assert (ended.code, report["state"]) == (0, "finished"), ended.err
    assert report["send"] == {**dict.fromkeys(report["send"], 0), "accepted": people}
    assert (summary["accepted"], summary["duplicates"]) == (people, 0)
    assert len(ended.events("shard.taken")) == 1
    world.hear_everything()
    assert reckon(world).wrong == []
