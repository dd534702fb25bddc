"""All who write to the ledger at once: nobody waits in a circle for good, the counts add up, nobody gets it twice."""

import asyncio
from collections import Counter

import pytest

from campaign.adapters.postgres.database import connect, open_pool
from campaign.adapters.postgres.reports import PostgresReports
from campaign.domain.numbers import person
from campaign.report import summed
from tests.integration.hammering import KEY, Crowd
from tests.integration.orders import Orders
from tests.integration.rows import Rows

TURNS = 80


@pytest.mark.parametrize("seed", [1, 2])
async def test_whoever_writes_at_once_keeps_the_promises(ledger_dsn: str, seed: int) -> None:
    await impatient(ledger_dsn)
    async with open_pool(ledger_dsn, size=16, purpose="campaign test") as pool:
        crowd = Crowd(Orders(await Rows(pool).start()), seed)
        for _ in range(6):
            await crowd.plan()

        async with asyncio.TaskGroup() as tasks:
            for actor in crowd.actors:
                tasks.create_task(turns(actor))

        await counts_add_up(crowd)
        await nobody_has_two_but_by_order(crowd)
        await nothing_of_the_erased_is_left(crowd)
        # There is no other life, and no attempt that was accepted twice.
        alarms = "SELECT count(*) FROM event WHERE name IN ('message.ghost', 'message.doubled', 'life.foreign')"
        assert await pool.fetchval(alarms) == 0
        for number, attempts in crowd.attempts_then.items():
            assert await crowd.attempts(number) == attempts
        assert crowd.accepted
        assert crowd.ordered
        assert crowd.erased


async def impatient(dsn: str) -> None:
    """Let the server look for circles at once, so that one costs milliseconds."""
    connection = await connect(dsn)
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {name} SET deadlock_timeout = '20ms'")
    await connection.close()


async def turns(actor: object) -> None:
    for _ in range(TURNS):
        await actor()  # type: ignore[operator]
        await asyncio.sleep(0)


async def counts_add_up(crowd: Crowd) -> None:
    for run in crowd.runs:
        said = summed(await PostgresReports(crowd.pool).facts(run))
        assert said.audience == said.planned + sum(said.refused.values())
        assert said.planned == sum(said.send.values())
        assert sum(said.skipped.values()) == said.send["skipped"]
        assert sum(said.rejected.values()) == said.send["rejected"]
        assert sum(said.delivery.values()) == said.send["accepted"]


async def nobody_has_two_but_by_order(crowd: Crowd) -> None:
    """Of all runs together, since they say the same to the same people."""
    said = Counter((crowd.contents[run], crowd.people[run, row]) for run, row, _ in crowd.accepted.values())
    orders = Counter[tuple[bytes, str]]()
    for (run, row), times in crowd.ordered.items():
        orders[crowd.contents[run], crowd.people[run, row]] += times
    assert {key: count for key, count in said.items() if count > 1 + orders[key]} == {}
    assert await crowd.pool.fetchval("SELECT count(*) FROM message WHERE ghost AND state <> 'accepted'") == 0


async def nothing_of_the_erased_is_left(crowd: Crowd) -> None:
    hashes = [person(number, KEY) for number in crowd.erased]
    ids = [each for each, (run, row, _) in crowd.accepted.items() if crowd.people[run, row] in crowd.erased]
    left = """SELECT (SELECT count(*) FROM message WHERE person = ANY ($1)
                        AND (number <> '' OR message_id IS NOT NULL OR variables <> '{}'))
                   + (SELECT count(*) FROM message WHERE number = '' AND state IN ('pending', 'in_flight'))
                   + (SELECT count(*) FROM attempt_history WHERE message_id = ANY ($2))
                   + (SELECT count(*) FROM fact WHERE message_id = ANY ($2))"""
    assert await crowd.pool.fetchval(left, hashes, ids) == 0
