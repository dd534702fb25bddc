"""Webhooks waiting for their time: batched, told again where that is asked for, until somebody answers 200."""

import asyncio
import heapq
import itertools
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from campaign.simulator.dialect import Dialect, Event, FieldEvent, InboundEvent, RawEvent, StatusEvent
from campaign.simulator.line import Lines
from campaign.simulator.posting import ANSWER_LIMIT_S, Post, Reception, sign
from campaign.simulator.profile import Profile

# "Any non-200 is repeated with decreasing frequency" (webhooks overview); there for days, here for minutes.
RETRY_DELAYS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, *itertools.repeat(30.0, 19))

# Events that fall due within one tick travel together, or each would cost the message endpoint a request.
_TICK_S = 0.02
_FIRST_WORD_LIMIT_S = 2.0

Told = asyncio.Future[None]


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One body on its way. A forgery (a signature of its own) is tried once: nobody takes it twice."""

    events: list[Event] | list[RawEvent]
    body: bytes
    signature: str | None
    is_forged: bool = False
    told: Told | None = None


class Outbox:
    """Events waiting for their time. Without a URL every event is forgotten at once."""

    def __init__(
        self, url: str | None, *, secret: str | None, dialect: Dialect, profile: Callable[[], Profile], chance: Random
    ) -> None:
        self._url = url
        self._secret = secret
        self._dialect = dialect
        self._profile = profile
        self._chance = chance
        self._waiting: list[tuple[float, int, Event | RawEvent]] = []
        self._order = itertools.count()
        self._urgent: list[tuple[StatusEvent, Told]] = []
        self.reception = Reception()
        self.clear()

    def clear(self) -> None:
        """Forget what waits and what was counted; what is on its way arrives all the same."""
        self._waiting.clear()
        self._urgent.clear()
        self.reception.clear()
        # A delivery that began before a `clear` must neither go on nor count.
        self._era = object()
        self._bodies = itertools.count()
        self.posted: Counter[str] = Counter()
        self.statuses_queued = self.pending = self.given_up = self.repeated = 0

    def summary(self) -> dict[str, Any]:
        """Count what was queued and posted: each event once, by its field, however often it was posted again."""
        return {
            "statuses_queued": self.statuses_queued,
            "statuses_posted": self.posted["statuses"],
            "webhooks_posted": dict(sorted(self.posted.items())),
            "webhooks_repeated": self.repeated,
            "webhooks_given_up": self.given_up,
            **self.reception.summary(),
        }

    @property
    def is_open(self) -> bool:
        return self._url is not None

    def tells(self, event: Event | RawEvent) -> bool:
        """Tell whether anybody is told of this."""
        return self.is_open and (isinstance(event, RawEvent) or self._dialect.tells(event))

    def put(self, events: Iterable[tuple[float, Event | RawEvent]]) -> None:
        """Queue events, each with its delay in seconds from now."""
        if not self.is_open:
            return
        now = asyncio.get_running_loop().time()
        for delay_s, event in events:
            if self.tells(event):
                heapq.heappush(self._waiting, (now + delay_s, next(self._order), event))
                self._count_queued(event)

    async def say_first(self, event: StatusEvent) -> None:
        """Tell one event and wait for its 200, at most 2 s; after that it is told again like any other."""
        if not self.tells(event):
            return
        told = asyncio.get_running_loop().create_future()
        self._urgent.append((event, told))
        self._count_queued(event)
        await asyncio.wait({told}, timeout=_FIRST_WORD_LIMIT_S)

    async def run(self) -> None:
        """Deliver until cancelled. A receiver that does not answer holds up its own batches alone."""
        if self._url is None:
            return
        async with Lines(self._url, limit_s=ANSWER_LIMIT_S) as lines, asyncio.TaskGroup() as deliveries:
            post = Post(lines, self.reception)
            while True:
                await asyncio.sleep(_TICK_S)
                for delivery in self._due():
                    deliveries.create_task(self._deliver(delivery, post))

    def _count_queued(self, event: Event | RawEvent) -> None:
        self.pending += 1
        self.statuses_queued += isinstance(event, StatusEvent)

    def _due(self) -> Iterator[_Delivery]:
        urgent, self._urgent = self._urgent, []
        yield from (self._written([event], told) for event, told in urgent)
        now, due = asyncio.get_running_loop().time(), []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(heapq.heappop(self._waiting)[2])
        if due:
            yield from self._batched(due, self._profile())

    def _batched(self, due: list[Event | RawEvent], profile: Profile) -> Iterator[_Delivery]:
        if profile.webhook_reorder:
            self._chance.shuffle(due)
        yield from (self._raw(event) for event in due if isinstance(event, RawEvent))
        # On-Premises has bodies of statuses and bodies of messages, and none of both.
        inbound: list[Event] = [event for event in due if isinstance(event, InboundEvent)]
        others: list[Event] = [event for event in due if isinstance(event, (StatusEvent, FieldEvent))]
        for events in (inbound, others):
            yield from map(self._written, self._sliced(events, profile))

    def _sliced(self, events: list[Event], profile: Profile) -> Iterator[list[Event]]:
        start, sizes = 0, profile.webhook_sizes or (profile.webhook_batch,)
        while start < len(events):
            size = sizes[next(self._bodies) % len(sizes)]
            yield events[start : start + size]
            start += size

    def _written(self, events: list[Event], told: Told | None = None) -> _Delivery:
        body = self._dialect.envelope(events, self._profile().manner)
        return _Delivery(events, body, self._signature(body), told=told)

    def _raw(self, event: RawEvent) -> _Delivery:
        if event.signature is None:
            return _Delivery([event], event.body, self._signature(event.body))
        return _Delivery([event], event.body, event.signature, is_forged=self._secret is not None)

    def _signature(self, body: bytes) -> str | None:
        return None if self._secret is None else sign(body, self._secret)

    async def _deliver(self, delivery: _Delivery, post: Post) -> None:
        """Post one body until it is taken, given up, or forgotten, and perhaps once more long after."""
        profile, era = self._profile(), self._era
        if delivery.signature and self._chance.random() < profile.webhook_missigned:
            await post(delivery.body, sign(delivery.body, secrets.token_hex()))
        taken = await self._insist(delivery, post, era)
        if delivery.told is not None and not delivery.told.done():
            delivery.told.set_result(None)
        if era is self._era:
            self._count(delivery, taken=taken)
            if taken and profile.webhook_resend_s is not None:
                await self._resend(delivery, post, profile.webhook_resend_s)
        if era is self._era:
            self.pending -= len(delivery.events)

    async def _insist(self, delivery: _Delivery, post: Post, era: object) -> bool:
        """Post until somebody answers 200; False where nobody did, or the body was forgotten meanwhile."""
        for delay_s in (0.0,) if delivery.is_forged else (0.0, *RETRY_DELAYS_S):
            if delay_s:
                await asyncio.sleep(delay_s)
            if era is not self._era:
                return False
            if await post(delivery.body, delivery.signature):
                return True
        return False

    async def _resend(self, delivery: _Delivery, post: Post, after_s: float) -> None:
        era = self._era
        await asyncio.sleep(after_s)
        if await self._insist(delivery, post, era) and era is self._era:
            self.repeated += 1

    def _count(self, delivery: _Delivery, *, taken: bool) -> None:
        if taken:
            self.posted.update(map(_kind, delivery.events))
        else:
            self.given_up += len(delivery.events)


def _kind(event: Event | RawEvent) -> str:
    """Name what is counted: a field, and in the field `messages` what it tells."""
    match event:
        case StatusEvent():
            return "statuses"
        case InboundEvent():
            return "messages"
        case FieldEvent():
            return event.field
        case RawEvent():
            return "raw"
