"""Settles answers and writes them down; a permit comes back only when the ledger knows."""

from collections.abc import Callable

import structlog

from campaign.dispatch.batches import Batches
from campaign.dispatch.meter import Meter
from campaign.dispatch.orders import Order, is_held, orders
from campaign.dispatch.reader import Ready
from campaign.domain.outcome import Outcome, settle
from campaign.ports import Answer, Store

log = structlog.get_logger()

ANSWERS_AT_ONCE = 200


class Recorder:
    """Writes whatever answers wait, in one statement; `recorded` is called for each when it is committed."""

    def __init__(self, shard: str, *, store: Store, meter: Meter, recorded: Callable[[Ready], None]) -> None:
        self._shard = shard
        self._store = store
        self._meter = meter
        self._recorded = recorded
        self._answers: Batches[tuple[Ready, Answer, Outcome]] = Batches()
        # Runs with a held answer that the ledger does not know of yet: nothing more of theirs is marked.
        self.held_back: set[int] = set()

    def settle(self, ready: Ready, outcome: Outcome) -> None:
        """Decide what an outcome does to its message, and queue it for the ledger."""
        run = ready.reading.run
        self._meter.answered(run.id, outcome)
        if is_held(outcome) and run.when_held != "continue":
            self.held_back.add(run.id)
        settlement = settle(outcome, pair_waits=ready.pair_waits)
        self._answers.put((ready, Answer(run.id, ready.row, ready.attempt + 1, settlement), outcome))

    def close(self) -> None:
        """Write what waits, then end."""
        self._answers.close()

    async def run(self) -> None:
        """Record until closed."""
        while batch := await self._answers.take(ANSWERS_AT_ONCE):
            for run in await self._store.record([answer for _, answer, _ in batch]):
                await self.pause(run, "multi_id")
            for order in dict.fromkeys(orders((ready, outcome) for ready, _, outcome in batch)):
                await self._obey(order)
            for ready, _, _ in batch:
                self._recorded(ready)
            # Only what this batch told the ledger: an answer that came meanwhile still holds its run back.
            self.held_back -= {ready.reading.run.id for ready, _, outcome in batch if is_held(outcome)}

    async def _obey(self, order: Order) -> None:
        """Do what outcomes demand of their run, before their permits let another message go."""
        if order.reason == "":
            await self._store.close_gate(order.run)
        elif order.code is None:
            await self.pause(order.run, order.reason)
        else:
            await self.pause(order.run, order.reason, code=order.code)

    async def pause(self, run: int, reason: str, **detail: object) -> None:
        """Pause a run, and say so."""
        log.warning("run.paused", run=run, reason=reason, shard=self._shard, **detail)
        await self._store.pause_run(run, reason, detail=detail)
