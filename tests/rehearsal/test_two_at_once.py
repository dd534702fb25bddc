"""Two of everything: campaigns with the same content, occurrences of one campaign, launches of one run."""

import json
import time
from dataclasses import dataclass

import pytest

from tests.rehearsal.children import Ended, tell
from tests.rehearsal.world import World


@dataclass(frozen=True)
class Size:
    """How often two campaigns meet, and over how many people."""

    times: int
    people: int


SMALL, FULL = Size(times=3, people=300), Size(times=50, people=2_000)


@pytest.fixture(scope="module")
def shared(shared_world: World) -> World:
    shared_world.begin("calm")
    return shared_world


@pytest.fixture
def world(shared: World) -> World:
    """Give the world of all tests here, with a platform that nobody has sent to yet."""
    shared.configure((1000, 1000))
    shared.platform.reset()
    return shared


def both(world: World, size: Size, place: int) -> tuple[Ended, Ended]:
    """Launch two campaigns with the same content to the same people at once, now and then over the same shards."""
    people = world.invite(size.people)
    apart = place % 3 != 2
    spring = world.compose(f"spring-{place}", people, **({"shards": ["s0"]} if apart else {}))
    april = world.compose(f"april-{place}", backwards(world, people), **({"shards": ["s1"]} if apart else {}))
    launched = [world.launch(campaign) for campaign in (spring, april)]
    first, second = (each.end() for each in launched)
    return first, second


def backwards(world: World, people: str) -> str:
    """Turn an audience round, so that two runs meet in the middle."""
    path = world.settings.with_name(people)
    head, *lines = path.read_text().splitlines(keepends=True)
    turned = path.with_stem(f"{path.stem}-backwards")
    turned.write_text("".join([head, *reversed(lines)]))
    return turned.name


@pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])
def test_two_campaigns_with_one_content_reach_each_person_once(world: World, size: Size) -> None:
    shares = []

    for place in range(size.times):
        spring, april = both(world, size, place)

        assert (spring.code, april.code) == (0, 0), spring.err + april.err
        assert "Traceback" not in spring.err + april.err
        sent = [each.json["send"]["accepted"] for each in (spring, april)]
        skipped = [each.json["skipped"].get("already_sent", 0) for each in (spring, april)]
        assert sum(sent) == size.people == sum(skipped)
        assert world.platform.summary()["duplicates"] == 0
        shares.append(sent[0])

    summary = world.platform.summary()
    deadlocks = sum("deadlock" in log.read_text() for log in world.home.glob("*.log*"))
    tell("two campaigns at once", times=size.times, people=size.people, sent_by_first=shares,
         duplicates_by_content=summary["duplicates_by_content"], deadlocks_logged=deadlocks)  # fmt: skip
    assert summary["duplicates_by_content"] == 0
    assert summary["recipients"] == size.times * size.people


def test_a_finished_run_launched_again_posts_nothing(world: World) -> None:
    campaign = world.compose("again", world.invite(300))
    first = world.launch(campaign).end()
    before = world.platform.summary()["requests"]

    again = world.launch(campaign).end()

    assert (first.code, again.code) == (0, 0), again.err
    assert world.platform.summary()["requests"] == before == 300
    assert again.json["send"] == first.json["send"]


def test_one_content_under_another_name_is_refused_and_says_who_has_sent_it(world: World) -> None:
    people = world.invite(300)
    assert world.launch(world.compose("march", people)).end().code == 0

    other = world.launch(world.compose("april", people)).end()

    assert other.code == 3, other.err
    assert "march@once (300)" in other.err
    assert world.platform.summary()["requests"] == 300


def test_three_occurrences_of_one_campaign_reach_everyone_three_times(world: World) -> None:
    campaign = world.compose("weekly", world.invite(300))

    ended = [world.launch(campaign, "--run", key).end() for key in ("a", "b", "c")]

    assert [each.code for each in ended] == [0, 0, 0]
    summary = world.platform.summary()
    assert (summary["accepted"], summary["recipients"], summary["duplicates_by_content"]) == (900, 300, 600)
    assert {each.json["run"] for each in ended} == {"a", "b", "c"}


def test_the_second_launch_of_a_run_says_who_has_it(world: World) -> None:
    world.configure((20,))
    campaign = world.compose("slow", world.invite(240))
    first = world.launch(campaign)
    world.sends(first, more_than=5)

    began = time.monotonic()
    second = world.launch(campaign).end(within=20)
    took = time.monotonic() - began

    tell(
        "second launch of a run", exit_code=second.code, seconds=round(took, 2), owner=json.dumps(second.json["owner"])
    )
    assert second.code == 75, second.err
    assert second.json["owner"]["pid"] == first.pid
    assert second.json["error"]["code"] == 75
    assert first.end().code == 0
    assert world.platform.summary()["duplicates"] == 0


def test_two_launches_at_the_same_instant_are_one_run(world: World) -> None:
    world.configure((100,))
    campaign = world.compose("at-once", world.invite(300))

    launched = [world.launch(campaign) for _ in range(3)]
    ended = [each.end() for each in launched]

    assert sorted(each.code for each in ended) == [0, 75, 75], [each.err for each in ended]
    summary = world.platform.summary()
    assert (summary["accepted"], summary["duplicates"]) == (300, 0)
