"""The client on a real socket: what left, what came back, and what that makes of it."""

import asyncio

import pytest

from campaign.adapters.whatsapp import client as client_module
from campaign.adapters.whatsapp.client import LONGEST_ANSWER, CloudClient, open_session
from campaign.domain.outcome import Accepted, NotSent, Outcome, Rejected, Unclear
from campaign.ports import Post
from tests.contract.raw_server import (
    OK,
    Answer,
    Server,
    babble,
    drip,
    free_port,
    hang,
    http,
    reset,
    serving,
    serving_before_reading,
    truncate,
)

TOKEN = "EAAG-canary-token"
NUMBER = "+33612345678"
POST = Post("106540352242922", NUMBER, b'{"type":"text","text":{"body":"hello"}}', "c1.0123abcd.x.0.1")


class Departing:
    """The port `Departure`: lets go, or refuses."""

    def __init__(self, refusal: Exception | None = None, server: Server | None = None) -> None:
        self.departed = False
        self.count = 0
        self.received_before = -1
        self._refusal = refusal
        self._server = server

    async def depart(self) -> None:
        # Time enough for a byte that was written too soon to arrive.
        await asyncio.sleep(0.05)
        self.count += 1
        if self._refusal is not None:
            raise self._refusal
        if self._server is not None:
            self.received_before = len(self._server.received)
        self.departed = True


async def send(port: int, departing: Departing | None = None, *, scheme: str = "http", times: int = 1) -> list[Outcome]:
    departing = departing or Departing()
    async with open_session() as session:
        client = CloudClient(session, base_url=f"{scheme}://127.0.0.1:{port}", version="v23.0", token=TOKEN)
        return [await client.send(POST, departing) for _ in range(times)]


async def test_a_message_is_posted_once_with_its_token_and_accepted() -> None:
    async with serving(http(200, OK)) as server:
        assert await send(server.port) == [Accepted("wamid.1")]

    (request,) = server.received
    assert request.startswith(b"POST /v23.0/106540352242922/messages HTTP/1.1\r\n")
    assert b"Authorization: Bearer EAAG-canary-token\r\n" in request
    assert request.endswith(b'"biz_opaque_callback_data":"c1.0123abcd.x.0.1",' + POST.content[1:])


async def test_a_refusal_is_read() -> None:
    async with serving(http(400, b'{"error":{"code":131026}}')) as server:
        assert await send(server.port) == [Rejected(131026)]


# Nothing left.


async def test_a_refused_connection_proves_that_nothing_left() -> None:
    departing = Departing()

    (outcome,) = await send(free_port(), departing)

    assert outcome == NotSent("ClientConnectorError", connection=True)
    assert departing.count == 0


async def test_a_name_that_does_not_resolve_proves_that_nothing_left() -> None:
    async with open_session() as session:
        client = CloudClient(session, base_url="http://nowhere.invalid", version="v23.0", token=TOKEN)

        outcome = await client.send(POST, Departing())

    assert outcome == NotSent("ClientConnectorDNSError", connection=True)


@pytest.mark.parametrize("answer", [babble, reset])
async def test_a_failed_handshake_proves_that_nothing_left(answer: Answer) -> None:
    departing = Departing()
    async with serving_before_reading(answer) as port:
        (outcome,) = await send(port, departing, scheme="https")

    assert isinstance(outcome, NotSent)
    assert outcome.connection
    assert departing.count == 0


async def test_a_handshake_that_never_ends_proves_that_nothing_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "CONNECT_SECONDS", 0.2)
    departing = Departing()
    async with serving_before_reading(hang) as port:
        (outcome,) = await send(port, departing, scheme="https")

    assert isinstance(outcome, NotSent)
    assert outcome.connection
    assert departing.count == 0


async def test_a_departure_that_is_refused_writes_nothing_and_does_not_blame_the_network() -> None:
    async with serving(http(200, OK)) as server:
        (outcome,) = await send(server.port, Departing(ValueError("too late")))
        await asyncio.sleep(0.05)

    assert outcome == NotSent("ValueError", connection=False)
    assert server.connections == 1
    assert server.received == []


async def test_a_refused_departure_does_not_spoil_the_connection_for_the_next_message() -> None:
    async with serving(http(200, OK)) as server, open_session() as session:
        client = CloudClient(session, base_url=f"http://127.0.0.1:{server.port}", version="v23.0", token=TOKEN)
        outcomes = [
            await client.send(POST, Departing()),
            await client.send(POST, Departing(ValueError())),
            await client.send(POST, Departing()),
        ]

    assert outcomes == [Accepted("wamid.1"), NotSent("ValueError", connection=False), Accepted("wamid.1")]
    assert len(server.received) == 2


async def test_the_headers_event_comes_before_the_first_byte() -> None:
    """The ground under `NotSent`: an aiohttp that writes first would have to be refused."""
    async with serving(http(200, OK)) as server:
        departing = Departing(server=server)
        assert await send(server.port, departing, times=2) == [Accepted("wamid.1")] * 2

    assert departing.count == 2
    assert departing.received_before == 1


# It left.


@pytest.mark.parametrize("answer", [reset, truncate, babble])
async def test_a_connection_that_breaks_after_departure_leaves_it_unclear(answer: Answer) -> None:
    async with serving(answer) as server:
        (outcome,) = await send(server.port)

    assert isinstance(outcome, Unclear)
    assert len(server.received) == 1


@pytest.mark.parametrize("answer", [hang, drip])
async def test_an_answer_that_does_not_come_in_time_leaves_it_unclear(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "POST_SECONDS", 0.3)
    async with serving(answer) as server:
        (outcome,) = await send(server.port)

    assert isinstance(outcome, Unclear)
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serving(http(200, OK)) as elsewhere:
        location = b"Location: http://127.0.0.1:%d/" % elsewhere.port
        async with serving(http(status, b"", location)) as server:
            (outcome,) = await send(server.port)

    assert isinstance(outcome, Unclear)
    assert (len(server.received), len(elsewhere.received)) == (1, 0)


async def test_a_post_on_a_connection_that_died_meanwhile_is_not_sent_again() -> None:
    answers = 0

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal answers
        answers += 1
        if answers > 1:
            await reset(reader, writer)
        await http(200, OK)(reader, writer)

    async with serving(once) as server:
        first, second = await send(server.port, times=2)

    assert first == Accepted("wamid.1")
    assert isinstance(second, Unclear)
    assert (len(server.received), server.connections) == (2, 1)


async def test_an_endless_answer_is_cut_off_and_unclear() -> None:
    async with serving(http(200, b"[" * (LONGEST_ANSWER * 4))) as server:
        assert await send(server.port) == [Unclear("unreadable")]


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with serving(http(200, OK)) as server:
        assert await send(server.port) == [Accepted("wamid.1")]


@pytest.mark.parametrize("answer", [reset, truncate, babble, http(500, b"oops"), http(401, b'{"error":{"code":190}}')])
async def test_no_outcome_names_the_token_or_the_number(answer: Answer) -> None:
    async with serving(answer) as server:
        outcomes = await send(server.port)
    outcomes += await send(free_port()) + await send(free_port(), scheme="https")
    async with serving(http(200, OK)) as server:
        outcomes += await send(server.port, Departing(ValueError(f"{TOKEN} {NUMBER}")))

    said = repr(outcomes) + "".join(map(str, outcomes))
    assert TOKEN not in said
    assert NUMBER not in said


async def test_a_cancelled_request_is_a_cancellation_and_no_outcome() -> None:
    async with serving(hang) as server:
        sending = asyncio.create_task(send(server.port))
        await server.asked.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
