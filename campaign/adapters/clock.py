"""The machine's clock, which goes on while the machine sleeps."""

import asyncio
import time


class BootClock:
    """Seconds since boot, suspend included: an intent that slept with the machine is seen to be old."""

    def now(self) -> float:
        return time.clock_gettime(_CLOCK)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
