"""Posting over connections of our own: kept, closed, lost, and answers of every make."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from campaign.simulator.line import Lines

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request of a connection with the next of its answers; closes after the last."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.connections = 0
        self.requests: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                writer.write(self.answers.pop(0))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def lines_to(server: Server, path: str = "/webhook", *, limit_s: float = 20) -> AsyncIterator[Lines]:
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener, Lines(f"http://127.0.0.1:{port}{path}", limit_s=limit_s) as lines:
        yield lines


async def test_posts_share_a_connection_while_the_server_keeps_it() -> None:
    server = Server(OK, b"HTTP/1.1 503 Busy\r\ncontent-length:0\r\n\r\n", OK)
    async with lines_to(server, "/hook?to=1") as lines:
        statuses = [await lines.post(b"{}", b"X-Sign: a\r\n") for _ in range(3)]

    assert (statuses, server.connections) == ([200, 503, 200], 1)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?to=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert {b"Content-Type: application/json", b"X-Sign: a", b"Content-Length: 2"} <= set(head.split(b"\r\n"))
    assert body == b"{}"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\n\r\n",
    ],
)
async def test_an_answer_that_is_not_read_to_its_end_costs_its_connection_alone(answer: bytes) -> None:
    server = Server(answer, OK)
    async with lines_to(server) as lines:
        statuses = [await lines.post(b"{}") for _ in range(2)]

    assert (statuses, server.connections) == ([200, 200], 2)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 20", b"SSH-2.0\r\n\r\n"])
async def test_no_answer_is_none(answer: bytes) -> None:
    async with lines_to(Server(answer)) as lines:
        assert await lines.post(b"{}") is None


async def test_an_answer_that_does_not_come_in_time_is_none() -> None:
    server = Server(b"", OK)
    async with lines_to(server, limit_s=0.05) as lines:
        assert await lines.post(b"{}") is None


async def test_a_server_that_went_away_is_none_and_one_that_came_back_is_found() -> None:
    server = Server(OK)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with Lines(f"http://127.0.0.1:{port}/", limit_s=20) as lines:
        first = await lines.post(b"{}")
        listener.close()
        gone = await lines.post(b"{}")
        server.answers = [OK]
        async with await asyncio.start_server(server.serve, "127.0.0.1", port):
            again = await lines.post(b"{}")

    assert (first, gone, again) == (200, None, 200)
