"""Everybody who writes to a ledger, at once and at random, with a platform that remembers what it accepted."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.forgetting import PostgresForgetting
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.adapters.postgres.suppressions import PostgresSuppressions
from campaign.bootstrap.erasing import forget
from campaign.domain.callback import Callback
from campaign.domain.errors import AlreadyRunning, LedgerAway, RefusedByPlan
from campaign.domain.numbers import Number, normalise, person
from campaign.domain.outcome import Settlement
from campaign.domain.receipt import Inbound, Item, Preference, StatusFact
from campaign.domain.resending import Which, why_not
from campaign.ports import Answer, Asked, Unwanted
from campaign.receipts import Receipts
from tests.integration.orders import NOW, ORDERED, OURS, Orders
from tests.integration.rows import SHARD

KEY = b"k" * 32
PEOPLE = [f"+3361234{index:04}" for index in range(30)]
# The first of them are suppressed and erased, and nobody takes that back; the next say now this and now that.
WANTED_NO_MORE, ERASED, FICKLE = PEOPLE[:4], PEOPLE[4:8], PEOPLE[8:14]
RUNS = 16
STATUSES = (("sent", 0), ("delivered", 0), ("read", 0), ("failed", 131026), ("failed", 131050), ("failed", 132015))
WEIGHTS = (8, 4, 2, 4, 2, 1)


class Crowd:
    """Actors over a few runs of different campaigns that want to tell the same people the same."""

    def __init__(self, orders: Orders, seed: int) -> None:
        self.orders, self.rows, self.pool = orders, orders.rows, orders.pool
        self.dice = random.Random(seed)
        self.runs: list[int] = []
        self.public = dict[int, object]()
        self.contents = dict[int, bytes]()
        self.people = dict[tuple[int, int], str]()
        # What the platform accepted: message ID -> run, row, attempt.
        self.accepted = dict[str, tuple[int, int, int]]()
        self.ordered = Counter[tuple[int, int]]()
        self.attempts_then = dict[str, int]()
        self.erased = set[str]()
        self.steering = PostgresRuns(self.pool, process=self.rows.process)
        self.suppressions = PostgresSuppressions(self.pool)
        refusals = {131050: "marketing"}
        self.receipts = Receipts(
            PostgresFeedback(self.pool),
            installation=OURS,
            key=KEY,
            unwanted=refusals,  # type: ignore[arg-type]
        )

    async def plan(self) -> None:
        """Let two campaigns want to say the same to everybody."""
        if len(self.runs) >= RUNS:
            return
        content = b"%d" % len(self.runs)
        for _ in range(2):
            run = await self.orders.run(state="running", template=f"sale {len(self.runs) // 2}", audience=len(PEOPLE))
            self.contents[run] = content
            self.public[run] = await self.pool.fetchval("SELECT public_id FROM run WHERE id = $1", run)
            numbers = [each for each in self.dice.sample(PEOPLE, len(PEOPLE)) if each not in ERASED or not self.runs]
            for number in numbers:
                more = {"person": person(number, KEY), "number": number, "content": content}
                self.people[run, await self.rows.message(run, **more)] = number
            await self.pool.execute("UPDATE run SET audience = $2 WHERE id = $1", run, len(numbers))
            self.runs.append(run)

    @property
    def actors(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (
            *[self.send] * 4, *[self.hear] * 3, *[self.steer] * 3, self.plan, self.write_back, self.suppress,
            self.order, self.settle, self.erase, self.tidy,
        )  # fmt: skip

    async def send(self) -> None:
        run = self.dice.choice(self.runs)
        due = await self.rows.ledger.read_ahead(SHARD, run, after=None, limit=30)
        due = self.dice.sample(due, min(len(due), self.dice.randint(1, 12)))
        if not due:
            await self.rows.ledger.finish_run(run)
            return
        asked = [Asked(run, each.row, each.attempt) for each in due]
        try:
            verdicts = await self.rows.ledger.mark(SHARD, self.rows.epoch, asked)
        except LedgerAway:
            return  # chosen as the victim of a deadlock: nothing was marked
        posted = [each for each, verdict in zip(asked, verdicts, strict=True) if verdict == "marked"]
        answers = [Answer(run, each.row, each.attempt + 1, self._post(run, each)) for each in posted]
        self.dice.shuffle(answers)
        if answers:
            await self.rows.ledger.record(answers)

    def _post(self, run: int, asked: Asked) -> Settlement:
        """Send to the platform: what it makes of it, and what its answer says of that."""
        fate = self.dice.random()
        if fate < 0.65:
            message_id = f"wamid.{len(self.accepted)}"
            self.accepted[message_id] = (run, asked.row, asked.attempt + 1)
            if fate < 0.5:
                return Settlement("accepted", message_id=message_id, held=fate < 0.1)
        if fate < 0.8:
            return Settlement("unknown", why="TimeoutError")
        if fate < 0.9:
            return Settlement("pending", code=130429)
        opts_out = fate > 0.97
        return Settlement("rejected", code=131050 if opts_out else 131026, suppress="marketing" if opts_out else None)

    async def hear(self) -> None:
        known = self.dice.sample(list(self.accepted.items()), min(len(self.accepted), self.dice.randint(1, 8)))
        items: list[Item] = []
        for message_id, (run, row, attempt) in known:
            [(status, code)] = self.dice.choices(STATUSES, WEIGHTS)
            callback = Callback(OURS, self.public[run], row, attempt)  # type: ignore[arg-type]
            whose = self.people[run, row]
            items.append(StatusFact(message_id, status, NOW, code, callback=callback, recipient=whose))
        await self.receipts.apply(items)

    async def write_back(self) -> None:
        number, at = self.dice.choice(FICKLE), NOW + timedelta(seconds=self.dice.randrange(10_000))
        stopped = Preference(number, stopped=self.dice.random() < 0.5, at=at)
        wrote = Inbound(f"in.{self.dice.random()}", "106", number, at, said=(self.dice.choice(["STOP", "hello"]),))
        await self.receipts.apply([stopped, wrote])

    async def suppress(self) -> None:
        if self.dice.random() < 0.5:
            allowed = [person(number, KEY) for number in FICKLE]
            await self.suppressions.allow(allowed, scopes=["all", "marketing"], sources=["command", "stop_word"])
            return
        number = self.dice.choice(WANTED_NO_MORE)
        await self.suppressions.suppress([Unwanted(person(number, KEY), "all", "command", "asked")])
        self.attempts_then.setdefault(number, await self.attempts(number))

    async def attempts(self, number: str) -> int:
        found: int = await self.pool.fetchval(
            "SELECT sum(attempt)::int FROM message WHERE person = $1", person(number, KEY)
        )
        return found

    async def order(self) -> None:
        run, which = self.dice.choice(self.runs), self.dice.choice(list(Which))
        found = await self.orders.store.candidates(run, which)
        ready = [each for each in found.messages if why_not(each, now=found.at + timedelta(days=8)) is None]
        if not ready:
            return
        try:
            await self.orders.store.send_again(run, which, ready, ORDERED)
        except RefusedByPlan:
            return
        self.ordered.update((run, each.row) for each in ready)

    async def settle(self) -> None:
        run = self.dice.choice(self.runs)
        found = await self.orders.store.candidates(run, Which.UNKNOWN)
        try:
            await self.orders.store.settle(run, found.messages[:1], ORDERED)
        except RefusedByPlan:
            return

    async def steer(self) -> None:
        run = self.dice.choice(self.runs)
        if self.dice.random() < 0.3:
            await self.steering.pause(run, detail={})
        for each in self.runs:
            await self.steering.resume(each, detail={})
        if run == self.runs[0] and self.dice.random() < 0.02:
            await self.steering.cancel(run, detail={})

    async def erase(self) -> None:
        number = normalise(self.dice.choice(ERASED), country=None)
        assert isinstance(number, Number)
        try:
            await forget(PostgresForgetting(self.pool), number, key=KEY, reason="asked")
        except AlreadyRunning:
            return
        self.erased.add(number.e164)

    async def tidy(self) -> None:
        await self.receipts.sweep(everything=True)
        await self.pool.execute("UPDATE message SET not_before = '-infinity' WHERE not_before > now()")
