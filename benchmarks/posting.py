"""A platform that posts signed statuses at a given rate and does not wait for slow answers; a process of its own.

Half of the POSTs carry one status and half five, so three on average; each message goes sent, delivered, read.
"""

import argparse
import asyncio
import base64
import hmac
import json
import os
import random
import sys
import time
from collections import deque
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple, cast

import uvloop

SECRET = "WHATSAPP_APP_SECRET"
FEW, MANY = 1, 5
CONNECTIONS = 100

# How long after its `sent` a message is delivered, and read.
DELIVERED_SECONDS, READ_SECONDS = 1.5, 4.0

HEAD = (
    "POST /webhook HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: facebookexternalua\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\nX-Hub-Signature-256: sha256={signature}\r\n\r\n"
)
STATUS = (
    '{{"id":"{message_id}","status":"{status}","timestamp":"{second}","recipient_id":"336{person:08d}",'
    '"biz_opaque_callback_data":"c1.{installation}.{run}.{person}.1"{billed}}}'
)
BILLED = (
    ',"conversation":{"id":"6ceb9d929c9bdc4f90e967a32f8639b4","expiration_timestamp":"1790086400",'
    '"origin":{"type":"marketing"}},"pricing":{"billable":true,"pricing_model":"PMP","type":"regular",'
    '"category":"marketing"}'
)
BODY = (
    '{{"object":"whatsapp_business_account","entry":[{{"id":"102290129340398","changes":[{{"value":'
    '{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550783881",'
    '"phone_number_id":"106540352242922"}},"statuses":[{statuses}]}},"field":"messages"}}]}}]}}'
)


def message_id(number: int) -> str:
    """Name a message in no order at all, as the platform does; the ledger is filled with the same."""
    return "wamid." + base64.b64encode(sha256(str(number).encode()).digest()).decode()


def most_messages(rate: float, seconds: float) -> int:
    """Tell how many messages at most are spoken of: those that have not been read yet count too."""
    return int(rate * (seconds + DELIVERED_SECONDS + READ_SECONDS) / 3) + MANY


class Post(NamedTuple):
    """One request, and when it is due, in seconds since the start."""

    due: float
    statuses: int
    request: bytes


class Stream:
    """The posts of one measurement, written as they are needed."""

    def __init__(self, *, rate: float, seconds: float, installation: str, run: str, secret: bytes) -> None:
        self._rate, self._total = rate, int(rate * seconds)
        self._ours = {"installation": installation, "run": run}
        self._secret = secret
        self._statuses = self._said()

    def __iter__(self) -> Iterator[Post]:
        sizes = random.Random(1)
        said = 0
        while said < self._total:
            count = sizes.choice((FEW, MANY))
            yield Post(said / self._rate, count, self._request(count))
            said += count

    def _said(self) -> Iterator[str]:
        """Interleave the messages' lives: one is sent while earlier ones are delivered and read."""
        number, second = 0, int(time.time())
        delivered, read = (int(lag * self._rate / 3) for lag in (DELIVERED_SECONDS, READ_SECONDS))
        while True:
            for status, lag in (("sent", 0), ("delivered", delivered), ("read", read)):
                if number >= lag:
                    yield self._status(number - lag + 1, status, second + int(number * 3 / self._rate))
            number += 1

    def _status(self, person: int, status: str, second: int) -> str:
        named = {"message_id": message_id(person), "status": status, "person": person, "second": second}
        return STATUS.format(**named, **self._ours, billed="" if status == "read" else BILLED)

    def _request(self, count: int) -> bytes:
        body = BODY.format(statuses=",".join(next(self._statuses) for _ in range(count))).encode()
        signature = hmac.digest(self._secret, body, sha256).hex()
        return HEAD.format(length=len(body), signature=signature).encode() + body


class Poster:
    """Posts when a post is due, over connections that stay open; a late answer counts from the time it was due."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._waiting: deque[Post] = deque()
        self._idle: list[_Connection] = []
        self._under_way = 0
        self.answered: list[tuple[float, int]] = []  # seconds it took, statuses
        self.refused = 0

    async def post(self, posts: Iterator[Post]) -> float:
        """Post everything; return the seconds until the last answer."""
        loop = asyncio.get_running_loop()
        for _ in range(CONNECTIONS):
            self._idle.append((await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._port))[1])
        self._started = loop.time()
        for post in posts:
            while (early := self._started + post.due - loop.time()) > 0:  # noqa: ASYNC110 - a clock, no event
                await asyncio.sleep(max(early, 0.002))
            self._waiting.append(post)
            self.go_on()
            if len(self._waiting) > CONNECTIONS:
                # Already far too late: this only keeps the answers coming.
                await asyncio.sleep(0)
        while self._waiting or self._under_way:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(0.01)
        return loop.time() - self._started

    def go_on(self) -> None:
        while self._waiting and self._idle:
            self._under_way += 1
            self._idle.pop().send(self._waiting.popleft())

    def lost(self, connection: "_Connection") -> None:
        """Do without one that was idle for too long; one with a post on it ends the measurement, which it spoils."""
        if connection in self._idle:
            self._idle.remove(connection)
        else:
            sys.exit("the receiver closed a connection with a post on it")

    def done(self, connection: "_Connection", post: Post, *, accepted: bool) -> None:
        now = asyncio.get_running_loop().time()
        if accepted:
            self.answered.append((now - self._started - post.due, post.statuses))
        else:
            self.refused += 1
        self._under_way -= 1
        self._idle.append(connection)
        self.go_on()


class _Connection(asyncio.Protocol):
    """One request at a time over one connection."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass.
        self._transport = cast("asyncio.Transport", transport)

    def send(self, post: Post) -> None:
        self._post = post
        self._transport.write(post.request)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        if b"\r\n\r\n" in self._heard:
            accepted, self._heard = self._heard.startswith(b"HTTP/1.1 200"), b""
            self._poster.done(self, self._post, accepted=accepted)

    def connection_lost(self, _: Exception | None) -> None:
        self._poster.lost(self)


def main() -> None:
    """Post, then print what was seen as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in (("port", int), ("rate", float), ("seconds", float), ("installation", str), ("run", str)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    asked = vars(parser.parse_args())
    poster = Poster(asked.pop("port"))
    stream = Stream(**asked, secret=os.environ[SECRET].encode())
    seconds = uvloop.run(poster.post(iter(stream)))
    took = sorted(each for each, _ in poster.answered)
    seen = {
        "seconds": seconds,
        "statuses": sum(count for _, count in poster.answered),
        "posts": len(took),
        "refused": poster.refused,
        "median": took[len(took) // 2],
        "p99": took[int(len(took) * 0.99)],
        "slow": sum(each > 1 for each in took) / len(took),
    }
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
