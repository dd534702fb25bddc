"""A ledger and a WhatsApp in memory, a dispatcher between them, and virtual time."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

from campaign.dispatch import Dispatcher, Lane
from campaign.domain.outcome import Outcome
from tests.fakes import ManualClock, NoHousekeeping, PlainComposer, ScriptedApi, accepting
from tests.memory_store import MemoryStore
from tests.virtual_time import until


class World:
    """A store, an API and a clock; `sending` puts a dispatcher between them."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.store = MemoryStore(self.clock)
        self.api = ScriptedApi(self.clock)
        self.composer = PlainComposer(self.clock)

    @asynccontextmanager
    async def sending(
        self, *, ceiling: float | None = 80.0, in_flight: int | None = None, shards: tuple[str, ...] = ("paris",)
    ) -> AsyncIterator[Dispatcher]:
        lanes = [Lane(shard, f"address of {shard}", ceiling, in_flight) for shard in shards]
        async with self.sending_over(lanes) as dispatcher:
            yield dispatcher

    @asynccontextmanager
    async def sending_over(self, lanes: Sequence[Lane]) -> AsyncIterator[Dispatcher]:
        await self.store.introduce_shards({lane.id: lane.address for lane in lanes})
        dispatcher = Dispatcher(
            lanes,
            store=self.store,
            api=self.api,
            composer=self.composer,
            clock=self.clock,
            installation="0123abcd",
            housekeeping=NoHousekeeping(),
        )
        work = asyncio.create_task(dispatcher.run())
        try:
            yield dispatcher
        finally:
            dispatcher.drain()
            await work

    async def finished(self, run: int = 1) -> None:
        await until(lambda: self.store.runs[run].state == "finished")

    def answers(self, *outcomes: Outcome) -> None:
        """Answer so, one after the other, and accept everything after that."""
        script: Iterator[Outcome] = iter(outcomes)
        self.api.answer_by(lambda post: next(script, None) or accepting(post))
