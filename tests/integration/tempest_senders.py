"""Senders that come and go: they take shards, mark, post and record, and some die before they can say what they did."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaign.adapters.clock import BootClock
from campaign.adapters.postgres.judging import PostgresJudgements
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.dispatch.hours import Hours
from campaign.domain.errors import LedgerAway
from campaign.domain.outcome import Settlement
from campaign.judging import Judge
from campaign.ports import Answer, Asked
from tests.integration.rows import Rows
from tests.integration.tempest_plans import SHARDS
from tests.integration.tempest_platform import Platform

UNSENT = Settlement("pending", why="not sent")
LATEST_SECONDS = 4.5


@dataclass
class Sender:
    """A process, the shards it believes it owns, and what it does beside sending."""

    process: int
    ledger: PostgresLedger
    judge: Judge
    hours: Hours
    epochs: dict[str, int] = field(default_factory=dict)


class Senders:
    """Those that live; `calm`: from now on nobody dies or gives anything away."""

    def __init__(self, rows: Rows, platform: Platform, dice: random.Random) -> None:
        self._rows, self._pool, self._platform, self._dice = rows, rows.pool, platform, dice
        self.living = list[Sender]()
        self.verdicts = Counter[str]()
        self.calm = False

    async def recruit(self) -> None:
        process = await self._rows.add_process()
        await self._pool.execute("UPDATE process SET heartbeat_at = now() + interval '1 day' WHERE id = $1", process)
        ledger, clock = PostgresLedger(self._pool, process=process), BootClock()
        judge = Judge(PostgresJudgements(self._pool, process=process), clock)
        self.living.append(Sender(process, ledger, judge, Hours(ledger, clock)))

    async def kill(self) -> None:
        """Let a sender be taken for dead; it goes on once more, with the epochs it had."""
        await asyncio.sleep(self._dice.uniform(0.5, 3))
        if self.calm:
            return
        dead = self.living.pop(0)
        await self._pool.execute("UPDATE process SET ended_at = now() WHERE id = $1", dead.process)
        await self.recruit()
        await self._send(dead)

    async def send(self) -> None:
        await self._send(self._dice.choice(self.living))

    async def _send(self, sender: Sender) -> None:
        await self._take(sender)
        if not sender.epochs:
            await asyncio.sleep(0.05)
            return
        shard, epoch = self._dice.choice(sorted(sender.epochs.items()))
        asked = await self._due(sender, shard)
        if not asked:
            await asyncio.sleep(0.02)
            return
        began = time.monotonic()
        try:
            verdicts = await sender.ledger.mark(shard, epoch, asked)
        except LedgerAway:
            await _record(sender, asked, UNSENT)
            return
        self.verdicts.update(verdicts)
        if "fenced" in verdicts:
            sender.epochs.pop(shard, None)
        await self._obey_limits(
            sender, [each.run for each, said in zip(asked, verdicts, strict=True) if said == "limited"]
        )
        await self._post(
            sender, shard, [each for each, said in zip(asked, verdicts, strict=True) if said == "marked"], began
        )

    async def _take(self, sender: Sender) -> None:
        if self._dice.random() < 0.1:
            for shard in SHARDS:
                if shard not in sender.epochs and (taken := await sender.ledger.take(shard, ceiling=80.0)):
                    sender.epochs[shard] = taken.epoch
        if sender.epochs and not self.calm and self._dice.random() < 0.01:
            await sender.ledger.give_back(*sender.epochs.popitem())

    async def _due(self, sender: Sender, shard: str) -> list[Asked]:
        runs = [run.id for run in await sender.ledger.runs_with_work(shard) if not sender.ledger.rest(run.id)]
        asked = []
        for run in self._dice.sample(runs, min(len(runs), 3)):
            due = await sender.ledger.read_ahead(shard, run, after=None, limit=20)
            some = self._dice.sample(due, min(len(due), self._dice.randint(1, 8)))
            asked += [Asked(run, each.row, each.attempt) for each in some]
            if not due:
                await sender.ledger.finish_run(run)
        self._dice.shuffle(asked)
        return asked

    async def _obey_limits(self, sender: Sender, limited: Sequence[int]) -> None:
        for run in set(limited):
            if await self._pool.fetchval("SELECT when_limited FROM run WHERE id = $1", run) == "pause":
                await sender.ledger.pause_run(run, "limit")

    async def _post(self, sender: Sender, shard: str, marked: Sequence[Asked], began: float) -> None:
        marked_at = time.time()
        await asyncio.sleep(self._dice.uniform(0, 0.1))
        if time.monotonic() - began > LATEST_SECONDS:
            await _record(sender, marked, UNSENT)
            return
        fates = [self._fate(shard, each, marked_at) for each in marked]
        if not self.calm and self._dice.random() < 0.03:
            return
        await asyncio.sleep(self._dice.uniform(0, 0.05))
        for each in [each for each, fate in zip(marked, fates, strict=True) if fate.held][:1]:
            await sender.ledger.close_gate(each.run, 0)
        await _record(sender, marked, *fates)

    def _fate(self, shard: str, asked: Asked, marked_at: float) -> Settlement:
        """Let the platform take it or not, and say what its answer says of that."""
        fate = self._dice.random()
        if fate < 0.7:
            message_id = self._platform.accept(shard, asked.run, asked.row, asked.attempt + 1, marked_at=marked_at)
            if fate < 0.62:
                return Settlement("accepted", message_id=message_id, held=fate < 0.01)
        if fate < 0.75:
            return Settlement("unknown", why="TimeoutError")
        if fate < 0.85:
            return Settlement("pending", code=130429, wait_seconds=self._dice.choice([0.0, 0.3, 1.5]))
        opts_out = fate > 0.99
        return Settlement("rejected", code=131050 if opts_out else 131026, suppress="marketing" if opts_out else None)


async def _record(sender: Sender, asked: Sequence[Asked], *fates: Settlement) -> None:
    """Record one fate for all, or one for each."""
    each_fate = fates if len(fates) != 1 else fates * len(asked)
    if asked:
        answers = zip(asked, each_fate, strict=True)
        await sender.ledger.record([Answer(each.run, each.row, each.attempt + 1, fate) for each, fate in answers])
