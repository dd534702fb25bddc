"""Commands ask once: a database that is away is said at once, a deadlock is tried again."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg

from campaign.adapters.postgres.database import DRIVER_FAULTS, is_passing, unreachable

T = TypeVar("T")

_ATTEMPTS = 5


@asynccontextmanager
async def reachable() -> AsyncIterator[None]:
    """Turn what a driver raises when the database is away into Unreachable, without the driver's own words."""
    try:
        yield
    except DRIVER_FAULTS as error:
        if not is_passing(error):
            raise
        raise unreachable(error) from None


async def ask(action: Callable[[], Awaitable[T]]) -> T:
    """Do one transaction's work, again after a deadlock or a serialisation failure, in which nothing happened."""
    async with reachable():
        for _ in range(_ATTEMPTS - 1):
            try:
                return await action()
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                continue
        return await action()
