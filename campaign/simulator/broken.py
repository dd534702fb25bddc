"""Answers that are none: what a fault does to the connection once it is decided."""

import asyncio
import socket
import struct
from collections.abc import Callable

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from campaign.simulator.dialect import Answer
from campaign.simulator.fault import Fault

_LINGER_ZERO = struct.pack("ii", 1, 0)
_BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


class Unanswered(web.StreamResponse):
    """Takes the place of a response and does something to the transport instead."""

    def __init__(self, spoil: Callable[[asyncio.Transport], None]) -> None:
        super().__init__()
        self._spoil = spoil
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if request.transport is not None:
            self._spoil(request.transport)
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write nothing: the transport has had its say."""


async def perform(fault: Fault, answer: Answer | None, *, path: str, hang_s: float) -> web.StreamResponse:
    """Do what the fault says instead of answering."""
    if fault in (Fault.HANG, Fault.ACCEPT_THEN_HANG):
        await asyncio.sleep(hang_s)
    return _spoilt(fault, answer, path=path)


def _spoilt(fault: Fault, answer: Answer | None, *, path: str) -> web.StreamResponse:
    match fault:
        case Fault.RESPOND_502 | Fault.ACCEPT_THEN_502:
            return web.Response(status=502, body=_BAD_GATEWAY, content_type="text/html")
        case Fault.REDIRECT_307:
            return web.Response(status=307, headers={"Location": path})
        case Fault.DROP | Fault.HANG | Fault.ACCEPT_THEN_HANG:
            return Unanswered(close)
        case Fault.ACCEPT_THEN_RESET:
            return Unanswered(reset)
        case Fault.ACCEPT_THEN_TRUNCATE:
            return Unanswered(lambda transport: truncate(transport, answer))
        case Fault.ACCEPT_THEN_NO_ID:
            return plain(answer)


def plain(answer: Answer | None) -> web.Response:
    if answer is None:
        return web.Response(status=500)
    return web.Response(status=answer.status, body=answer.body, content_type="application/json")


def close(transport: asyncio.Transport) -> None:
    """Close without a word, in good order."""
    transport.close()


def reset(transport: asyncio.Transport) -> None:
    """Close with RST: what was written and not yet read is lost to the other side."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
    transport.abort()


def truncate(transport: asyncio.Transport, answer: Answer | None) -> None:
    """Announce the whole body, write half of it, and close."""
    body = answer.body if answer else b""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    transport.write(head.encode() + body[: len(body) // 2])
    transport.close()
