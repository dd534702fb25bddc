"""Everything that sends, put together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Literal

import structlog

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.judging import PostgresJudgements
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.media import PostgresMedia
from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.postgres.process import PostgresWatchman, Process
from campaign.bootstrap.ledger import Ledger
from campaign.bootstrap.whatsapp import open_whatsapp
from campaign.composing import MessageComposer
from campaign.dispatch import Client, Dispatcher, Lane, Requests
from campaign.domain.pacing import max_in_flight
from campaign.judging import Judge
from campaign.ports import Gates, Portfolios, Watchman
from campaign.rescue import rescue
from campaign.settings import ClientShards, Settings

log = structlog.get_logger()

# Messages per second that one shard is documented to do. Source: Meta, On-Premises messages reference, "Performance".
SHARD_RATE = 70.0

# What a shard leased of the portfolio limit and did not use for so long is somebody else's.
IDLE_SECONDS = 2.0


class Housekeeping:
    """What a sender does once a second for all: rescue what the dead left, judge runs, watch the gates.

    And give back what shards may still count of the portfolio limit, and have no use for.
    """

    def __init__(self, watchman: Watchman, gates: Gates, judge: Judge, portfolios: Portfolios) -> None:
        self._watchman = watchman
        self._gates = gates
        self._judge = judge
        self._portfolios = portfolios

    async def tick(self) -> None:
        await rescue(self._watchman)
        await self._judge.tick()
        await self._portfolios.return_idle(after_seconds=IDLE_SECONDS)
        news = await self._gates.watch_gates()
        for run in news.released:
            log.info("held.released", run=run)
        for run, reason in news.paused:
            log.warning("run.paused", run=run, reason=reason)
        for stranded in news.stranded:
            log.warning("run.paused", run=stranded.run, reason="account", shard=stranded.shard, code=stranded.code)


def lanes_of(settings: Settings, shards: Sequence[str]) -> list[Lane]:
    """Describe the shards to dispatch; those of an On-Premises client go together, since one process paces them all."""
    permits = None if settings.max_in_flight == "auto" else settings.max_in_flight
    client = client_of(settings)
    return [
        Lane(
            id=shard.id,
            address=shard.address,
            ceiling=_number(shard.throughput) if settings.client is None else shard_ceiling(settings.client),
            # Of its equal part: what may be unknown after a crash is bounded by what the client does, not its shards.
            max_in_flight=permits or max_in_flight(_number(shard.throughput)),
            client=client,
            headroom=settings.headroom,
        )
        for shard in settings.shards
        if client is not None or shard.id in shards
    ]


def client_of(settings: Settings) -> Client | None:
    """Describe what the shards of an On-Premises client share."""
    account, written = settings.account, settings.client
    if written is None or account.dialect == "cloud":
        return None
    asked = account.requests
    return Client(
        id=settings.shards[0].address,
        ceiling=_number(written.throughput),
        leader=settings.shards[0].id,
        requests=Requests(asked.per_second, asked.burst) if asked is not None else None,
    )


def shard_ceiling(client: ClientShards) -> float | None:
    """Let one shard of a client do what a single one can: the hash is uneven, and the client's own ceiling holds."""
    whole = _number(client.throughput)
    return None if whole is None else min(whole, max(SHARD_RATE, whole / client.count))


def _number(throughput: float | Literal["unlimited"]) -> float | None:
    return None if throughput == "unlimited" else throughput


@asynccontextmanager
async def sending(
    settings: Settings, ledger: Ledger, process: Process, shards: Sequence[str]
) -> AsyncIterator[Dispatcher]:
    """Send over every one of `shards` that is free, for the length of the block; its end drains."""
    store = PostgresLedger(ledger.pool, process=process.id)
    await store.introduce_shards({shard.id: shard.address for shard in settings.shards})
    async with open_whatsapp(settings) as api:
        dispatcher = Dispatcher(
            lanes_of(settings, shards),
            store=store,
            api=api,
            composer=MessageComposer(PostgresMedia(ledger.pool), api, dialect=settings.account.dialect),
            clock=BootClock(),
            installation=ledger.installation,
            housekeeping=Housekeeping(
                PostgresWatchman(ledger.pool, process=process.id),
                PostgresGates(ledger.pool),
                Judge(PostgresJudgements(ledger.pool, process=process.id), BootClock()),
                PostgresPortfolios(ledger.pool),
            ),
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
