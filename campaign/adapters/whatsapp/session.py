"""The HTTP session of all that is asked of WhatsApp: no redirects, no retries, no proxies, no cookies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar

import aiohttp
from aiohttp.connector import Connection

from campaign.ports import Departure

# Long, because a short time-out makes unknowns out of slow answers; short for what cannot have left yet.
POST_SECONDS = 60.0
CONNECT_SECONDS = 5.0

LONGEST_ANSWER = 64 * 1024

# The departure of the request that this task makes; what is no message needs none.
departing: ContextVar[Departure | None] = ContextVar("departing", default=None)


@asynccontextmanager
async def open_session(*, connections: int = 0) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the session; `connections` bounds the sockets, 0 leaves that to the permits."""
    connector = aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60, keepalive_timeout=30)
    timeout = aiohttp.ClientTimeout(total=POST_SECONDS, sock_connect=CONNECT_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        request_class=_Departing,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept-Encoding"),
    ) as session:
        yield session


class _Departing(aiohttp.ClientRequest):
    """A request that asks for leave once it has its connection and before anything is written to it.

    The same moment as aiohttp's tracing of sent headers, at a tenth of the cost of a request less.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        departure = departing.get()
        if departure is not None:
            await departure.depart()
        return await super().send(conn)


async def read_answer(content: aiohttp.StreamReader, longest: int = LONGEST_ANSWER) -> bytes:
    """Read an answer, but no more of it than any answer has."""
    body = await content.read(longest)
    while not content.at_eof() and len(body) < longest:
        body += await content.read(longest - len(body))
    return body
