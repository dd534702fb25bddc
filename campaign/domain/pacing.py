"""The arithmetic of pacing: how far a shard is slowed, when the next departure may be, where an interval went."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

# Measured: AsyncLimiter(80, 1) lets 159 through in its first second, (4, 4/76) reaches 95.5 % of 80.
# A burst of two at 99 % of the ceiling spreads evenly; at 1,000 a second the timer is too coarse for two.
SPREAD = 0.99
BURST = 2
BURST_PER_SECOND = 100

# The queue between a token and its departure, in seconds of sending: a stalled commit must not become a burst.
QUEUE_SECONDS = 0.05

# Slower than this a receiver could not tell two windows apart: the gate's second is a little longer than a second.
WINDOW_SECONDS = 1.0005


def burst(rate: float) -> float:
    """Tokens that may be taken at once at `rate` messages a second."""
    return max(BURST, min(10.0, rate / BURST_PER_SECOND))


def queue_bound(rate: float | None) -> int:
    """How many messages may hold a token and not have left yet; `None` is unlimited."""
    return 200 if rate is None else max(1, int(rate * QUEUE_SECONDS))


def max_in_flight(throughput: float | None) -> int:
    """Permits of a shard when the settings leave it to us: 1.2 seconds of sending, 8 to 1,000."""
    return 1000 if throughput is None else min(1000, max(8, math.ceil(1.2 * throughput)))


def left_over(throughput: float | None, taken: float) -> float | None:
    """Give what is left when others take so much, at least one message a second; `None` is unlimited."""
    return None if throughput is None else max(min(1.0, throughput), throughput - taken)


HALVING_SECONDS = 2.0


class DepartureRing:
    """The last departures: the next one leaves no sooner than a second after the ⌈ceiling⌉th before it."""

    def __init__(self, ceiling: float) -> None:
        self._limit = math.ceil(ceiling)
        self._left: deque[float] = deque(maxlen=self._limit)

    def wait(self, now: float) -> float:
        """Seconds until the next departure keeps the promise."""
        if len(self._left) < self._limit:
            return 0.0
        return max(0.0, self._left[-self._limit] + WINDOW_SECONDS - now)

    def note(self, now: float) -> None:
        self._left.append(now)

    def resize(self, ceiling: float) -> None:
        """Hold another ceiling; nothing is forgotten under a lower one, or climbing back could crowd a second."""
        self._limit = math.ceil(ceiling)
        if self._limit > (self._left.maxlen or 0):
            self._left = deque(self._left, maxlen=self._limit)


class WorstSecond:
    """The most departures in any sliding second since it was last read."""

    def __init__(self) -> None:
        self._left: deque[float] = deque()
        self._worst = 0

    def note(self, now: float) -> None:
        self._left.append(now)
        while self._left[0] <= now - 1.0:
            self._left.popleft()
        self._worst = max(self._worst, len(self._left))

    def read(self) -> int:
        worst, self._worst = self._worst, 0
        return worst


@dataclass(slots=True)
class AdaptiveCeiling:
    """A ceiling that WhatsApp's "too fast" lowers and time raises again.

    Halved at most once in two seconds, and not for requests that left before the last halving; never below 5 % or one
    a second; raised by 2 % of the ceiling each second.
    """

    ceiling: float
    lowered: float | None = None
    _halved_at: float = field(default=-math.inf)
    _raised_at: float = field(default=-math.inf)

    @property
    def rate(self) -> float:
        return self.ceiling if self.lowered is None else min(self.lowered, self.ceiling)

    @property
    def floor(self) -> float:
        return min(self.ceiling, max(0.05 * self.ceiling, 1.0))

    def too_fast(self, *, left_at: float, now: float) -> bool:
        """Answer to one 130429; tells whether the rate changed."""
        if left_at <= self._halved_at or now - self._halved_at < HALVING_SECONDS:
            return False
        self._halved_at = self._raised_at = now
        self.lowered = max(self.floor, self.rate / 2)
        return True

    def change(self, ceiling: float) -> None:
        """Have another ceiling from now on; what was lowered below it stays lowered."""
        self.ceiling = ceiling
        if self.lowered is not None and self.lowered >= ceiling:
            self.lowered = None

    def recover(self, now: float) -> bool:
        """Climb back; call it each second; tells whether the rate changed."""
        if self.lowered is None:
            self._raised_at = now
            return False
        elapsed = min(now - self._raised_at, 1.5) if self._raised_at > -math.inf else 1.0
        self._raised_at = now
        self.lowered += 0.02 * self.ceiling * elapsed
        if self.lowered >= self.ceiling:
            self.lowered = None
        return True


@dataclass(slots=True)
class Allowance:
    """How much of its own rate a run may still use now; at most a tenth of a second is saved up, at least one."""

    rate: float
    _level: float = 1.0
    _at: float | None = None

    def level(self, now: float) -> int:
        """Whole messages allowed now."""
        if self._at is not None:
            self._level = min(max(1.0, self.rate * 0.1), self._level + (now - self._at) * self.rate)
        self._at = now
        return int(self._level + 1e-9)

    def spend(self, count: int) -> None:
        self._level -= count

    def wait(self) -> float:
        """Seconds until one message is allowed."""
        return max(0.0, (1.0 - self._level) / self.rate)


LOST = ("limiter", "database", "network", "whatsapp", "idle")


def shares(*, used: float, waited: Mapping[str, float], seconds: float) -> dict[str, float]:
    """Say where the part of an interval went that was not used; adds up to 1 with `used`.

    `waited` is what was measured, in seconds, of everything but the limiter. What nothing explains is the limiter's:
    the spread below the ceiling.
    """
    spare = max(0.0, 1.0 - used)
    measured = {name: max(0.0, waited.get(name, 0.0)) / seconds for name in LOST if name != "limiter"}
    total = sum(measured.values())
    if total > spare:
        measured = {name: share * spare / total for name, share in measured.items()}
    measured["limiter"] = max(0.0, spare - sum(measured.values()))
    return {name: round(measured[name], 4) for name in LOST}
