"""Connections to the receiver of webhooks: a POST and the status of its answer.

An HTTP client that can do more takes twice the processor, and the receiver under test shares the machine.
"""

import asyncio
import re
from typing import Self
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"
_LONGEST_HEAD = 65536
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})\b")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close[ \t]*\r\n", re.IGNORECASE)


class Lines:
    """Keeps connections open and takes an idle one for each POST; how many there are is up to the caller."""

    def __init__(self, url: str, *, limit_s: float) -> None:
        parts = urlsplit(url)
        self._host, self._is_secure = parts.hostname or "", parts.scheme == "https"
        self._port = parts.port or (443 if self._is_secure else 80)
        self._limit_s = limit_s
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._head = f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n".encode()
        self._idle: list[_Line] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for line in self._idle:
            line.close()

    async def post(self, body: bytes, headers: bytes = b"") -> int | None:
        """Post one body; returns the HTTP status, or None where no answer came in time."""
        line = None
        try:
            async with asyncio.timeout(self._limit_s):
                line = self._open_one() or await self._connect()
                status = await line.ask(b"%b%bContent-Length: %d\r\n\r\n%b" % (self._head, headers, len(body), body))
        except (OSError, TimeoutError):
            status = None
        finally:
            if line is not None:
                self._put_back(line)
        return status

    def _open_one(self) -> "_Line | None":
        while self._idle:
            line = self._idle.pop()
            if line.is_open:
                return line
        return None

    async def _connect(self) -> "_Line":
        loop = asyncio.get_running_loop()
        secure = True if self._is_secure else None
        _, line = await loop.create_connection(_Line, self._host, self._port, ssl=secure)
        return line

    def _put_back(self, line: "_Line") -> None:
        if line.is_open and line.is_done:
            self._idle.append(line)
        else:
            line.close()


class _Line(asyncio.Protocol):
    """One connection with at most one question at a time. What it cannot read to its end it closes."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int | None] | None = None
        self._heard = b""
        self.is_open = False
        self.is_done = True

    async def ask(self, question: bytes) -> int | None:
        """Send a request; returns the status of the answer, or None where the connection ends without one."""
        if self._transport is None or not self.is_open:
            return None
        self._answer, self._heard, self.is_done = asyncio.get_running_loop().create_future(), b"", False
        self._transport.write(question)
        return await self._answer

    def close(self) -> None:
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # a transport of uvloop is no asyncio.Transport
        self.is_open = True

    def connection_lost(self, _: Exception | None) -> None:
        self.is_open = False
        self._say(None)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        end = self._heard.find(_HEAD_END)
        if end < 0:
            if len(self._heard) > _LONGEST_HEAD:
                self.close()
            return
        head = self._heard[: end + 2]
        length, status = _LENGTH.search(head), _STATUS.match(head)
        whole = length is not None and len(self._heard) - end - len(_HEAD_END) == int(length[1])
        self.is_done = whole and not _CLOSE.search(head)
        self._say(int(status[1]) if status else None)

    def _say(self, status: int | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)
