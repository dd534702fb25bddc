"""Settles answers and writes them down; a permit comes back only when the ledger knows."""

from collections.abc import Callable
from typing import NamedTuple, assert_never

import structlog

from campaign.dispatch.batches import Batches
from campaign.dispatch.meter import Meter
from campaign.dispatch.orders import EVERY_RUN, CloseGate, Order, Pause, PausePortfolio, StopShard, held_back, order
from campaign.dispatch.reader import Ready
from campaign.domain.outcome import MistakeStreaks, Outcome, settle
from campaign.ports import Answer, Store

log = structlog.get_logger()

ANSWERS_AT_ONCE = 200


class _Settled(NamedTuple):
    ready: Ready
    answer: Answer
    order: Order | None


class Recorder:
    """Writes whatever answers wait, in one statement; `recorded` is called for each when it is committed."""

    def __init__(
        self,
        shard: str,
        epoch: int,
        *,
        store: Store,
        meter: Meter,
        mistakes: MistakeStreaks,
        recorded: Callable[[Ready], None],
    ) -> None:
        self._shard = shard
        self._epoch = epoch
        self._store = store
        self._meter = meter
        self._mistakes = mistakes
        self._recorded = recorded
        self._settled: Batches[_Settled] = Batches()
        # Of runs with an order that the ledger does not know of yet nothing more is marked.
        self._held_back: set[int] = set()

    def holds_back(self, run: int) -> bool:
        """Tell whether an answer that is not recorded yet forbids marking anything of a run."""
        return bool(self._held_back) and not self._held_back.isdisjoint((run, EVERY_RUN))

    def settle(self, ready: Ready, outcome: Outcome) -> None:
        """Decide what an outcome does to its message, and queue it for the ledger."""
        run, variant = ready.reading.run, ready.due.variant
        self._meter.answered(run.id, outcome)
        demand = order(run, outcome, mistaken=self._mistakes.note((run.id, variant), outcome), variant=variant)
        if demand is not None:
            self._held_back.add(held_back(demand))
        settlement = settle(
            outcome, pair_waits=ready.due.pair_waits, day_waits=ready.due.day_waits, number=ready.due.number
        )
        self._settled.put(_Settled(ready, Answer(run.id, ready.due.row, ready.due.attempt + 1, settlement), demand))

    def close(self) -> None:
        """Write what waits, then end."""
        self._settled.close()

    async def run(self) -> None:
        """Record until closed."""
        while batch := await self._settled.take(ANSWERS_AT_ONCE):
            for run in await self._store.record([settled.answer for settled in batch]):
                await self.pause(run, "multi_id")
            demands = list(dict.fromkeys(settled.order for settled in batch if settled.order is not None))
            for demand in demands:
                await self.obey(demand)
            for settled in batch:
                self._recorded(settled.ready)
            # Only what this batch told the ledger: an answer that came meanwhile still holds its run back.
            self._held_back -= {held_back(demand) for demand in demands}

    async def obey(self, demand: Order) -> None:
        """Do what an outcome demands; of an answer before its permit lets another message go."""
        match demand:
            case CloseGate(run, variant):
                await self._store.close_gate(run, variant)
            case Pause(run, reason):
                await self.pause(run, reason, **_said(demand))
            case PausePortfolio(run, reason):
                detail = _said(demand)
                for paused in await self._store.pause_portfolio(run, reason, detail=detail):
                    log.warning("run.paused", run=paused, reason=reason, shard=self._shard, **detail)
            case StopShard(code):
                if await self._store.stop_shard(self._shard, self._epoch, code):
                    log.error("shard.stopped", shard=self._shard, code=code)
            case _:
                assert_never(demand)

    async def pause(self, run: int, reason: str, **detail: object) -> None:
        """Pause a run that runs, and say so."""
        if await self._store.pause_run(run, reason, detail=detail):
            log.warning("run.paused", run=run, reason=reason, shard=self._shard, **detail)


def _said(demand: Pause | PausePortfolio) -> dict[str, object]:
    return {name: said for name, said in (("code", demand.code), ("why", demand.why)) if said is not None}
