"""Three in ten are held, some released and some dropped: the totals are exact, and only an order sends any again."""

from dataclasses import dataclass

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World


@dataclass(frozen=True)
class Size:
    people: int
    rate: float
    patience: float


SMALL, FULL = Size(people=300, rate=200, patience=60), Size(people=10_000, rate=500, patience=200)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])


def rows_of(world: World, delivery: str) -> set[int]:
    return {row[0] for row in world.rows("SELECT row FROM message WHERE delivery::text = $1", delivery)}


@SIZES
def test_held_released_dropped_and_sent_again_by_command(world: World, size: Size) -> None:
    world.configure((size.rate,))
    world.begin("instant", held=0.3, held_release="manual")
    campaign = world.compose("spring", world.invite(size.people), quality={"when_held": "continue", "settle": "1s"})
    ended = world.launch(campaign).end(within=size.patience)
    assert ended.code == 0, ended.err
    held = world.platform.summary()["held_open"]
    assert world.report("spring")["delivery"]["held"] == held > 0.2 * size.people

    released = world.platform.settle_held("release", round(0.7 * held))
    dropped = world.platform.settle_held("drop")
    world.hear_everything()

    report, summary = world.report("spring"), world.platform.summary()
    delivery = report["delivery"]
    tell("held, released, dropped", people=size.people, held=held, released=released, dropped=dropped,
         delivery=delivery)  # fmt: skip
    assert released + dropped == held
    assert (delivery["held"], delivery["dropped"], delivery["delivered"]) == (0, dropped, size.people - dropped)
    assert sum(delivery.values()) == report["send"]["accepted"] == size.people
    # The program by itself sent nobody anything twice.
    assert (summary["requests"], summary["duplicates"]) == (size.people, 0)
    assert reckon(world).wrong == []

    _resend_exactly_those(world, size, dropped)


def _resend_exactly_those(world: World, size: Size, dropped: int) -> None:
    ordered = rows_of(world, "dropped")
    world.platform.change(held=0)
    # As somebody has to first: a drop pauses the template, and nobody is sent one that WhatsApp would refuse.
    world.platform.unpause("launch_demo")
    order = ("resend", "spring", "--dropped", "--reason", "a better template")
    wrong = world.campaign(*order, "--count", str(dropped + 1))
    assert wrong.code == 2, wrong.err
    assert world.platform.summary()["requests"] == size.people

    resent = world.campaign(*order, "--count", str(dropped), "--json", within=size.patience)
    world.hear_everything()

    again = world.platform.ledger()[size.people :]
    report = world.report("spring")
    tell("resent", ordered=dropped, sent_again=len(again), exit_code=resent.code, delivery=report["delivery"])
    assert resent.code == 0, resent.err
    assert {_row(entry["callback_data"]) for entry in again} == ordered
    assert len(again) == len(ordered) == report["resent"] == dropped
    assert report["delivery"]["delivered"] == size.people
    assert world.value("SELECT count(*) FROM attempt_history WHERE delivery = 'dropped'") == dropped


def _row(callback_data: str) -> int:
    return int(callback_data.split(".")[3])
