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


# Two gates, one above the other.


@in_virtual_time
async def test_what_leaves_through_a_gate_leaves_through_the_one_above_in_the_same_instant() -> None:
    clock = ManualClock()
    above = Gate(20, clock=clock)
    gates = [Gate(8, clock=clock, above=above) for _ in range(5)]

    times = await asyncio.gather(*[gate.departed() for _ in range(20) for gate in gates])

    assert worst_second(sorted(times)) == above.worst.read() == 20
    assert [gate.worst.read() for gate in gates] <= [8] * 5
    assert max(times) == pytest.approx(4.0, abs=0.1)


@in_virtual_time
async def test_at_the_gate_above_nobody_waits_for_what_holds_up_another_gate() -> None:
    clock = ManualClock()
    above = Gate(100, clock=clock)
    slow, fast = Gate(1, clock=clock, above=above), Gate(100, clock=clock, above=above)
    await slow.departed()

    held_up = asyncio.create_task(slow.departed())
    await asyncio.sleep(0)
    times = [await fast.departed() for _ in range(99)]

    assert max(times) == pytest.approx(0.0, abs=0.01)
    assert await held_up >= 1.0


@in_virtual_time
async def test_gates_that_share_one_above_take_turns() -> None:
    clock = ManualClock()
    above = Gate(10, clock=clock)
    filling, *gates = [Gate(10, clock=clock, above=above) for _ in range(5)]
    await departures(filling, Spreader(None), 10)
    order: list[int] = []

    async def leave(name: int, gate: Gate) -> None:
        for _ in range(10):
            await gate.departed()
            order.append(name)

    await asyncio.gather(*[leave(name, gate) for name, gate in enumerate(gates)])

    assert all(sorted(order[turn : turn + 4]) == [0, 1, 2, 3] for turn in range(0, 40, 4))


@in_virtual_time
async def test_a_gate_slowed_while_it_waits_above_keeps_its_new_ceiling() -> None:
    clock = ManualClock()
    above = Gate(3, clock=clock)
    gate, other = Gate(3, clock=clock, above=above), Gate(3, clock=clock, above=above)
    await departures(other, Spreader(None), 2)
    await asyncio.sleep(0.5)
    await gate.departed()
    waiting = asyncio.create_task(gate.departed())
    await asyncio.sleep(0.1)
    gate.change(1)

    assert await waiting == pytest.approx(1.5, abs=0.01)


@in_virtual_time
async def test_who_gives_up_above_lets_the_next_one_through() -> None:
    clock = ManualClock()
    above = Gate(1, clock=clock)
    first, second = Gate(5, clock=clock, above=above), Gate(5, clock=clock, above=above)
    await first.departed()
    impatient = asyncio.create_task(first.departed())
    patient = asyncio.create_task(second.departed())
    await asyncio.sleep(0.1)
    impatient.cancel()

    assert await patient == pytest.approx(1.0, abs=0.01)


@in_virtual_time
async def test_without_any_ceiling_above_or_below_nobody_waits() -> None:
    clock = ManualClock()
    gate = Gate(None, clock=clock, above=Gate(None, clock=clock))

    assert set(await departures(gate, Spreader(None), 5000)) == {0.0}
