"""Everything that sends, put together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.process import PostgresWatchman, Process
from campaign.adapters.whatsapp.account import check_numbers
from campaign.adapters.whatsapp.client import CloudClient, open_session
from campaign.bootstrap.ledger import Ledger
from campaign.dispatch import Dispatcher, Lane
from campaign.domain.errors import CampaignError
from campaign.ports import Gates, Watchman
from campaign.rescue import rescue
from campaign.settings import Settings

log = structlog.get_logger()


class Housekeeping:
    """What a sender does once a second for all: rescue what the dead left, watch the gates."""

    def __init__(self, watchman: Watchman, gates: Gates) -> None:
        self._watchman = watchman
        self._gates = gates

    async def tick(self) -> None:
        await rescue(self._watchman)
        news = await self._gates.watch_gates()
        for run in news.released:
            log.info("held.released", run=run)
        for run, reason in news.paused:
            log.warning("run.paused", run=run, reason=reason)


def lanes_of(settings: Settings, shards: Sequence[str]) -> list[Lane]:
    """Describe the shards to dispatch."""
    permits = None if settings.max_in_flight == "auto" else settings.max_in_flight
    return [
        Lane(
            id=shard.id,
            address=shard.phone_number_id,
            ceiling=None if shard.throughput == "unlimited" else float(shard.throughput),
            max_in_flight=permits,
        )
        for shard in settings.shards
        if shard.id in shards
    ]


async def check_api(settings: Settings, shards: Sequence[str]) -> None:
    """Look at the account before anything is sent; raises CampaignError."""
    account = settings.account
    async with open_session() as session:
        try:
            await check_numbers(
                session,
                base_url=account.base_url,
                version=account.version,
                token=account.access_token.reveal(),
                numbers={shard.id: shard.phone_number_id for shard in settings.shards if shard.id in shards},
            )
        except CampaignError as error:
            error.where = settings.where(*(error.where or "account").split("."))
            raise


@asynccontextmanager
async def sending(
    settings: Settings, ledger: Ledger, process: Process, shards: Sequence[str]
) -> AsyncIterator[Dispatcher]:
    """Send over every one of `shards` that is free, for the length of the block; its end drains."""
    account = settings.account
    store = PostgresLedger(ledger.pool, process=process.id)
    await store.introduce_shards([shard.id for shard in settings.shards])
    async with open_session() as session:
        dispatcher = Dispatcher(
            lanes_of(settings, shards),
            store=store,
            api=CloudClient(
                session, base_url=account.base_url, version=account.version, token=account.access_token.reveal()
            ),
            clock=BootClock(),
            installation=ledger.installation,
            housekeeping=Housekeeping(PostgresWatchman(ledger.pool, process=process.id), PostgresGates(ledger.pool)),
            interval_seconds=settings.interval.total_seconds(),
        )
        async with _beside(dispatcher), _drained_when_lost(process, dispatcher):
            yield dispatcher


@asynccontextmanager
async def _beside(dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Dispatch beside the block and drain at its end; if dispatching breaks, the block is cancelled and told why.

    A task group would do, but it would also wrap what the block raises.
    """
    block = asyncio.current_task()
    work = asyncio.create_task(dispatcher.run(), name="dispatch")

    def broke(done: asyncio.Task[None]) -> None:
        if block is not None and not done.cancelled() and done.exception() is not None:
            block.cancel()

    work.add_done_callback(broke)
    try:
        yield
    except asyncio.CancelledError:
        if work.done() and (error := work.exception()) is not None:
            raise _first_of(error) from None
        raise
    finally:
        dispatcher.drain()
        await asyncio.wait([work])
    if (error := work.exception()) is not None:
        raise _first_of(error)


def _first_of(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


@asynccontextmanager
async def _drained_when_lost(process: Process, dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Stop marking when another process took us for dead: our shards and messages are its now."""

    async def drain() -> None:
        await process.lost.wait()
        dispatcher.drain()

    waiting = asyncio.create_task(drain(), name="lost")
    try:
        yield
    finally:
        waiting.cancel()
