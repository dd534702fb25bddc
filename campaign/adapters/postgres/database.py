"""Connections to the ledger."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg
import orjson

from campaign.domain.errors import Unreachable

# Forced on every session: an intent that a crash of the server could forget would be sent twice
# (measured: with synchronous_commit off, 20 of 20 crashes lost acknowledged commits).
_SESSION = {"search_path": "campaign", "synchronous_commit": "on", "timezone": "UTC", "jit": "off"}

# InternalClientError: how asyncpg puts it when a connection breaks between two messages of a statement.
_LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
)

# Whatever the driver raises; `is_passing` tells which of it time mends.
DRIVER_FAULTS = (*_LOST, TimeoutError, asyncpg.PostgresError)

# Deadlock and serialisation failure: nothing happened, do it again (SQLSTATE 40P01, 40001).
_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)

_MINIMUM_VERSION = 150000

T = TypeVar("T")


async def connect(dsn: str, *, purpose: str = "campaign") -> asyncpg.Connection:
    """Open one direct connection to the ledger."""
    try:
        connection = await asyncpg.connect(
            dsn, server_settings={**_SESSION, "application_name": purpose}, timeout=10, command_timeout=None
        )
    except DRIVER_FAULTS as error:
        raise unreachable(error) from None
    await _prepare(connection)
    return connection


@asynccontextmanager
async def open_pool(
    dsn: str, *, size: int, purpose: str, check: Callable[[asyncpg.Connection], Awaitable[None]] | None = None
) -> AsyncIterator[asyncpg.Pool]:
    """Open a pool that connects as needed and is torn down, not awaited, at the end.

    `check` looks at every new connection before anybody has it: after a failover it may lead elsewhere.
    """

    async def prepare(connection: asyncpg.Connection) -> None:
        await _prepare(connection)
        if check is not None:
            await check(connection)

    pool = asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        init=prepare,
        reset=_as_it_is,
        server_settings={**_SESSION, "application_name": purpose},
        timeout=10,
        max_inactive_connection_lifetime=60,
    )
    try:
        await pool
        yield pool
    finally:
        pool.terminate()


async def _as_it_is(connection: asyncpg.Connection) -> None:
    """Give a connection back without a round trip: nothing here outlives its own transaction."""


async def _prepare(connection: asyncpg.Connection) -> None:
    # Binary, with jsonb's version byte in front: COPY knows no other format.
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda wire: orjson.loads(wire[1:]),
        format="binary",
    )


def unreachable(error: BaseException) -> Unreachable:
    """Say that the database cannot be reached, without its address or password."""
    return Unreachable(
        f"the database cannot be reached ({type(error).__name__})",
        remedy="check that it runs and that `database` in the settings names it; then run the command again",
    )


async def patiently(action: Callable[[], Awaitable[T]], *, pause: float = 0.2) -> T:
    """Repeat an idempotent action for as long as the database is away."""
    while True:
        try:
            return await action()
        except DRIVER_FAULTS as error:
            # A closed pool is ours: nobody will open it again.
            if not is_passing(error) or "pool is clos" in str(error):
                raise
            await asyncio.sleep(pause)


def is_passing(error: BaseException) -> bool:
    """Tell a fault that time mends (server away, restarting, deadlock) from one that it does not."""
    if isinstance(error, ValueError):
        return False  # the driver's word for an argument that no server will ever take
    if isinstance(error, (*_LOST, *_AGAIN, TimeoutError)):
        return True
    return isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] in {"08", "53", "57", "40"}
