"""Raw webhooks, committed before anybody is told that we have them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import accumulate
from typing import NamedTuple

import asyncpg
import structlog

from campaign.adapters.postgres.database import DRIVER_FAULTS, unreachable
from campaign.adapters.postgres.queries import load_queries

log = structlog.get_logger()

# The platform waits about ten seconds; a refusal it hears is better than an answer it does not.
ANSWER_SECONDS = 5.0

# What even a commit gets that many had to wait for.
COMMIT_SECONDS = 1.0

BODIES_PER_COMMIT = 200
BYTES_PER_COMMIT = 8_000_000

# Between two commits: a storm of small bodies would otherwise be flushed to disk one or two at a time.
GATHER_SECONDS = 0.01


# How long what was seen of one commit says something about the next.
NEWS_SECONDS = 1.0


class _Waiting(NamedTuple):
    body: bytes
    kept: "asyncio.Future[None]"
    since: float


class PostgresIntake:
    """The port `Intake`. Whoever waits while one commit is under way shares the next."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("receipts")
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None
        self._late = 0.0
        self._late_at = float("-inf")

    @property
    def late(self) -> float:
        """Seconds that the slowest of the last commit waited for its answer; none for a second is no news."""
        fresh = asyncio.get_running_loop().time() - self._late_at < NEWS_SECONDS
        return self._late if fresh else 0.0

    async def keep(self, body: bytes) -> None:
        """Commit one body; raise Unreachable if that cannot be promised. It may be committed all the same."""
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[None] = loop.create_future()
        self._waiting.append(_Waiting(body, kept, loop.time()))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="keep webhooks")
        await kept

    async def ready(self) -> bool:
        """Tell whether the ledger answers."""
        with suppress(*DRIVER_FAULTS):
            async with self._lent(asyncio.get_running_loop().time() + ANSWER_SECONDS) as connection:
                return bool(await connection.fetchval(self._queries["ping"]))
        return False

    async def _write(self) -> None:
        while self._waiting:
            count = _fitting(self._waiting)
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
            await self._commit(batch)
            await asyncio.sleep(GATHER_SECONDS)

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        failure: BaseException | None = asyncio.CancelledError()
        try:
            async with self._lent(_deadline(batch)) as connection:
                await connection.execute(self._queries["keep_webhook"], [each.body for each in batch])
            failure = None
            log.debug("webhook.received", bodies=len(batch), bytes=sum(len(each.body) for each in batch))
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must hear it
            log.warning("webhook.not_kept", reason=type(error).__name__, bodies=len(batch))
            failure = error
        finally:
            self._late_at = asyncio.get_running_loop().time()
            self._late = self._late_at - batch[0].since
            for each in batch:
                _answer(each.kept, failure)

    @asynccontextmanager
    async def _lent(self, deadline: float) -> AsyncIterator[asyncpg.Connection]:
        """Lend a connection until a deadline."""
        async with asyncio.timeout_at(deadline), self._pool.acquire() as connection:
            try:
                yield connection
            except asyncio.CancelledError:
                # The driver would wait for an answer to its cancel: a server that hangs gives none.
                connection.terminate()
                raise


def _fitting(waiting: Sequence[_Waiting]) -> int:
    """Tell how many share the next commit."""
    sizes = accumulate(len(each.body) for each in waiting[:BODIES_PER_COMMIT])
    return max(1, sum(size <= BYTES_PER_COMMIT for size in sizes))


def _deadline(batch: Sequence[_Waiting]) -> float:
    """Give up in time for whoever came first."""
    return max(batch[0].since + ANSWER_SECONDS, asyncio.get_running_loop().time() + COMMIT_SECONDS)


def _answer(kept: "asyncio.Future[None]", failure: BaseException | None) -> None:
    if kept.done():  # whoever asked has left
        return
    if failure is None:
        kept.set_result(None)
    else:
        kept.set_exception(unreachable(failure))
