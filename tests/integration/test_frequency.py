"""At most so many marketing messages to one person in a period, whoever sends them and however many at once."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.domain.outcome import Settlement
from campaign.ports import Asked, Frequency
from tests.integration.planning import open_ledger, people
from tests.integration.rows import Rows

WEEK = "7 days"


class Capped(Rows):
    """Runs under a cap."""

    async def capped(self, at_most: int = 1, **more: Any) -> int:
        run = await self.run(frequency_at_most=at_most, **more)
        await self.pool.execute("UPDATE run SET frequency_per = $2::text::interval WHERE id = $1", run, WEEK)
        return run


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Capped:
    return await started(pool)


async def started(pool: asyncpg.Pool) -> Capped:
    rows = Capped(pool)
    await rows.start()
    return rows


async def to(rows: Rows, run: int, person: str = "ana", **more: Any) -> int:
    return await rows.message(run, person=person.encode(), content=f"content {run}".encode(), **more)


async def test_who_got_enough_is_left_out_and_the_others_are_not(rows: Capped) -> None:
    first, second, third = await rows.run(), await rows.capped(2), await rows.capped(2)

    assert await rows.mark(first, await to(rows, first)) == ["marked"]
    assert await rows.mark(second, await to(rows, second)) == ["marked"]
    late, other = await to(rows, third), await to(rows, third, "bob")
    assert await rows.mark(third, late, other) == ["skipped", "marked"]
    assert (await rows.at(third, late))["reason"] == "frequency_cap"


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ("in_flight", True), ("accepted", True), ("unknown", True),
        ("rejected", False), ("skipped", False), ("cancelled", False), ("pending", False),
    ],
)  # fmt: skip
async def test_what_may_have_arrived_counts(rows: Capped, state: str, *, counts: bool) -> None:
    earlier, run = await rows.run(), await rows.capped()
    await to(rows, earlier, state=state, marked_at="1 hour")

    assert await rows.mark(run, await to(rows, run)) == ["skipped" if counts else "marked"]


async def test_what_was_sent_before_the_period_does_not_count(rows: Capped) -> None:
    earlier, run = await rows.run(), await rows.capped()
    await to(rows, earlier, state="accepted", marked_at="8 days")

    assert await rows.mark(run, await to(rows, run)) == ["marked"]


async def test_a_run_that_ended_within_the_period_still_counts(rows: Capped) -> None:
    earlier, run = await rows.run(), await rows.capped()
    await to(rows, earlier, state="accepted", marked_at="1 day")
    await rows.pool.execute("UPDATE run SET state = 'finished', finished_at = now() WHERE id = $1", earlier)

    assert await rows.mark(run, await to(rows, run)) == ["skipped"]


async def test_messages_that_are_no_marketing_do_not_count(rows: Capped) -> None:
    earlier, run = await rows.run(definition={"category": "utility"}), await rows.capped()
    await to(rows, earlier, state="accepted", marked_at="1 hour")

    assert await rows.mark(run, await to(rows, run)) == ["marked"]


async def test_a_campaign_without_a_cap_writes_all_the_same(rows: Capped) -> None:
    earlier, run = await rows.capped(), await rows.run()
    await to(rows, earlier, state="accepted", marked_at="1 hour")

    assert await rows.mark(run, await to(rows, run)) == ["marked"]


async def test_a_refusal_gives_the_turn_to_the_next_campaign(rows: Capped) -> None:
    first, second = await rows.capped(), await rows.capped()
    one = await to(rows, first)
    assert await rows.mark(first, one) == ["marked"]
    await rows.record(first, one, Settlement("rejected", code=131026))

    assert await rows.mark(second, await to(rows, second)) == ["marked"]


async def test_of_two_capped_messages_to_one_person_in_a_batch_one_waits(rows: Capped) -> None:
    first, second = await rows.capped(), await rows.capped()
    one, other = await to(rows, first), await to(rows, second)
    asked = [Asked(second, other, 0), Asked(first, one, 0)]

    assert list(await rows.ledger.mark("paris", rows.epoch, asked)) == ["later", "marked"]
    assert await rows.claims() == [(first, one)]
    assert await rows.mark(second, other) == ["skipped"]


async def test_a_plan_tells_early_who_got_enough(ledger_dsn: str) -> None:
    async with open_ledger(ledger_dsn) as ledger:
        await ledger.plan(*people(3), campaign="earlier", duplicate_window=None)
        await ledger.do("UPDATE message SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now()")
        await ledger.do("UPDATE message SET marked_at = now() - interval '8 days' WHERE row = 1")

        capped = {"frequency": Frequency(1, timedelta(days=7)), "duplicate_window": None}
        told = await ledger.rehearse(*people(5), **capped)
        run, planned = await ledger.plan(*people(5), **capped)

        assert told.skipped == planned.skipped == {"frequency_cap": 2}
        left_out = "SELECT row FROM message WHERE run = $1 AND reason = 'frequency_cap' ORDER BY row"
        assert await ledger.rows(left_out, run) == [(2,), (3,)]


@pytest.mark.parametrize("at_most", [1, 3])
async def test_many_senders_and_campaigns_at_once_never_exceed_a_cap(pool: asyncpg.Pool, at_most: int) -> None:
    """Eight processes' worth of connections mark for six campaigns, in any order, each over its own shard."""
    rows, dice = await started(pool), random.Random(7)
    names = [f"person {number}" for number in range(25)]
    senders = []
    for number in range(8):
        ledger = PostgresLedger(pool, process=await rows.add_process())
        await ledger.introduce_shards({f"shard {number}": f"address {number}"})
        taken = await ledger.take(f"shard {number}", ceiling=80.0)
        assert taken is not None
        asked = []
        for _ in range(6):
            run = await rows.capped(at_most, shards=[f"shard {number}"])
            asked += [Asked(run, await to(rows, run, name, shard=f"shard {number}"), 0) for name in names]
        dice.shuffle(asked)
        senders.append((ledger, f"shard {number}", taken.epoch, asked))

    async def send(ledger: PostgresLedger, shard: str, epoch: int, asked: list[Asked]) -> None:
        while asked:
            batch, asked = asked[:20], asked[20:]
            verdicts = await ledger.mark(shard, epoch, batch)
            asked += [item for item, verdict in zip(batch, verdicts, strict=True) if verdict == "later"]

    async with asyncio.timeout(60):
        await asyncio.gather(*(send(*each) for each in senders))

    sent = await pool.fetch(
        "SELECT person, count(*)::int AS n FROM message WHERE state = 'in_flight' GROUP BY person ORDER BY n"
    )
    assert {row["n"] for row in sent} == {at_most}
    assert len(sent) == len(names)
    assert await pool.fetchval("SELECT count(*)::int FROM message WHERE state = 'pending'") == 0
