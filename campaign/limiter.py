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


class Gate:
    """Lets requests leave one after the other, never more than ⌈ceiling⌉ in any sliding second.

    A token is not a departure: marks and connections take time, and the promise is about departures.
    """

    def __init__(self, ceiling: float | None, *, clock: Clock, opens_at: float = -math.inf) -> None:
        self._ring = None if ceiling is None else DepartureRing(ceiling)
        self._clock = clock
        self._opens_at = opens_at
        self._turn = asyncio.Lock()
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
        if self._ring is None and self._clock.now() >= self._opens_at:
            return self._note()
        async with self._turn:
            while (wait := self._wait()) > 0:
                await self._clock.sleep(wait)
            return self._note()

    def _wait(self) -> float:
        now = self._clock.now()
        return max(self._opens_at - now, self._ring.wait(now) if self._ring else 0.0)

    def _note(self) -> float:
        now = self._clock.now()
        if self._ring is not None:
            self._ring.note(now)
        self.worst.note(now)
        return now
