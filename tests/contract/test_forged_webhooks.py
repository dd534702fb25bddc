"""Ten thousand forgeries over real sockets: none is believed, nothing is written; and nothing genuine is refused."""

import asyncio
import hmac
import json
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import pytest
from structlog.testing import capture_logs

from campaign.adapters.whatsapp.signature import sign
from campaign.entrypoints.web.app import create_app, listening

FORGED, GENUINE = 10_000, 500
AT_ONCE = 40

SECRETS = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210")
HEADER = "X-Hub-Signature-256"
TEXTS = ("Grüße 🎉", "\u202emirror", 'a "quote" \\ and / a slash', "ünïcödé\n\t", "👩‍👩‍👧", "\u0000", "plain", "שלום")

Request = tuple[bytes, Sequence[str]]


class Shelf:
    """An intake that counts what it is given."""

    def __init__(self) -> None:
        self.bodies: Counter[bytes] = Counter()

    async def keep(self, body: bytes) -> None:
        self.bodies[body] += 1

    async def ready(self) -> bool:
        return True


class Client(asyncio.Protocol):
    """One request over one connection, which is reset at its end so that thousands leave no port behind."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.status.done():
            self.status.set_result(int(data.split(b" ", 2)[1]))
        self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.status.done():
            self.status.set_exception(error or ConnectionError("no answer"))


async def post(port: int, body: bytes, headers: Sequence[str]) -> int:
    lines = ["POST /webhook HTTP/1.1", "Host: here", f"Content-Length: {len(body)}", *headers, "", ""]
    request = "\r\n".join(lines).encode() + body
    _, client = await asyncio.get_running_loop().create_connection(lambda: Client(request), "127.0.0.1", port)
    return await asyncio.wait_for(client.status, 30)


def envelope(luck: random.Random) -> bytes:
    """Write what the platform might post: its JSON escapes what is not ASCII, another's does not."""
    statuses = [
        {"id": f"wamid.{luck.getrandbits(64):x}", "status": luck.choice(("sent", "read")), "note": luck.choice(TEXTS)}
        for _ in range(luck.randint(1, 4))
    ]
    change = {"field": "messages", "value": {"statuses": statuses}}
    body: Any = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    return json.dumps(
        body, ensure_ascii=luck.random() < 0.5, separators=luck.choice(((",", ":"), (", ", ": ")))
    ).encode()


def signed(body: bytes, secret: str, name: str = HEADER) -> str:
    return f"{name}: {sign(body, secret)}"


def _changed(body: bytes, luck: random.Random) -> bytes:
    changed = bytearray(body)
    changed[luck.randrange(len(body))] ^= 1 << luck.randrange(8)
    return bytes(changed)


def _rewritten(body: bytes, luck: random.Random) -> bytes:
    """Say the same in other bytes, as whoever parses before checking would."""
    read = json.loads(body)
    ways = [
        json.dumps(read, ensure_ascii=escaped, separators=separators, indent=indent).encode()
        for escaped in (True, False)
        for separators in ((",", ":"), (", ", ": "))
        for indent in (None, 1)
    ]
    return luck.choice([way for way in ways if way != body])


def _header(change: Callable[[str, random.Random], str]) -> Callable[[bytes, str, random.Random], Request]:
    return lambda body, secret, luck: (body, [f"{HEADER}: {change(sign(body, secret), luck)}"])


def _digest(good: str) -> str:
    return good.removeprefix("sha256=")


def _bit(good: str, luck: random.Random) -> str:
    place = luck.randrange(len("sha256="), len(good))
    return (
        good[:place] + luck.choice([digit for digit in "0123456789abcdef" if digit != good[place]]) + good[place + 1 :]
    )


def _sha1(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, "sha1").hexdigest()


# Each takes a genuine body and its secret, and makes of them what must not be believed.
FORGERIES: dict[str, Callable[[bytes, str, random.Random], Request]] = {
    "no header": lambda body, *_: (body, []),
    "an empty header": _header(lambda *_: ""),
    "another secret": lambda body, _, luck: (body, [signed(body, f"{luck.getrandbits(128):032x}")]),
    "an empty secret": lambda body, *_: (body, [signed(body, "")]),
    "no secret at all": lambda body, *_: (body, [f"{HEADER}: sha256={sha256(body).hexdigest()}"]),
    "one bit of the body": lambda body, secret, luck: (_changed(body, luck), [signed(body, secret)]),
    "a byte more": lambda body, secret, luck: (body + luck.choice((b" ", b"\n", b"\0")), [signed(body, secret)]),
    "a byte less": lambda body, secret, _: (body[:-1], [signed(body, secret)]),
    "an empty body": lambda body, secret, _: (b"", [signed(body, secret)]),
    "the same JSON rewritten": lambda body, secret, luck: (_rewritten(body, luck), [signed(body, secret)]),
    "the header of another body": lambda body, secret, luck: (body, [signed(envelope(luck), secret)]),
    "one digit of the signature": _header(_bit),
    "sha1 said and meant": lambda body, secret, _: (body, [f"{HEADER}: sha1={_sha1(body, secret)}"]),
    "sha1 meant": lambda body, secret, _: (body, [f"{HEADER}: sha256={_sha1(body, secret)}"]),
    "sha1 said": _header(lambda good, _: good.replace("sha256", "sha1")),
    "the older header": lambda body, secret, _: (body, [f"X-Hub-Signature: sha1={_sha1(body, secret)}"]),
    "two headers": lambda body, secret, luck: (
        body,
        luck.sample([signed(body, secret), luck.choice((signed(body, secret), signed(body, "wrong")))], 2),
    ),
    "two values": _header(lambda good, luck: luck.choice((", ", ",", "; ", " ")).join((good, good))),
    "a digit less": _header(lambda good, luck: good[: luck.randrange(len(good))]),
    "a digit more": _header(lambda good, luck: good + luck.choice(("0", "00", "=", " 0"))),
    "upper case": _header(lambda good, _: f"sha256={_digest(good).upper()}"),
    "the prefix in upper case": _header(lambda good, _: f"SHA256={_digest(good)}"),
    "no prefix": _header(lambda good, _: _digest(good)),
    "a blank within": _header(lambda good, _: f"sha256= {_digest(good)}"),
}


async def all_posted(port: int, requests: Sequence[Request]) -> list[int]:
    """Post them, so many at once; return the statuses in the order of the requests."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(request: Request) -> int:
        async with turns:
            return await post(port, *request)

    return await asyncio.gather(*map(one, requests))


@pytest.fixture
def luck() -> Iterator[random.Random]:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when a test fails, to be tried again
    with capture_logs():
        yield random.Random(seed)


async def test_no_forgery_is_believed(luck: random.Random) -> None:
    kinds = [*FORGERIES] * (FORGED // len(FORGERIES) + 1)
    requests = [FORGERIES[kind](envelope(luck), luck.choice(SECRETS), luck) for kind in kinds[:FORGED]]
    shelf = Shelf()

    app = create_app(shelf, secrets=SECRETS, verify_token="t" * 16)
    async with listening(app, host="127.0.0.1", port=0) as port:
        statuses = await all_posted(port, requests)

    believed = {kind for kind, status in zip(kinds, statuses, strict=False) if status != 401}
    assert (len(statuses), believed) == (FORGED, set())
    assert not shelf.bodies


async def test_nothing_genuine_is_refused(luck: random.Random) -> None:
    """Emoji and escapes, either secret, and a header spelled as a proxy may spell it."""
    bodies = [envelope(luck) for _ in range(GENUINE)]
    names = (HEADER, HEADER.lower(), HEADER.upper())
    requests = [(body, [signed(body, luck.choice(SECRETS), luck.choice(names))]) for body in bodies]
    shelf = Shelf()

    app = create_app(shelf, secrets=SECRETS, verify_token="t" * 16)
    async with listening(app, host="127.0.0.1", port=0) as port:
        statuses = await all_posted(port, requests)

    assert set(statuses) == {200}
    assert shelf.bodies == Counter(bodies)
