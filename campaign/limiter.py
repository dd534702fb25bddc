"""The waiting half of pacing: aiolimiter spreads, the departure gate keeps the promise."""

import asyncio
import math

from aiolimiter import AsyncLimiter

from campaign.domain.pacing import SPREAD, DepartureRing, WorstSecond, burst
from campaign.ports import Clock


class Spreader:
    """Hands out tokens evenly, a little below the ceiling; `None` is unlimited."""

    def __init__(self, rate: float | None) -> None:
        self._limiter = _limiter(rate)

    def change(self, rate: float | None) -> None:
        """Go on at another rate, with no burst left over from the old one."""
        self._limiter = _limiter(rate)

    async def token(self) -> None:
        if self._limiter is not None:
            await self._limiter.acquire()


def _limiter(rate: float | None) -> AsyncLimiter | None:
    if rate is None:
        return None
    tokens = burst(rate)
    return AsyncLimiter(tokens, tokens / (SPREAD * rate))


class RequestLimit:
    """Lets so many requests through per second, after a burst of so many."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._limiter = AsyncLimiter(burst, burst / per_second)

    async def token(self) -> None:
        await self._limiter.acquire()


class Gate:
    """Lets requests leave one after the other, never more than ⌈ceiling⌉ in any sliding second.

    A token is not a departure: marks and connections take time, and the promise is about departures. What leaves
    through a gate leaves in the same instant through the one `above`, which several may share.
    """

    def __init__(
        self, ceiling: float | None, *, clock: Clock, opens_at: float = -math.inf, above: "Gate | None" = None
    ) -> None:
        self._ring = None if ceiling is None else DepartureRing(ceiling)
        self._clock = clock
        self._opens_at = opens_at
        self._above = above
        self.turn = asyncio.Lock()
        self.worst = WorstSecond()

    def change(self, ceiling: float | None) -> None:
        """Hold another ceiling from now on."""
        if ceiling is None:
            self._ring = None
        elif self._ring is None:
            self._ring = DepartureRing(ceiling)
        else:
            self._ring.resize(ceiling)

    def opens_in(self) -> float:
        """Seconds until anything may leave at all."""
        return max(0.0, self._opens_at - self._clock.now())

    async def departed(self) -> float:
        """Wait for a place, take it, and tell when."""
        if self.unlimited:
            return self.note(self._clock.now())
        async with self.turn:
            while True:
                await self.place()
                if self._above is None:
                    return self.note(self._clock.now())
                # Only who has a place here asks above: nobody there waits for what holds up another gate.
                async with self._above.turn:
                    await self._above.place()
                    if self._wait() <= 0:
                        return self.note(self._clock.now())

    @property
    def unlimited(self) -> bool:
        """Tell whether whoever comes may leave at once."""
        free = self._ring is None and self._clock.now() >= self._opens_at
        return free and (self._above is None or self._above.unlimited)

    async def place(self) -> None:
        """Wait until the next one may leave; who asks holds the `turn`."""
        while (wait := self._wait()) > 0:
            await self._clock.sleep(wait)

    def _wait(self) -> float:
        now = self._clock.now()
        return max(self._opens_at - now, self._ring.wait(now) if self._ring else 0.0)

    def note(self, now: float) -> float:
        """Take a place."""
        if self._ring is not None:
            self._ring.note(now)
        self.worst.note(now)
        return now if self._above is None else self._above.note(now)
