"""The client on a real socket: what left, what came back, and what that makes of it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from campaign.adapters.whatsapp import session as session_module
from campaign.adapters.whatsapp.client import WhatsAppClient
from campaign.adapters.whatsapp.cloud import CloudWire
from campaign.adapters.whatsapp.grants import FixedToken
from campaign.adapters.whatsapp.session import LONGEST_ANSWER, open_session
from campaign.adapters.whatsapp.wire import table_of
from campaign.domain.outcome import Accepted, Halt, NotNow, NotSent, Outcome, Rejected, Scope, Unclear
from campaign.ports import Post, Route
from campaign.ports.media import MediaFile, NotUploaded, Uploaded
from campaign.settings.secret import Secret
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
    serving_by,
    truncate,
)

TOKEN = "EAAG-canary-token"
NUMBER = "+33612345678"
POST = Post("106540352242922", NUMBER, b'{"type":"text","text":{"body":"hello"}}', "c1.0123abcd.x.0.1")


def client_of(session: aiohttp.ClientSession, base_url: str, secret: Secret | None = None) -> WhatsAppClient:
    wire = CloudWire(table_of("cloud"), base_url=base_url, version="v23.0")
    return WhatsAppClient(session, wire=wire, credentials=FixedToken(secret or Secret(TOKEN)))


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
        client = client_of(session, f"{scheme}://127.0.0.1:{port}")
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
        client = client_of(session, "http://nowhere.invalid")

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
    monkeypatch.setattr(session_module, "CONNECT_SECONDS", 0.2)
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
        client = client_of(session, f"http://127.0.0.1:{server.port}")
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
    monkeypatch.setattr(session_module, "POST_SECONDS", 0.3)
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


# The other endpoint, and read receipts.


async def test_a_marketing_message_goes_to_its_own_endpoint_with_its_policy() -> None:
    post = POST._replace(route=Route("marketing_messages", b'"product_policy":"STRICT",'))
    async with serving(http(200, OK)) as server, open_session() as session:
        client = client_of(session, f"http://127.0.0.1:{server.port}")
        assert [await client.send(each, Departing()) for each in (post, POST)] == [Accepted("wamid.1")] * 2

    first, second = server.received
    assert first.startswith(b"POST /v23.0/106540352242922/marketing_messages HTTP/1.1\r\n")
    assert b'"product_policy":"STRICT",' + POST.content[1:] in first
    assert second.startswith(b"POST /v23.0/106540352242922/messages HTTP/1.1\r\n")


async def test_a_read_receipt_carries_no_address_and_is_accepted_under_the_id_it_marks() -> None:
    post = POST._replace(content=b'{"message_id":"wamid.inbound","status":"read"}')
    async with serving(http(200, b'{"success": true}')) as server, open_session() as session:
        client = client_of(session, f"http://127.0.0.1:{server.port}")
        assert await client.send(post, Departing()) == Accepted("wamid.inbound")

    (request,) = server.received
    assert request.endswith(b'{"messaging_product":"whatsapp","message_id":"wamid.inbound","status":"read"}')


# A token that is refused.

EXPIRED = http(401, b'{"error":{"code":190}}')


def file_of(path: Path) -> Secret:
    return Secret(path.read_text(), path.read_text)


async def test_a_refused_token_halts_when_its_file_holds_no_other(tmp_path: Path) -> None:
    (path := tmp_path / "token").write_text(TOKEN)
    async with serving(EXPIRED) as server, open_session() as session:
        client = client_of(session, f"http://127.0.0.1:{server.port}", file_of(path))
        assert await client.send(POST, Departing()) == NotNow(190, Scope.NUMBER, 1.0, Halt.TOKEN)


async def test_a_refused_token_is_read_again_and_the_message_goes_back_in_line(tmp_path: Path) -> None:
    (path := tmp_path / "token").write_text(TOKEN)

    def by_token(request: bytes) -> Answer:
        return http(200, OK) if b"Bearer EAAG-fresh-token" in request else EXPIRED

    async with serving_by(by_token) as server, open_session() as session:
        client = client_of(session, f"http://127.0.0.1:{server.port}", file_of(path))
        path.write_text("EAAG-fresh-token")
        herd = await asyncio.gather(*(client.send(POST, Departing()) for _ in range(20)))
        again = await client.send(POST, Departing())

    assert set(herd) == {NotNow(190, Scope.NUMBER, 1.0)}
    assert again == Accepted("wamid.1")


async def test_a_token_that_others_had_read_again_is_used_at_once(tmp_path: Path) -> None:
    (path := tmp_path / "token").write_text(TOKEN)
    secret = file_of(path)
    async with serving(http(200, OK)) as server, open_session() as session:
        client = client_of(session, f"http://127.0.0.1:{server.port}", secret)
        path.write_text("EAAG-fresh-token")
        secret.reread()
        await client.send(POST, Departing())

    assert b"Bearer EAAG-fresh-token" in server.received[0]


# Uploads.

FILE = MediaFile(b"\x01" * 32, "image/png", "spring.png", b"\x89PNG bytes")


async def upload(answer: Answer, file: MediaFile = FILE) -> tuple[Uploaded | NotUploaded, list[bytes]]:
    async with serving(answer) as server, open_session() as session:
        client = client_of(session, f"http://127.0.0.1:{server.port}")
        return await client.upload("106540352242922", file), server.received


async def test_a_file_is_uploaded_as_a_form_for_its_number() -> None:
    done, (request,) = await upload(http(200, b'{"id":"4490709327384033"}'))

    assert done == Uploaded("4490709327384033")
    assert request.startswith(b"POST /v23.0/106540352242922/media HTTP/1.1\r\n")
    assert b"Authorization: Bearer EAAG-canary-token\r\n" in request
    assert b'name="messaging_product"\r\n\r\nwhatsapp\r\n' in request
    assert b'name="type"\r\n\r\nimage/png\r\n' in request
    assert b'name="file"; filename="spring.png"\r\n\r\n\x89PNG bytes\r\n' in request


async def test_a_large_file_is_uploaded_whole() -> None:
    large = replace(FILE, content=b"\x89PNG" + b"0123456789" * 400_000)
    done, (request,) = await upload(http(200, b'{"id":"1"}'), large)

    assert done == Uploaded("1")
    assert large.content in request


async def test_a_session_that_is_closed_is_an_answer_too() -> None:
    async with open_session() as session:
        client = client_of(session, "http://127.0.0.1:1")

    assert await client.upload("1", FILE) == NotUploaded("RuntimeError")
    assert await client.send(POST, Departing()) == NotSent("RuntimeError", connection=False)


@pytest.mark.parametrize(
    ("answer", "refused", "code"),
    [
        (http(400, b'{"error":{"code":131053}}'), True, 131053),
        (http(400, b'{"error":{"code":100}}'), True, 100),
        (http(413, b"<html>"), True, None),
        (http(401, b'{"error":{"code":190}}'), True, 190),
        (http(403, b'{"error":{"code":10}}'), True, 10),
        (http(400, b'{"error":{"code":80007}}'), False, 80007),
        (http(429, b""), False, None),
        (http(500, b'{"error":{"code":131000}}'), False, 131000),
        (http(200, b"{}"), False, None),
        (http(200, b'{"id":["x"]}'), False, None),
        (reset, False, None),
    ],
)
async def test_an_upload_that_fails_tells_whether_it_will_ever_do(
    answer: Answer,
    refused: bool,  # noqa: FBT001 - a column of the table
    code: int | None,
) -> None:
    done, _ = await upload(answer)

    assert isinstance(done, NotUploaded)
    assert (done.refused, done.code) == (refused, code)
    assert TOKEN not in repr(done)


@pytest.mark.parametrize(
    ("answer", "halt"),
    [
        (http(400, b'{"error":{"code":131053}}'), Halt.NOTHING),
        (http(400, b'{"error":{"code":80007}}'), Halt.NOTHING),
        (http(401, b'{"error":{"code":190}}'), Halt.TOKEN),
        (http(403, b'{"error":{"code":10}}'), Halt.ACCOUNT),
        (http(403, b'{"error":{"code":200}}'), Halt.ACCOUNT),
        (http(400, b'{"error":{"code":133010}}'), Halt.NUMBER),
        (http(500, b'{"error":{"code":3}}'), Halt.ACCOUNT),
        (http(500, b'{"error":{"code":131000}}'), Halt.NOTHING),
    ],
)
async def test_an_upload_that_is_refused_for_more_than_the_file_says_what_stops(answer: Answer, halt: Halt) -> None:
    done, _ = await upload(answer)

    assert isinstance(done, NotUploaded)
    assert done.halt is halt
    assert done.refused or halt is Halt.NOTHING


async def test_an_upload_with_an_expired_token_is_tried_again_with_the_fresh_one(tmp_path: Path) -> None:
    (path := tmp_path / "token").write_text(TOKEN)
    taken = http(200, b'{"id":"1"}')
    async with (
        serving_by(lambda request: taken if b"Bearer EAAG-fresh-token" in request else EXPIRED) as server,
        open_session() as session,
    ):
        client = client_of(session, f"http://127.0.0.1:{server.port}", file_of(path))
        path.write_text("EAAG-fresh-token")
        assert await client.upload("1", FILE) == Uploaded("1")
