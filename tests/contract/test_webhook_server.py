"""The webhook over real sockets: who is let in, and what is kept before anybody hears 200."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from campaign.adapters.whatsapp.signature import sign
from campaign.domain.errors import ConfigurationError, Unreachable
from campaign.entrypoints.web import app as web_app
from campaign.entrypoints.web import webhook as web_webhook
from campaign.entrypoints.web.app import WEBHOOK, create_app, listening

SECRET = "0123456789abcdef0123456789abcdef"
OLD_SECRET = "fedcba9876543210fedcba9876543210"
TOKEN = "a verify token: ü"
PATH_SECRET = "p" * 32
BODY = json.dumps({"object": "whatsapp_business_account", "entry": [], "text": "Grüße 🎉"}).encode()
RAW_EMOJI = '{"object":"whatsapp_business_account","text":"Grüße 🎉"}'.encode()


class KeptIntake:
    """An intake that remembers, and is away on request."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.away = False
        self.commit = asyncio.Event()
        self.commit.set()

    async def keep(self, body: bytes) -> None:
        if self.away:
            raise Unreachable("the database cannot be reached")
        await self.commit.wait()
        self.bodies.append(body)

    async def ready(self) -> bool:
        return not self.away


class Server:
    """One listening server, spoken to in raw HTTP."""

    def __init__(self, port: int, intake: KeptIntake, app: web.Application | None = None) -> None:
        self.port = port
        self.intake = intake
        self.app = app or web.Application()

    async def say(self, head: str, body: bytes = b"", *, connection: str = "close") -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"{head}\r\nHost: here\r\nConnection: {connection}\r\n\r\n".encode() + body)
            return await read_answer(reader)
        finally:
            writer.close()

    async def post(self, body: bytes, *headers: str, path: str = "/webhook") -> tuple[int, bytes]:
        lines = [f"POST {path} HTTP/1.1", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
        return await self.say("\r\n".join(lines), body)

    async def get(self, path: str) -> tuple[int, bytes]:
        return await self.say(f"GET {path} HTTP/1.1")


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head, _, body = (await asyncio.wait_for(reader.read(), 30)).partition(b"\r\n\r\n")
    return int(head.split()[1]) if head else 0, body


def signed(body: bytes, secret: str = SECRET) -> str:
    return f"X-Hub-Signature-256: {sign(body, secret)}"


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    intake = KeptIntake()
    app = create_app(intake, secrets=[SECRET, OLD_SECRET], verify_token=TOKEN, path_secret=PATH_SECRET)
    async with listening(app, host="127.0.0.1", port=0) as port:
        yield Server(port, intake, app)


@pytest.mark.parametrize("body", [BODY, RAW_EMOJI, b"", b"not json", b"\xff\x00", b" " * 3_000_000])
@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
async def test_what_is_signed_is_kept_byte_for_byte(server: Server, body: bytes, secret: str) -> None:
    """Also what is no JSON: refused, it would be repeated for days."""
    assert await server.post(body, signed(body, secret)) == (200, b"")
    assert server.intake.bodies == [body]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [signed(BODY, "wrong")],
        [signed(RAW_EMOJI)],
        [signed(BODY).replace("sha256=", "sha1=")],
        [signed(BODY).replace("sha256=", "")],
        [signed(BODY)[:-1]],
        [signed(BODY) + "0"],
        ["X-Hub-Signature-256: sha256=" + signed(BODY)[-64:].upper()],
        [signed(BODY), signed(BODY)],
        [signed(BODY, "wrong"), signed(BODY)],
        [signed(BODY).replace("-256", "")],
    ],
)
async def test_a_bad_signature_is_refused_and_nothing_is_written(server: Server, headers: list[str]) -> None:
    assert await server.post(BODY, *headers) == (401, b"")
    assert server.intake.bodies == []


async def test_a_secret_is_replaced_without_a_moment_in_which_nothing_is_believed(server: Server) -> None:
    new = "abcdef0123456789abcdef0123456789"

    server.app[WEBHOOK].believe(secrets=[new, SECRET], verify_token=TOKEN)

    assert [(await server.post(BODY, signed(BODY, each)))[0] for each in (SECRET, new, OLD_SECRET)] == [200, 200, 401]
    server.app[WEBHOOK].believe(secrets=[new], verify_token=TOKEN)
    assert (await server.post(BODY, signed(BODY)))[0] == 401
    assert server.intake.bodies == [BODY, BODY]


async def test_the_200_waits_for_the_commit(server: Server) -> None:
    server.intake.commit.clear()
    asked = asyncio.ensure_future(server.post(BODY, signed(BODY)))
    await asyncio.sleep(0.2)
    assert not asked.done()

    server.intake.commit.set()

    assert await asked == (200, b"")


async def test_the_platform_is_told_to_come_again_while_the_database_is_away(server: Server) -> None:
    server.intake.away = True

    assert await server.post(BODY, signed(BODY)) == (503, b"")
    assert (await server.get("/readyz"))[0] == 503
    assert (await server.get("/healthz"))[0] == 200
    server.intake.away = False
    assert (await server.get("/readyz"))[0] == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "identity", "zstd"])
async def test_an_encoded_body_is_refused(server: Server, encoding: str) -> None:
    body = gzip.compress(BODY)

    assert (await server.post(body, signed(body), f"Content-Encoding: {encoding}"))[0] == 415
    assert server.intake.bodies == []


def chunked(body: bytes, *, size: int = 7) -> bytes:
    pieces = [body[first : first + size] for first in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


async def test_a_body_in_chunks_is_kept_whole_and_an_encoded_one_refused(server: Server) -> None:
    head = f"POST /webhook HTTP/1.1\r\n{signed(RAW_EMOJI)}\r\nTransfer-Encoding: "

    assert (await server.say(f"{head}chunked", chunked(RAW_EMOJI)))[0] == 200
    assert (await server.say(f"{head}gzip, chunked", chunked(RAW_EMOJI)))[0] == 415
    assert server.intake.bodies == [RAW_EMOJI]


@pytest.mark.parametrize(
    "lengths",
    [
        ["Content-Length: 92", "Content-Length: 3"],
        ["Content-Length: -1"],
        ["Content-Length: 0x5c"],
        ["Transfer-Encoding: chunked", "Content-Length: 3"],
    ],
)
async def test_a_body_whose_end_can_be_read_in_two_ways_is_refused(server: Server, lengths: list[str]) -> None:
    assert (await server.say("\r\n".join(["POST /webhook HTTP/1.1", signed(BODY), *lengths]), BODY))[0] == 400
    assert server.intake.bodies == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
async def test_the_webhook_is_posted_to_or_asked_and_nothing_else(server: Server, method: str) -> None:
    assert (await server.say(f"{method} /webhook HTTP/1.1\r\nContent-Length: 0\r\n{signed(b'')}"))[0] == 405
    assert server.intake.bodies == []


async def test_a_body_that_trickles_is_given_up_though_it_never_stops(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_webhook, "READ_SECONDS", 0.3)

    async with asyncio.timeout(30):
        head = b"POST /webhook HTTP/1.1\r\nHost: here\r\nContent-Length: 1000\r\n\r\n"
        assert await drip(server.port, head + b" " * 1000) < 1000
    assert server.intake.bodies == []


async def test_a_body_of_more_than_4_mb_is_refused_by_its_length_or_by_counting(server: Server) -> None:
    announced = "POST /webhook HTTP/1.1\r\nContent-Length: 4194305"
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    chunked = "POST /webhook HTTP/1.1\r\nTransfer-Encoding: chunked"

    assert (await server.say(announced))[0] == 413
    assert (await server.say(chunked, chunk * 65 + b"0\r\n\r\n"))[0] == 413
    assert server.intake.bodies == []


async def test_a_slow_body_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_webhook, "READ_SECONDS", 0.3)

    status, _ = await server.say("POST /webhook HTTP/1.1\r\nContent-Length: 100", b"{")

    assert status == 408
    assert server.intake.bodies == []


async def test_slow_headers_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then does not keep the connection."""
    monkeypatch.setattr(web_app, "IDLE_SECONDS", 0.5)
    app = create_app(KeptIntake(), secrets=[SECRET], verify_token=TOKEN)
    async with listening(app, host="127.0.0.1", port=0) as port:
        async with asyncio.timeout(30):
            assert await drip(port, b"GET /healthz HTTP/1.1\r\nX: " + b"y" * 1000) < 1000


async def drip(port: int, text: bytes) -> int:
    """Send a byte now and then; return how many went before the other side closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = 0
    with suppress(ConnectionError):
        while sent < len(text) and not reader.at_eof():
            writer.write(text[sent : sent + 1])
            await writer.drain()
            await asyncio.sleep(0.05)
            sent += 1
    writer.close()
    return sent


async def test_one_connection_too_many_is_closed() -> None:
    app = create_app(KeptIntake(), secrets=[SECRET], verify_token=TOKEN)
    request = f"POST /webhook HTTP/1.1\r\nHost: here\r\nContent-Length: {len(BODY)}\r\n{signed(BODY)}\r\n\r\n"
    async with listening(app, host="127.0.0.1", port=0, connections=3) as port:
        server = Server(port, KeptIntake())
        open_ones = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for reader, writer in open_ones:
            writer.write(request.encode() + BODY)
            await reader.readuntil(b"\r\n\r\n")

        assert (await server.get("/healthz"))[0] == 0
        for _, writer in open_ones:
            writer.close()
            await writer.wait_closed()
        await asyncio.sleep(0.1)
        assert (await server.get("/healthz"))[0] == 200


async def test_whoever_says_nothing_makes_room_for_whoever_is_genuine() -> None:
    intake = KeptIntake()
    app = create_app(intake, secrets=[SECRET], verify_token=TOKEN)
    async with listening(app, host="127.0.0.1", port=0, connections=3) as port:
        server = Server(port, intake)
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await asyncio.sleep(0.1)

        assert (await server.post(BODY, signed(BODY)))[0] == 200
        assert await idle[0][0].read() == b""
        for _, writer in idle:
            writer.close()


async def test_a_connection_that_was_believed_is_kept_in_a_crowd() -> None:
    app = create_app(KeptIntake(), secrets=[SECRET], verify_token=TOKEN)
    async with listening(app, host="127.0.0.1", port=0, connections=2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = f"POST /webhook HTTP/1.1\r\nHost: here\r\nContent-Length: {len(BODY)}\r\n{signed(BODY)}\r\n\r\n"
        for _ in range(3):
            writer.write(request.encode() + BODY)
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            crowd = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
            await asyncio.sleep(0.1)
            for _, other in crowd:
                other.close()
        writer.close()


async def test_of_larger_bodies_few_are_read_at_once_and_ordinary_ones_wait_for_none(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has proved anything yet, and 200 of them would take a gigabyte."""
    monkeypatch.setattr(web_webhook, "TURN_SECONDS", 0.3)
    head = f"POST /webhook HTTP/1.1\r\nHost: here\r\nContent-Length: {web_webhook.SMALL_BODY + 1}\r\n\r\n".encode()
    slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(web_webhook.LARGER_BODIES)]
    for _, writer in slow:
        writer.write(head)
    await asyncio.sleep(0.1)
    larger = b" " * 1_000_000

    assert await server.post(larger, signed(larger)) == (503, b"")
    assert await server.post(BODY, signed(BODY)) == (200, b"")
    for _, writer in slow:
        writer.close()
    await asyncio.sleep(0.1)
    assert await server.post(larger, signed(larger)) == (200, b"")


HANDSHAKE = "/webhook?hub.mode=subscribe&hub.verify_token=a%20verify%20token:%20%C3%BC"


@pytest.mark.parametrize("challenge", ["1158201444", "x" * 256, "%3Cscript%3E"])
async def test_the_challenge_is_echoed_as_plain_text(server: Server, challenge: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    query = f"{HANDSHAKE}&hub.challenge={challenge}"
    writer.write(f"GET {query} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()

    assert head.startswith(b"HTTP/1.1 200")
    assert b"content-type: text/plain" in head.lower()
    assert body == challenge.replace("%3C", "<").replace("%3E", ">").encode()


@pytest.mark.parametrize(
    "path",
    [
        "/webhook",
        HANDSHAKE,
        f"{HANDSHAKE}&hub.challenge=",
        f"{HANDSHAKE}&hub.challenge={'x' * 257}",
        f"{HANDSHAKE}x&hub.challenge=1",
        f"{HANDSHAKE}%00&hub.challenge=1",
        f"{HANDSHAKE.replace('subscribe', 'unsubscribe')}&hub.challenge=1",
        f"{HANDSHAKE.replace('?', '?hub.verify_token=x&')}&hub.challenge=1",
        "/webhook?hub.mode=subscribe&hub.challenge=1",
        "/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        "/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=%ED%A0%80%FF",
    ],
)
async def test_a_bad_handshake_is_refused(server: Server, path: str) -> None:
    assert await server.get(path) == (403, b"")


async def test_without_a_verify_token_no_handshake_succeeds() -> None:
    app = create_app(KeptIntake(), secrets=[SECRET], verify_token="")
    async with listening(app, host="127.0.0.1", port=0) as port:
        path = "/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token="
        assert (await Server(port, KeptIntake()).get(path))[0] == 403


async def test_on_premises_a_secret_path_takes_the_signatures_place(server: Server) -> None:
    assert (await server.post(BODY, path=f"/webhook/{PATH_SECRET}"))[0] == 200
    assert (await server.post(BODY, path=f"/webhook/{PATH_SECRET[:-1]}q"))[0] == 404
    assert (await server.post(BODY, path="/webhook/%ED%A0%80"))[0] == 404
    assert server.intake.bodies == [BODY]


async def test_without_a_secret_path_none_is_accepted() -> None:
    intake = KeptIntake()
    app = create_app(intake, secrets=[SECRET], verify_token=TOKEN)
    async with listening(app, host="127.0.0.1", port=0) as port:
        assert (await Server(port, intake).post(BODY, signed(BODY), path="/webhook/x"))[0] == 404
    assert intake.bodies == []


@pytest.mark.parametrize("secrets", [[], [""]])
def test_without_a_secret_nothing_starts(secrets: list[str]) -> None:
    with pytest.raises(ConfigurationError, match="app_secret"):
        create_app(KeptIntake(), secrets=secrets, verify_token=TOKEN)


def test_a_short_secret_path_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="webhook_path"):
        create_app(KeptIntake(), secrets=[], verify_token=TOKEN, path_secret="p" * 31)


async def test_a_request_under_way_is_answered_before_the_server_stops() -> None:
    intake = KeptIntake()
    app = create_app(intake, secrets=[SECRET], verify_token=TOKEN)
    intake.commit.clear()
    async with listening(app, host="127.0.0.1", port=0) as port:
        server = Server(port, intake)
        asked = asyncio.ensure_future(server.post(BODY, signed(BODY)))
        await asyncio.sleep(0.2)
        asyncio.get_running_loop().call_later(0.2, intake.commit.set)

    assert await asked == (200, b"")
    with pytest.raises(ConnectionError):
        await server.get("/healthz")


async def test_a_taken_port_is_named(server: Server) -> None:
    app = create_app(KeptIntake(), secrets=[SECRET], verify_token=TOKEN)
    with pytest.raises(ConfigurationError, match=f"port {server.port} .* in use"):
        async with listening(app, host="127.0.0.1", port=server.port):
            pass


def test_nothing_reads_a_body_before_its_signature_is_checked() -> None:
    source = Path(web_webhook.__file__).read_text(encoding="utf-8")

    assert ".json(" not in source
    assert "loads(" not in source
