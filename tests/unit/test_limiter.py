"""Spread and gate together, in virtual time with a timer as coarse as a real one."""

import asyncio

import pytest

from campaign.limiter import Gate, Spreader
from tests.fakes import ManualClock, worst_second
from tests.virtual_time import in_virtual_time


async def departures(gate: Gate, spreader: Spreader, count: int) -> list[float]:
    times = []
    for _ in range(count):
        await spreader.token()
        times.append(await gate.departed())
    return times


@pytest.mark.parametrize("ceiling", [1, 7.8125, 8, 20, 70, 80, 1000])
@in_virtual_time
async def test_the_ceiling_is_used_and_never_exceeded(ceiling: float) -> None:
    gate = Gate(ceiling, clock=ManualClock())

    times = await departures(gate, Spreader(ceiling), int(ceiling * 30))

    whole = -(-ceiling // 1)
    assert worst_second(times) <= whole
    assert gate.worst.read() == worst_second(times)
    assert (len(times) - 1) / (times[-1] - times[0]) >= 0.97 * ceiling


@pytest.mark.parametrize("ceiling", [8, 80, 1000])
@in_virtual_time
async def test_a_stalled_loop_does_not_become_a_burst(ceiling: int) -> None:
    clock = ManualClock()
    gate, spreader = Gate(ceiling, clock=clock), Spreader(ceiling)
    times = await departures(gate, spreader, ceiling)
    await asyncio.sleep(3)
    times += await departures(gate, spreader, 3 * ceiling)

    assert worst_second(times) <= ceiling


@in_virtual_time
async def test_many_who_held_a_token_at_once_leave_within_the_ceiling() -> None:
    gate = Gate(20, clock=ManualClock())

    times = await asyncio.gather(*[gate.departed() for _ in range(100)])

    assert worst_second(sorted(times)) == 20
    assert list(times) == sorted(times)


@in_virtual_time
async def test_a_gate_opens_no_sooner_than_it_was_told() -> None:
    gate = Gate(80, clock=ManualClock(), opens_at=1.0)

    assert await gate.departed() == pytest.approx(1.0, abs=0.002)


@in_virtual_time
async def test_without_a_ceiling_nobody_waits() -> None:
    gate = Gate(None, clock=ManualClock())

    assert set(await departures(gate, Spreader(None), 5000)) == {0.0}


@in_virtual_time
async def test_a_rate_changed_under_way_holds_at_once() -> None:
    gate, spreader = Gate(80, clock=ManualClock()), Spreader(80)
    before = await departures(gate, spreader, 160)
    gate.change(40)
    spreader.change(40)
    after = await departures(gate, spreader, 160)

    assert worst_second(before + after) <= 80
    assert worst_second(after[1:]) <= 40
    assert (after[-1] - after[0]) == pytest.approx(4.0, abs=0.15)


@in_virtual_time
async def test_who_gives_up_at_the_gate_lets_the_next_one_through() -> None:
    gate = Gate(1, clock=ManualClock())
    await gate.departed()
    impatient = asyncio.create_task(gate.departed())
    patient = asyncio.create_task(gate.departed())
    await asyncio.sleep(0.1)
    impatient.cancel()

    assert await patient == pytest.approx(1.0, abs=0.01)
