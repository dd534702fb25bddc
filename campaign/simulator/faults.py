"""Which fault a request meets: drawn, not performed."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from random import Random

from campaign.simulator.dice import between
from campaign.simulator.ledger import Answered
from campaign.simulator.profile import Profile


class Fault(StrEnum):
    """Named as in the profile."""

    RESPOND_502 = "respond_502"
    DROP = "drop"
    HANG = "hang"
    REDIRECT_307 = "redirect_307"
    ACCEPT_THEN_RESET = "accept_then_reset"
    ACCEPT_THEN_HANG = "accept_then_hang"
    ACCEPT_THEN_502 = "accept_then_502"
    ACCEPT_THEN_TRUNCATE = "accept_then_truncate"
    ACCEPT_THEN_NO_ID = "accept_then_no_id"


ANSWERED: dict[Fault | None, Answered] = {
    None: "ok",
    Fault.ACCEPT_THEN_RESET: "reset",
    Fault.ACCEPT_THEN_HANG: "hang",
    Fault.ACCEPT_THEN_502: "502",
    Fault.ACCEPT_THEN_TRUNCATE: "truncated",
    Fault.ACCEPT_THEN_NO_ID: "no_id",
}
"""What the sender of an accepted message is told; a fault that is missing here means the message was not accepted."""

_REFUSING = (Fault.RESPOND_502, Fault.DROP, Fault.HANG, Fault.REDIRECT_307)


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
        choices = [choice for choice in _choices(profile) if choice[0] > 0]
        self._edges = list(accumulate(share for share, _, _ in choices))
        self._choices = choices

    def draw(self, chance: Random) -> Fate:
        latency_s = between(chance, self._latency_ms)
        at = bisect_right(self._edges, chance.random())
        if at == len(self._choices):
            return Fate(latency_s)
        _, fault, error = self._choices[at]
        return Fate(latency_s, fault, error)


def _choices(profile: Profile) -> Iterator[tuple[float, Fault | None, int | None]]:
    for fault in _REFUSING:
        yield getattr(profile, fault), fault, None
    for code, share in profile.errors.items():
        yield share, None, code
    for fault in Fault:
        if fault not in _REFUSING:
            yield getattr(profile, fault), fault, None
