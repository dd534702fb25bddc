"""Places of messages under way, as whoever gives a shard away sees them."""

import asyncio

from campaign.dispatch.meter import Meter
from campaign.dispatch.places import Places
from campaign.limiter import Gate
from tests.fakes import ManualClock
from tests.virtual_time import in_virtual_time


@in_virtual_time
async def test_two_may_wait_at_once_until_everything_has_left_and_a_third_that_gave_up_is_in_nobodys_way() -> None:
    clock = ManualClock()
    places = Places(permits=8, slots=4, meter=Meter("paris", clock=clock, gate=Gate(None, clock=clock)))
    for _ in range(4):
        await places.slot()
    waiting = [asyncio.create_task(places.all_left()) for _ in range(3)]

    for _ in range(2):
        await asyncio.sleep(1)
        places.leave_slot()
    waiting[0].cancel()
    for _ in range(2):
        await asyncio.sleep(1)
        places.leave_slot()

    async with asyncio.timeout(1):
        await asyncio.gather(*waiting[1:])
