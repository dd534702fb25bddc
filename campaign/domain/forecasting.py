"""When a sending ends: what ceilings, windows, a portfolio limit and a ramp make of so many messages."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from campaign.domain.calendar import Window
from campaign.domain.course import Course, Span
from campaign.domain.portfolio import Limit, MovingWindow

# A mark this close to the end of a window puts its message off: it might leave too late.
_TOO_LATE_SECONDS: Final = 5.0

# Less is rounding.
_NOTHING: Final = 1e-6

# How much of a portfolio limit is used at a time, and of a large audience: the smaller, the truer, and the slower.
_PARTS: Final = 100
_PARTS_OF_ALL: Final = 2_000

# Nobody plans so far ahead.
_LONGEST_SECONDS: Final = 3 * 366 * 86_400.0


class Load(NamedTuple):
    """Messages that leave over one shard in the windows of one zone; a zone of None is open at any time."""

    shard: str
    zone: int | None
    messages: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A limit and whom it counts already; `costs`: the share of the messages that go to people who are new to it."""

    limit: Limit
    counted: Sequence[tuple[datetime, int]] = ()
    costs: float = 1.0


@dataclass(frozen=True, slots=True)
class Restraints:
    """What holds a sending back.

    `rates`: of each shard, messages per second, None is unlimited; `together`: of all of them. `pause`: how long a ramp
    looks at a step before it goes on with the next one.
    """

    rates: Mapping[str, float | None]
    together: float | None = None
    windows: Mapping[int, Sequence[Window]] = field(default_factory=dict)
    portfolio: Portfolio | None = None
    pause: timedelta = timedelta(0)


def foresee(steps: Iterable[Sequence[Load]], restraints: Restraints, *, starts_at: datetime) -> Course | None:
    """Let messages leave in thought, one step of a ramp after the other.

    Each shard works for itself, first through the windows that opened first, as the sending does. None where nobody can
    tell, because a shard is unlimited, or because it would take years.
    """
    waiting = [_summed(step) for step in steps]
    if any(restraints.rates[shard] is None for step in waiting for shard, _ in step):
        return None
    sending = _Sending(restraints, starts_at, messages=sum(sum(step.values()) for step in waiting))
    for index, step in enumerate(waiting):
        sending.now += restraints.pause.total_seconds() if index else 0.0
        if not sending.send(step):
            return None
    return Course(sending.spans, round(sending.left))


_Queue = tuple[str, int | None]
_Waiting = dict[_Queue, float]


def _summed(step: Iterable[Load]) -> _Waiting:
    waiting: _Waiting = defaultdict(float)
    for each in step:
        waiting[each.shard, each.zone] += each.messages
    return waiting


class _Sending:
    """A clock that is set on from one change to the next: a window, a shard with nothing left, the limit."""

    def __init__(self, restraints: Restraints, starts_at: datetime, *, messages: float) -> None:
        self._restraints = restraints
        self._hours = _Hours(restraints.windows)
        self._room = _Room(restraints.portfolio, messages) if restraints.portfolio is not None else None
        self.now = starts_at.timestamp()
        self._last = self.now + _LONGEST_SECONDS
        self.spans: list[Span] = []
        self.left = 0.0

    def send(self, waiting: _Waiting) -> bool:
        """Send all of it, or what may be sent at all; False if that takes too long to tell."""
        while waiting and self.now < self._last:
            queues = self._open_queues(waiting)
            until = self._hours.next_edge(self.now)
            seconds = min(
                until - self.now, self._room.seconds(self.now, self._rates(queues)) if self._room else math.inf
            )
            if queues and seconds > 0:
                self._go_on(waiting, queues, seconds)
                continue
            at = self._room.opens_at(self.now) if queues and self._room else until
            if math.isinf(at):
                self.left += sum(waiting.values())
                return True
            self.now = at
        return not waiting

    def _open_queues(self, waiting: _Waiting) -> dict[str, list[_Queue]]:
        """List for each shard what it may send now, first what became due first."""
        since = {zone: self._hours.open_since(zone, self.now) for zone in {zone for _, zone in waiting}}
        due = sorted((opened, queue) for queue in waiting if (opened := since[queue[1]]) is not None)
        queues: dict[str, list[_Queue]] = defaultdict(list)
        for _, queue in due:
            queues[queue[0]].append(queue)
        return queues

    def _rates(self, shards: Iterable[str]) -> dict[str, float]:
        """Share what all may do together by what each could do alone."""
        alone = {shard: self._restraints.rates[shard] or 0.0 for shard in shards}
        together = self._restraints.together
        scale = min(1.0, together / sum(alone.values())) if together is not None and alone else 1.0
        return {shard: rate * scale for shard, rate in alone.items()}

    def _go_on(self, waiting: _Waiting, queues: Mapping[str, Sequence[_Queue]], seconds: float) -> None:
        """Send for so long, or until a shard has nothing left that is due."""
        rates = self._rates(queues)
        seconds = min(seconds, *(sum(waiting[each] for each in due) / rates[shard] for shard, due in queues.items()))
        sent = sum(_take(waiting, due, rates[shard] * seconds) for shard, due in queues.items())
        self.spans.append(Span(self.now, self.now + seconds, sent))
        self.now += seconds
        if self._room is not None:
            self._room.count(self.now, sent)


def _take(waiting: _Waiting, queues: Iterable[_Queue], messages: float) -> float:
    """Take so many from the first of the queues on."""
    left = messages
    for queue in queues:
        taken = min(left, waiting[queue])
        left -= taken
        waiting[queue] -= taken
        if waiting[queue] <= _NOTHING:
            del waiting[queue]
    return messages - left


class _Hours:
    """Windows in seconds, each over when marks begin to put messages off."""

    def __init__(self, windows: Mapping[int, Sequence[Window]]) -> None:
        self._opens = {zone: [each.opens_at.timestamp() for each in found] for zone, found in windows.items()}
        self._closes = {
            zone: [each.closes_at.timestamp() - _TOO_LATE_SECONDS for each in found] for zone, found in windows.items()
        }
        edges = (*self._opens.values(), *self._closes.values())
        self._edges = sorted({edge for found in edges for edge in found})

    def open_since(self, zone: int | None, now: float) -> float | None:
        """Tell when the window that is open now began; None where none is."""
        if zone is None:
            return -math.inf
        index = bisect_right(self._opens[zone], now) - 1
        return self._opens[zone][index] if index >= 0 and now < self._closes[zone][index] else None

    def next_edge(self, now: float) -> float:
        """Tell when a window opens or closes next; infinity is never."""
        index = bisect_right(self._edges, now)
        return self._edges[index] if index < len(self._edges) else math.inf


class _Room:
    """What a portfolio limit leaves room for, as time goes on."""

    def __init__(self, portfolio: Portfolio, messages: float) -> None:
        self._window = MovingWindow(portfolio.limit, portfolio.counted)
        self._costs = portfolio.costs
        people = portfolio.limit.people
        part = max(1, math.ceil((people or 0) / _PARTS), math.ceil(messages * self._costs / _PARTS_OF_ALL))
        self._part = math.inf if people is None else part
        self._owed = 0.0

    def seconds(self, now: float, rates: Mapping[str, float]) -> float:
        """Tell for how long there is room at these rates, no more than a part of it."""
        free = self._window.free(datetime.fromtimestamp(now, UTC))
        paying = sum(rates.values()) * self._costs
        return min(self._part, free) / paying if free is not None and paying else math.inf

    def opens_at(self, now: float) -> float:
        """Tell when there is room again; infinity is never."""
        at = self._window.opens_at(datetime.fromtimestamp(now, UTC))
        return math.inf if at is None else at.timestamp()

    def count(self, now: float, messages: float) -> None:
        self._owed += messages * self._costs
        people = int(self._owed + _NOTHING)
        self._owed -= people
        self._window.count(datetime.fromtimestamp(now, UTC), people)
