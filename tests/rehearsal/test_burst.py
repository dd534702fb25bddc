"""A burst of "too fast" in mid-run: one shard slows and comes back, the others notice nothing, nobody is lost."""

import time
from typing import Any

import pytest

from tests.rehearsal.children import tell, until
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import World, phone_number_id

pytestmark = pytest.mark.alone

TOO_FAST = 130429
BACK_WITHIN = 60.0

INTERVALS = "SELECT sum(not_now)::int AS not_now, sum(departed)::int AS departed FROM shard_interval WHERE shard = $1"


@pytest.mark.parametrize(
    ("rate", "burst_seconds"), [(40, 1), pytest.param(80, 15, marks=pytest.mark.chaos)], ids=lambda each: f"{each}"
)
def test_a_burst_slows_one_shard_for_a_while(world: World, rate: int, burst_seconds: float) -> None:
    # Enough for the burst and the way back; the tenth of the time that a slow start takes is in it.
    seconds = int(burst_seconds + (BACK_WITHIN if burst_seconds > 1 else 35))
    world.configure((rate, rate), interval="1s")
    world.begin("calm", webhook_loss=1)
    sender = world.launch(world.compose("spring", world.invite(2 * rate * seconds)))
    world.sends(sender, more_than=4 * rate)

    world.platform.change(errors_of={phone_number_id(0): {str(TOO_FAST): 1.0}})
    lowest = _lowest(world, for_seconds=burst_seconds)
    world.platform.change(errors_of={})
    over_at = time.monotonic()
    until(lambda: _rate(world, "s0", rate) >= 0.9 * rate or not sender.running, within=BACK_WITHIN, every=0.2,
          what="the shard is back at nine tenths of its ceiling")  # fmt: skip
    back_after = time.monotonic() - over_at

    ended = sender.end(within=seconds * 3 + 60)
    found = reckon(world)
    there = world.platform.summary()
    other = _interval(world, "s1")
    tell("burst", seconds=burst_seconds, lowest=lowest, back_after=round(back_after, 1), refused=there["errors"],
         duplicates=there["duplicates"], other=other, **found.figures)  # fmt: skip
    assert ended.code == 0, ended.err
    assert lowest < rate
    assert _interval(world, "s0")["not_now"] == there["errors"][str(TOO_FAST)] > 0
    assert (found.wrong, there["duplicates"]) == ([], 0)
    assert found.states == {"accepted": world.people}
    assert other["not_now"] == 0
    assert ended.json["throughput"]["s1"]["mean"] >= 0.9 * rate
    names = [
        (line["event"], line["shard"]) for name in ("shard.slowed", "shard.recovered") for line in ended.events(name)
    ]
    assert ("shard.slowed", "s0") in names
    assert ("shard.recovered", "s0") in names
    assert all(shard == "s0" for _, shard in names)


def _lowest(world: World, *, for_seconds: float) -> float:
    """Watch the shard row of the one that is refused."""
    end, lowest = time.monotonic() + for_seconds, float("inf")
    while time.monotonic() < end:
        lowest = min(lowest, _rate(world, "s0", float("inf")))
        time.sleep(0.1)
    return min(lowest, _rate(world, "s0", float("inf")))


def _rate(world: World, shard: str, ceiling: float) -> float:
    lowered: float | None = world.value("SELECT lowered FROM shard WHERE id = $1", shard)
    return ceiling if lowered is None else lowered


def _interval(world: World, shard: str) -> dict[str, Any]:
    return dict(world.rows(INTERVALS, shard)[0])
