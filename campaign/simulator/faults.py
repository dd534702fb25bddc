"""Which fault a request meets: drawn, or ordered for one person; never performed here."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from campaign.simulator.dice import between
from campaign.simulator.fault import Fault
from campaign.simulator.profile import Accept, Profile

_REFUSING = (Fault.RESPOND_502, Fault.DROP, Fault.HANG, Fault.REDIRECT_307)

_Choice = tuple[float, Fault | None, int | None]


@dataclass(frozen=True, slots=True)
class Fate:
    """What one request meets: at most one of a fault and an error."""

    latency_s: float
    fault: Fault | None = None
    error: int | None = None


class Fates:
    """Draws fates under one profile; one draw decides, so that the shares come out exactly as written."""

    def __init__(self, profile: Profile) -> None:
        self._latency_ms = profile.latency_ms
        self._of_all = _Choices(profile, {})
        self._of_number = {number: _Choices(profile, errors) for number, errors in profile.errors_of.items()}

    def draw(self, chance: Random, *, number: str = "") -> Fate:
        latency_s = between(chance, self._latency_ms)
        fault, error = self._of_number.get(number, self._of_all).at(chance.random())
        return Fate(latency_s, fault, error)


class _Choices:
    """The shares of one number, laid end to end from 0 to 1."""

    def __init__(self, profile: Profile, own_errors: Mapping[int, float]) -> None:
        self._listed = [choice for choice in _choices(profile, own_errors) if choice[0] > 0]
        self._edges = list(accumulate(share for share, _, _ in self._listed))

    def at(self, drawn: float) -> tuple[Fault | None, int | None]:
        place = bisect_right(self._edges, drawn)
        return self._listed[place][1:] if place < len(self._listed) else (None, None)


def _choices(profile: Profile, own_errors: Mapping[int, float]) -> Iterator[_Choice]:
    for fault in _REFUSING:
        yield getattr(profile, fault), fault, None
    for errors in (own_errors, profile.errors):
        for code, share in errors.items():
            yield share, None, code
    for fault in Fault:
        if fault not in _REFUSING:
            yield getattr(profile, fault), fault, None


class Scripts:
    """The answers ordered for some people, one after another; after the last, their requests are like any other."""

    def __init__(self) -> None:
        self._orders: Mapping[str, tuple[int | Fault | Accept, ...]] = {}
        self._given: Counter[str] = Counter()

    def order(self, orders: Mapping[str, tuple[int | Fault | Accept, ...]]) -> None:
        """Take other orders; who has a new one begins anew."""
        for person in self._orders.keys() | orders.keys():
            if self._orders.get(person) != orders.get(person):
                del self._given[person]
        self._orders = orders

    def next(self, person: str) -> Fate | None:
        """Say what is ordered for this request of that person, if anything."""
        order, place = self._orders.get(person, ()), self._given[person]
        if place >= len(order):
            return None
        self._given[person] += 1
        match order[place]:
            case Fault() as fault:
                return Fate(0.0, fault=fault)
            case int() as code:
                return Fate(0.0, error=code)
            case _:
                return Fate(0.0)

    def clear(self) -> None:
        self._given.clear()
