"""Webhooks: batched, signed where there is a secret, and repeated until somebody answers 200."""

import asyncio
import hashlib
import heapq
import hmac
import itertools
import secrets
from collections.abc import Callable, Iterable, Iterator
from random import Random

import aiohttp

from campaign.simulator.dialect import Dialect, Event, InboundEvent, StatusEvent
from campaign.simulator.profile import Profile

# "Any non-200 is repeated with decreasing frequency" (webhooks overview); there for days, here for minutes.
RETRY_DELAYS_S = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, *itertools.repeat(30.0, 19))

# Events that fall due within one tick travel together, or each would cost the message endpoint a request.
_TICK_S = 0.02
_PARALLEL_POSTS = 8
_ANSWER_LIMIT_S = 10.0
_FIRST_WORD_LIMIT_S = 2.0


def sign(body: bytes, secret: str) -> str:
    """Sign the raw bytes as `X-Hub-Signature-256` carries it."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def handshake(url: str, verify_token: str) -> bool:
    """Ask the receiver to echo a challenge, as the platform does when a webhook is registered."""
    challenge = str(secrets.randbelow(10**9))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_LIMIT_S)) as session,
            session.get(url, params=query, allow_redirects=False) as answer,
        ):
            return answer.status == 200 and await answer.text() == challenge  # noqa: PLR2004 - an HTTP status is its own name
    except (aiohttp.ClientError, TimeoutError):
        return False


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
        self._waiting: list[tuple[float, int, Event]] = []
        self._order = itertools.count()
        self._urgent: list[tuple[Event, asyncio.Future[None]]] = []
        self.clear()

    def clear(self) -> None:
        """Forget what waits and what was counted; what is on its way arrives all the same."""
        self._waiting.clear()
        self._urgent.clear()
        # A delivery that began before a `clear` must neither go on nor count.
        self._era = object()
        self.statuses_queued = self.statuses_posted = self.pending = self.given_up = 0

    def put(self, events: Iterable[tuple[float, Event]]) -> None:
        """Queue events, each with its delay in seconds from now."""
        if self._url is None:
            return
        now = asyncio.get_running_loop().time()
        for delay_s, event in events:
            if not self._dialect.tells(event):
                continue
            heapq.heappush(self._waiting, (now + delay_s, next(self._order), event))
            self._count_queued(event)

    async def say_first(self, event: Event) -> None:
        """Tell one event and wait for its 200, at most 2 s; after that it is told again like any other."""
        if self._url is None or not self._dialect.tells(event):
            return
        told = asyncio.get_running_loop().create_future()
        self._urgent.append((event, told))
        self._count_queued(event)
        await asyncio.wait({told}, timeout=_FIRST_WORD_LIMIT_S)

    async def run(self) -> None:
        """Deliver until cancelled. A receiver that does not answer holds up its own batches alone."""
        if self._url is None:
            return
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_ANSWER_LIMIT_S)) as session,
            asyncio.TaskGroup() as deliveries,
        ):
            post = _Post(session, self._url)
            while True:
                await asyncio.sleep(_TICK_S)
                for batch, told in self._due():
                    deliveries.create_task(self._deliver(batch, post, told))

    def _count_queued(self, event: Event) -> None:
        self.pending += 1
        self.statuses_queued += isinstance(event, StatusEvent)

    def _due(self) -> Iterator[tuple[list[Event], asyncio.Future[None] | None]]:
        yield from (([event], told) for event, told in self._urgent)
        self._urgent.clear()
        now, due = asyncio.get_running_loop().time(), []
        while self._waiting and self._waiting[0][0] <= now:
            due.append(heapq.heappop(self._waiting)[2])
        profile = self._profile()
        if profile.webhook_reorder:
            self._chance.shuffle(due)
        # On-Premises has bodies of statuses and bodies of messages, and none of both.
        inbound: list[Event] = [event for event in due if isinstance(event, InboundEvent)]
        outbound: list[Event] = [event for event in due if not isinstance(event, InboundEvent)]
        for events in (inbound, outbound):
            for start in range(0, len(events), profile.webhook_batch):
                yield events[start : start + profile.webhook_batch], None

    async def _deliver(self, batch: list[Event], post: "_Post", told: asyncio.Future[None] | None) -> None:
        """Post one batch until it is taken, given up, or forgotten."""
        profile, era = self._profile(), self._era
        body = self._dialect.envelope(batch, callback_data_on_failed=profile.callback_data_on_failed)
        signature = None if self._secret is None else sign(body, self._secret)
        if signature is not None and self._chance.random() < profile.webhook_missigned:
            await post(body, sign(body, secrets.token_hex()))
        for delay_s in (0.0, *RETRY_DELAYS_S):
            await asyncio.sleep(delay_s)
            if era is not self._era:
                return
            if await post(body, signature):
                self._taken(batch, era)
                break
        else:
            self._given_up(batch, era)
        if told is not None and not told.done():
            told.set_result(None)

    def _taken(self, batch: list[Event], era: object) -> None:
        if era is self._era:
            self.pending -= len(batch)
            self.statuses_posted += sum(isinstance(event, StatusEvent) for event in batch)

    def _given_up(self, batch: list[Event], era: object) -> None:
        if era is self._era:
            self.pending -= len(batch)
            self.given_up += len(batch)


class _Post:
    """POSTs to the receiver, a few at a time; says whether it answered 200."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._slots = asyncio.Semaphore(_PARALLEL_POSTS)

    async def __call__(self, body: bytes, signature: str | None) -> bool:
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers["X-Hub-Signature-256"] = signature
        try:
            async with (
                self._slots,
                self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return answer.status == 200  # noqa: PLR2004 - an HTTP status is its own name
        except (aiohttp.ClientError, TimeoutError):
            return False
