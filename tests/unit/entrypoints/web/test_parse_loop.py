"""The task that parses: nothing it meets may stop it, except being told to."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn

import pytest

from campaign.adapters.whatsapp.webhooks import Parsed
from campaign.domain.receipt import Heard, Other, Unstorable
from campaign.entrypoints.web import parse_loop
from campaign.entrypoints.web.parse_loop import ParseLoop
from campaign.receipts import Findings, Receipts


class Inbox:
    """Bodies in memory, and the one batch that is open; its work is undone if it raises."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = dict(enumerate(bodies, 1))
        self.parsed: dict[int, str | None] = {}

    async def together(self, work: Callable[[Any], Awaitable[Any]]) -> Any:
        before = dict(self.parsed)
        try:
            return await work(self)
        except BaseException:
            self.parsed = before
            raise

    async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
        return [(id_, body) for id_, body in self.bodies.items() if id_ not in self.parsed][:limit]

    async def mark_parsed(self, webhooks: Sequence[tuple[int, str | None]]) -> None:
        self.parsed.update(webhooks)

    async def unmatched(self, limit: int, *, everything: bool) -> Sequence[str]:
        return []


class PickyReceipts(Receipts):
    """Takes anything but what is named `bad`."""

    async def take(self, batch: Any, heard: Sequence[Heard]) -> Findings:
        if any(Other("bad") in each.items for each in heard):
            raise Unstorable("the ledger refused it")
        return Findings()


def loop_over(inbox: Any, parse: Callable[[bytes], Parsed] | None = None) -> ParseLoop:
    return ParseLoop(inbox, PickyReceipts(inbox, installation="0123abcd", key=b"k" * 32), parse=parse or named)


def named(body: bytes) -> Parsed:
    return Parsed([Other(body.decode())])


async def test_a_refused_body_is_found_among_many_and_set_aside_alone() -> None:
    inbox = Inbox(*[b"good"] * 37, b"bad", *[b"good"] * 20, b"bad")
    loop = loop_over(inbox)

    while await loop.step():
        pass

    refused = {id_: why for id_, why in inbox.parsed.items() if why}
    assert len(inbox.parsed) == 59
    assert refused == {38: "body: the ledger refused it", 59: "body: the ledger refused it"}


async def test_a_body_that_another_receiver_took_is_not_set_aside_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_loop, "BODIES_AT_ONCE", 1)
    inbox: Any = Inbox(b"bad", b"good")

    class Rivalled(PickyReceipts):
        async def take(self, batch: Any, heard: Sequence[Heard]) -> Findings:
            try:
                return await super().take(batch, heard)
            finally:
                inbox.bodies.pop(1, None)

    receipts = Rivalled(inbox, installation="0123abcd", key=b"k" * 32)
    loop = ParseLoop(inbox, receipts, parse=lambda body: Parsed([Other(body.decode())]))
    while await loop.step():
        pass

    assert inbox.parsed == {2: None}


async def test_a_mistake_of_the_parser_costs_one_body() -> None:
    def parse(body: bytes) -> Parsed:
        if body == b"odd":
            raise ZeroDivisionError
        return Parsed()

    inbox = Inbox(b"good", b"odd", b"good")

    assert await loop_over(inbox, parse).step() == 3
    assert inbox.parsed == {1: None, 2: "body: ZeroDivisionError", 3: None}


async def test_large_bodies_do_not_share_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_loop, "BYTES_AT_ONCE", 10)
    inbox = Inbox(b"x" * 50, b"1234", b"5678", b"90ab")
    loop = loop_over(inbox)

    assert [await loop.step() for _ in range(4)] == [1, 2, 1, 0]


async def test_what_is_quarantined_is_listed_but_not_without_end() -> None:
    inbox = Inbox(b"")

    await loop_over(inbox, lambda _: Parsed(quarantined=[f"status {index}" for index in range(1000)])).step()

    listed = (inbox.parsed[1] or "").splitlines()
    assert listed[-1] == "and 980 more"
    assert len(listed) == 21


async def test_trouble_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_loop, "TROUBLE_SECONDS", 0.001)

    class Flaky(Inbox):
        troubles = 3

        async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
            self.troubles -= 1
            if self.troubles > 0:
                raise LookupError
            return await super().unparsed(limit)

        async def mark_parsed(self, webhooks: Sequence[tuple[int, str | None]]) -> None:
            await super().mark_parsed(webhooks)
            stop.set()

    inbox, stop = Flaky(b"good"), asyncio.Event()

    async with asyncio.timeout(30):
        await loop_over(inbox).run(stop)

    assert inbox.parsed == {1: None}


async def test_a_full_batch_is_followed_at_once_and_a_small_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    stop = asyncio.Event()

    class Counted(Inbox):
        async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
            found = await super().unparsed(limit)
            asked.append(len(found))
            return found

    async def rest(_: asyncio.Event, seconds: float) -> None:
        assert seconds == parse_loop.IDLE_SECONDS
        stop.set()

    monkeypatch.setattr(parse_loop, "_rest", rest)
    async with asyncio.timeout(30):
        await loop_over(Counted(*[b"good"] * 1_050)).run(stop)

    assert asked == [500, 500, 50]


@pytest.mark.parametrize(("late", "waits"), [(0.0, 0.0), (0.02, 0.0), (0.1, 0.4), (7.0, 1.0)])
async def test_applying_steps_back_while_answers_are_late(
    monkeypatch: pytest.MonkeyPatch, late: float, waits: float
) -> None:
    inbox, stop, rests = Inbox(*[b"good"] * 600), asyncio.Event(), []

    async def rest(stop: asyncio.Event, seconds: float) -> None:
        rests.append(seconds)
        stop.set()

    monkeypatch.setattr(parse_loop, "_rest", rest)
    monkeypatch.setattr(parse_loop, "IDLE_SECONDS", 60.0)
    loop = ParseLoop(
        inbox, PickyReceipts(inbox, installation="0123abcd", key=b"k" * 32), late=lambda: late, parse=named
    )
    await loop.run(stop)

    # Without a rest it goes on at once, until nothing that is worth a transaction is left.
    assert rests == [pytest.approx(waits) if waits else 60.0]


async def test_a_sweep_that_fails_does_not_slow_the_applying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_loop, "TROUBLE_SECONDS", 0.001)
    inbox, stop = Inbox(*[b"good"] * 10), asyncio.Event()
    swept = 0

    class Sweepless(PickyReceipts):
        async def sweep(self, *, everything: bool = False) -> int:
            nonlocal swept
            swept += 1
            raise LookupError

        async def take(self, batch: Any, heard: Sequence[Heard]) -> Findings:
            if len(inbox.parsed) == 9:
                stop.set()
            return await super().take(batch, heard)

    monkeypatch.setattr(parse_loop, "BODIES_AT_ONCE", 1)
    loop = ParseLoop(inbox, Sweepless(inbox, installation="0123abcd", key=b"k" * 32), parse=lambda _: Parsed())
    async with asyncio.timeout(30):
        await loop.run(stop)

    assert (len(inbox.parsed), swept) == (10, 1)


async def test_it_stops_though_the_ledger_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse_loop, "STOP_SECONDS", 0.001)
    stop = asyncio.Event()

    class Away:
        async def together(self, work: Any) -> NoReturn:
            stop.set()
            await asyncio.Event().wait()
            raise AssertionError

    async with asyncio.timeout(30):
        await loop_over(Away()).run(stop)
