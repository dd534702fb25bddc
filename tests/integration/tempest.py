"""Everybody who writes to a ledger while its plans ask for everything: limits, hours, ramps, caps and stop-losses."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.forgetting import PostgresForgetting
from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.hours import PostgresHours, Timed
from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.postgres.process import PostgresWatchman
from campaign.adapters.postgres.resending import PostgresResending
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.adapters.postgres.suppressions import PostgresSuppressions
from campaign.bootstrap.erasing import forget
from campaign.domain.callback import Callback
from campaign.domain.errors import AlreadyRunning, RefusedByPlan
from campaign.domain.numbers import Number, normalise, person
from campaign.domain.portfolio import Limit
from campaign.domain.receipt import AccountEvent, StatusFact
from campaign.domain.resending import Which, why_not
from campaign.ports import Unwanted
from campaign.receipts import Ours, Receipts
from campaign.rescue import rescue
from tests.integration.hammering import KEY, STATUSES, WEIGHTS
from tests.integration.orders import NOW, ORDERED, OURS
from tests.integration.planning import NEW
from tests.integration.rows import Rows
from tests.integration.tempest_plans import ERASED, PEOPLE, SHARDS, WANTED_NO_MORE, Plans, shards_of, windows
from tests.integration.tempest_platform import SPAN, Accepted, Platform
from tests.integration.tempest_senders import Senders

PORTFOLIOS = ("main", "other")
LIMITS = [0, 20, 60, 60, 100, 100, None]


class Tempest:
    """All of them over one ledger."""

    def __init__(self, rows: Rows, seed: int) -> None:
        self.pool, self.dice, self.platform = rows.pool, random.Random(seed), Platform()
        self.rows = rows
        self.plans = Plans(rows, self.platform, self.dice)
        self.senders = Senders(rows, self.platform, self.dice)
        self.erased = set[str]()
        self.attempts_then = dict[str, int]()
        self.steering = PostgresRuns(self.pool, process=rows.process)
        self.orders = PostgresResending(self.pool, process=rows.process)
        self.portfolios = PostgresPortfolios(self.pool)
        self.suppressions = PostgresSuppressions(self.pool)
        ours = Ours(account=None, portfolio="main", window=SPAN)
        self.receipts = Receipts(PostgresFeedback(self.pool), installation=OURS, key=KEY, ours=ours)

    async def start(self) -> "Tempest":
        await self.rows.ledger.introduce_shards({shard: f"address of {shard}" for shard in SHARDS})
        await self.pool.execute("UPDATE shard SET owner = NULL")
        await self.pool.execute("INSERT INTO process (purpose, host, pid) VALUES ('receiver', 'here', 2)")
        await self.pool.execute("UPDATE process SET heartbeat_at = now() + interval '1 day'")
        for portfolio in PORTFOLIOS:
            await self.limit(portfolio, 60)
        for _ in range(2):
            await self.senders.recruit()
        for _ in range(4):
            await self.plans.plan()
        return self

    @property
    def calm(self) -> bool:
        return self.senders.calm

    @property
    def actors(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            *[self.senders.send] * 6, *[self.hear] * 2, *[self.steer] * 2, self.tend, self.plans.plan,
            self.senders.kill, self.order, self.erase, self.suppress, self.change_limit, self.reschedule,
            self.write_back, self.trim,
        )  # fmt: skip

    async def tend(self) -> None:
        """Do once what each sender does once a second for all."""
        sender = self.dice.choice(self.senders.living)
        await sender.judge.tick()
        await sender.hours.tick(dict(sender.epochs))
        await rescue(PostgresWatchman(self.pool, process=sender.process))
        await self.portfolios.return_idle(after_seconds=0.3)
        await PostgresGates(self.pool).watch_gates()
        await self.receipts.sweep(everything=True)
        await asyncio.sleep(0.1)

    async def hear(self) -> None:
        known = self.platform.accepted
        [(status, code)] = self.dice.choices(STATUSES, WEIGHTS)
        await self._tell(self.dice.sample(known, min(len(known), self.dice.randint(1, 20))), status, code)
        await asyncio.sleep(0.02)

    async def _tell(self, accepted: Sequence[Accepted], status: str, code: int) -> None:
        said = []
        for each in accepted:
            callback = Callback(OURS, self.platform.promises[each.run].public_id, each.row, each.attempt)
            said.append(StatusFact(each.message_id, status, NOW, code, callback=callback, recipient=each.whom))
        await self.receipts.apply(said)

    async def limit(self, portfolio: str, people: int | None) -> None:
        """Set a limit by settings or by a webhook; while it is written down the higher one holds."""
        if self.platform.exceeds(portfolio, people):
            self.platform.limit(portfolio, people)
        if portfolio == "main" and people != 0 and self.dice.random() < 0.5:
            detail = {"max_daily_conversations_per_business": -1 if people is None else people}
            told = AccountEvent("business_capability_update", "", at=datetime.now(UTC), detail=detail)
            await self.receipts.apply([told])
        else:
            await self.portfolios.keep(portfolio, Limit(people, SPAN, "whatsapp"))
        self.platform.limit(portfolio, people)

    async def change_limit(self) -> None:
        await asyncio.sleep(self.dice.uniform(1, 8))
        if not self.calm:
            await self.limit(self.dice.choice(PORTFOLIOS), self.dice.choice(LIMITS))

    async def write_back(self) -> None:
        """Let somebody write to a number, which opens their window for a while."""
        whom, shard = self.dice.choice(PEOPLE[20:]), self.dice.choice(list(SHARDS))
        until = time.time() + self.dice.uniform(3, 12)
        await self.pool.execute(
            """INSERT INTO customer_window (person, address, until) VALUES ($1, $2, to_timestamp($3))
               ON CONFLICT (person, address) DO UPDATE SET until = greatest(customer_window.until, excluded.until)""",
            *(person(whom, KEY), f"address of {shard}", until),
        )
        self.platform.open_until[whom, shard] = max(until, self.platform.open_until.get((whom, shard), 0.0))
        await asyncio.sleep(0.2)

    async def steer(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.1, 0.4))
        runs = list(self.platform.promises)
        for run in runs:
            if self.calm or self.dice.random() < 0.5:
                await self.steering.resume(run, detail={})
        if self.calm:
            return
        chance, run, first = self.dice.random(), self.dice.choice(runs), self.senders.living[0]
        if chance < 0.3:
            await self.steering.pause(run, detail={})
        elif chance < 0.32:
            await self.steering.cancel(run, detail={})
        elif chance < 0.35 and first.epochs:
            await first.ledger.stop_shard(*next(iter(first.epochs.items())), 131048)

    async def order(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.05, 0.4))
        run, which = self.dice.choice(list(self.platform.promises)), self.dice.choice(list(Which))
        found = await self.orders.candidates(run, which)
        ready = [each for each in found.messages if why_not(each, now=found.at + timedelta(days=8)) is None]
        if not ready or self.calm:
            return
        # Before, since it may be sent before the order returns.
        self.platform.ordered.update((run, each.row) for each in ready)
        try:
            await self.orders.send_again(run, which, ready, ORDERED)
        except RefusedByPlan:
            self.platform.ordered.subtract((run, each.row) for each in ready)

    async def erase(self) -> None:
        await asyncio.sleep(self.dice.uniform(0.5, 2))
        number = normalise(self.dice.choice(ERASED), country=None)
        assert isinstance(number, Number)
        try:
            await forget(PostgresForgetting(self.pool), number, key=KEY, reason="asked")
        except AlreadyRunning:
            return
        self.erased.add(number.e164)

    async def suppress(self) -> None:
        await asyncio.sleep(self.dice.uniform(1, 4))
        number = self.dice.choice(WANTED_NO_MORE)
        await self.suppressions.suppress([Unwanted(person(number, KEY), "all", "command", "asked")])
        self.attempts_then.setdefault(number, await self.attempts(number))

    async def attempts(self, number: str) -> int:
        statement = "SELECT coalesce(sum(attempt), 0)::int FROM message WHERE person = $1"
        return int(await self.pool.fetchval(statement, person(number, KEY)))

    async def reschedule(self) -> None:
        """Let a run keep to other hours, as a launch with a changed file does."""
        await asyncio.sleep(self.dice.uniform(1, 4))
        timed = [run for run, promise in self.platform.promises.items() if promise.windows]
        if self.calm or not timed:
            return
        run = self.dice.choice(timed[-4:])
        hours = PostgresHours(self.pool, run)
        zone = await hours.next_zone()
        later = windows(datetime.now(UTC) + timedelta(seconds=self.dice.choice([-1, 1, 3])))
        self.platform.promises[run].windows += later
        await hours.add({zone: later})
        last = 0
        while messages := await hours.messages(after=last, limit=20):
            await hours.time([Timed(row, zone, *later[0]) for row, _ in messages])
            last = messages[-1][0]
        await hours.change({}, until=None, first_zone=zone)

    async def trim(self) -> None:
        """Leave shards out of a run and take them back, as later launches do."""
        await asyncio.sleep(self.dice.uniform(0.5, 2))
        run = self.dice.choice(list(self.platform.promises))
        shards = shards_of(self.platform.promises[run].portfolio)
        some = tuple(sorted(self.dice.sample(shards, self.dice.randint(1, len(shards)))))
        if not self.calm:
            await self.steering.take_settings_over(run, replace(NEW, shards=some))

    async def settle_down(self) -> None:
        """Let WhatsApp have told of everything, and the patience of ramps be over."""
        for start in range(0, len(self.platform.accepted), 200):
            await self._tell(self.platform.accepted[start : start + 200], "delivered", 0)
        await self.pool.execute(
            """UPDATE message AS m SET marked_at = m.marked_at - interval '16 min'
                 FROM run AS r WHERE r.id = m.run AND r.state = 'running' AND r.step + 1 < cardinality(r.ramp)"""
        )


async def keep_sampling(pool: asyncpg.Pool, overdrawn: list[str], samples: Counter[str]) -> None:
    """Hold at every moment that what is counted and out on lease is no more than the limit, or nothing is on lease."""
    statement = """
        SELECT p.portfolio, p.people,
               (SELECT count(DISTINCT c.person)::int FROM content_claim AS c
                  JOIN run AS r ON r.id = c.run AND r.portfolio = p.portfolio
                 WHERE c.counted_at > now() - p.counts_for) AS counted,
               (SELECT coalesce(sum(s.allowance), 0)::int FROM shard AS s WHERE s.allowance_of = p.portfolio) AS leased
          FROM portfolio AS p WHERE p.people IS NOT NULL"""
    while True:
        for portfolio, people, counted, leased in await pool.fetch(statement):
            samples[portfolio] += 1
            if leased and counted + leased > people:
                overdrawn.append(f"{portfolio}: {counted} counted and {leased} on lease of {people}")
        await asyncio.sleep(0.01)
