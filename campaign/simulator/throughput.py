"""What the platform counts: messages per second of a number, messages per second to one person."""

import math
import zlib
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

# "1 msg / 6 s to one user, may burst to 45" (about the platform, rate limits; 5 Dec 2025).
PAIR_SECONDS_PER_MESSAGE = 6.0
PAIR_BURST = 45

_TOLERANCE = 1.05


class SlidingSecond:
    """Counts events in every second that ends at an event, and remembers the worst one."""

    __slots__ = ("_times", "worst")

    def __init__(self) -> None:
        self._times: deque[float] = deque()
        self.worst = 0

    def add(self, now: float) -> int:
        """Count one event; returns how many the second that ends with it holds. Two a full second apart never meet."""
        times = self._times
        times.append(now)
        while times[0] <= now - 1.0:
            times.popleft()
        self.worst = max(self.worst, len(times))
        return len(times)


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Messages per second allowed to each number; None is unlimited."""

    default: float | None = 80.0
    of_number: dict[str, float | None] = field(default_factory=dict)

    def of(self, number: str) -> float | None:
        return self.of_number.get(number, self.default)

    def changed(self, of_number: Mapping[str, float | str]) -> "Ceilings":
        """Replace the ceilings of some numbers; "unlimited" is one of them."""
        rates = {number: rate if isinstance(rate, float) else None for number, rate in of_number.items()}
        return replace(self, of_number={**self.of_number, **rates})

    def allowed(self, number: str) -> float:
        """Say how many messages a sliding second may hold before the platform refuses."""
        ceiling = self.of(number)
        return math.inf if ceiling is None else math.ceil(round(ceiling * _TOLERANCE, 9))


class NumberRates:
    """Arrivals per number: all requests, which the limit counts, and those that were accepted."""

    def __init__(self, ceilings: Ceilings) -> None:
        self.ceilings = ceilings
        self._requests: defaultdict[str, SlidingSecond] = defaultdict(SlidingSecond)
        self._accepted: defaultdict[str, SlidingSecond] = defaultdict(SlidingSecond)

    def ceiling(self, number: str) -> float | None:
        return self.ceilings.of(number)

    def arrive(self, number: str, now: float) -> bool:
        """Count a request; False when its number is over its ceiling.

        Refused requests count too: the platform answers 130429 until the number is back under its rate.
        """
        return self._requests[number].add(now) <= self.ceilings.allowed(number)

    def accept(self, number: str, now: float) -> None:
        self._accepted[number].add(now)

    def worst_accepted(self) -> dict[str, int]:
        return {number: window.worst for number, window in self._accepted.items()}

    def worst_requests(self) -> dict[str, int]:
        return {number: window.worst for number, window in self._requests.items()}

    def clear(self) -> None:
        self._requests.clear()
        self._accepted.clear()


class PairLimit:
    """One message per six seconds to one person, with a burst that has to be paid back by silence."""

    def __init__(self) -> None:
        self._paid_until: dict[tuple[str, str], float] = {}

    def admit(self, number: str, person: str, now: float) -> bool:
        pair = (number, person)
        paid_until = max(self._paid_until.get(pair, now), now)
        if paid_until - now > (PAIR_BURST - 1) * PAIR_SECONDS_PER_MESSAGE:
            return False
        self._paid_until[pair] = paid_until + PAIR_SECONDS_PER_MESSAGE
        return True

    def clear(self) -> None:
        self._paid_until.clear()


class RequestLimit:
    """So many requests a second, and a burst above it; On-Premises alone, and only where a profile asks for it."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._spent = self._at = 0.0

    def admit(self, now: float, *, per_second: float | None, burst: int) -> bool:
        if per_second is None:
            return True
        self._spent = max(0.0, self._spent - (now - self._at) * per_second)
        self._at = now
        if self._spent + 1 > burst:
            return False
        self._spent += 1
        return True


ShardOf = Callable[[str, int], int]


def shard_of(person: str, shards: int) -> int:
    """Give a person's shard; the client's own hash was never published, and this is none of anybody else's."""
    return zlib.crc32(person.encode()) % shards
