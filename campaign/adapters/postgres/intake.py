"""Raw webhooks, committed before anybody is told that we have them."""

import asyncio
from contextlib import suppress
from itertools import islice

import asyncpg
import structlog

from campaign.adapters.postgres.database import DRIVER_FAULTS, unreachable
from campaign.adapters.postgres.queries import load_queries

log = structlog.get_logger()

# The platform waits about ten seconds; a refusal it hears is better than an answer it does not.
ANSWER_SECONDS = 5.0

BODIES_PER_COMMIT = 200


class PostgresIntake:
    """The port `Intake`. Whoever waits while one commit is under way shares the next."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("receipts")
        self._waiting: dict[asyncio.Future[None], bytes] = {}
        self._writer: asyncio.Task[None] | None = None

    async def keep(self, body: bytes) -> None:
        """Commit one body; raise Unreachable if that cannot be promised. It may be committed all the same."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[kept] = body
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write(), name="keep webhooks")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await kept
        except TimeoutError as error:
            raise unreachable(error) from None
        finally:
            # Who gave up was refused, and the platform repeats the body: no reason to hold it.
            self._waiting.pop(kept, None)

    async def ready(self) -> bool:
        """Tell whether the ledger answers."""
        with suppress(*DRIVER_FAULTS):
            async with asyncio.timeout(ANSWER_SECONDS):
                return bool(await self._pool.fetchval(self._queries["ping"]))
        return False

    async def _write(self) -> None:
        while self._waiting:
            batch = list(islice(self._waiting.items(), BODIES_PER_COMMIT))
            for kept, _ in batch:
                del self._waiting[kept]
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[asyncio.Future[None], bytes]]) -> None:
        failure: BaseException | None = None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._pool.execute(self._queries["keep_webhook"], [body for _, body in batch])
        except DRIVER_FAULTS as error:
            log.warning("webhook.not_kept", reason=type(error).__name__, bodies=len(batch))
            failure = error
        for kept, _ in batch:
            if not kept.done():
                kept.set_exception(unreachable(failure)) if failure else kept.set_result(None)
