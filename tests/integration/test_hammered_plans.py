"""Limits, hours, ramps, caps and stop-losses at once, while senders die: nothing is lost, nothing is too much."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from campaign.adapters.postgres.database import open_pool
from campaign.adapters.postgres.reports import PostgresReports
from campaign.domain.numbers import person
from campaign.report import summed
from tests.integration.hammering import KEY
from tests.integration.rows import Rows
from tests.integration.tempest import PORTFOLIOS, Tempest, keep_sampling
from tests.integration.test_hammered_ledger import impatient


class Size(NamedTuple):
    """How long everybody rages, at which seed."""

    seconds: float
    seed: int


SMALL, FULL = Size(5, 1), [Size(90, seed) for seed in (2, 3, 4)]
CHAOS = [pytest.param(size, marks=pytest.mark.chaos, id=f"full-{size.seed}") for size in FULL]

PATIENCE_SECONDS = 150

LOST = """SELECT r.id, r.state, r.shards, m.shard, m.state, m.step, m.attempt, count(*)
            FROM message AS m JOIN run AS r ON r.id = m.run WHERE m.state IN ('pending', 'in_flight')
           GROUP BY 1, 4, 5, 6, 7"""


@pytest.mark.parametrize("size", [pytest.param(SMALL, marks=pytest.mark.chaos, id="small"), *CHAOS])
async def test_a_plan_is_kept_to_whatever_happens_at_once(ledger_dsn: str, size: Size) -> None:
    await impatient(ledger_dsn)
    async with open_pool(ledger_dsn, size=16, purpose="campaign test") as pool:
        tempest = await Tempest(await Rows(pool).start(), size.seed).start()
        overdrawn, samples = list[str](), Counter[str]()
        sampler = asyncio.create_task(keep_sampling(pool, overdrawn, samples))
        try:
            await rage(tempest, size.seconds)
            await calm(tempest)
        finally:
            sampler.cancel()

        assert overdrawn == []
        assert tempest.platform.violations == []
        assert await pool.fetch(LOST) == []
        await counts_add_up(tempest)
        await nobody_has_two_but_by_order(tempest)
        await claims_are_of_what_may_have_arrived(tempest)
        await nothing_of_the_erased_is_left(tempest)
        for number, attempts in tempest.attempts_then.items():
            assert await tempest.attempts(number) == attempts
        alarms = "SELECT count(*) FROM event WHERE name IN ('message.ghost', 'message.doubled', 'life.foreign')"
        assert await pool.fetchval(alarms) == 0
        assert samples.keys() == set(PORTFOLIOS)
        assert tempest.senders.verdicts.keys() >= {"marked", "limited", "skipped", "later"}


async def rage(tempest: Tempest, seconds: float) -> None:
    async def again(actor: Callable[[], Awaitable[None]]) -> None:
        while not tempest.calm:
            await actor()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        for actor in tempest.actors:
            tasks.create_task(again(actor))
        await asyncio.sleep(seconds)
        tempest.senders.calm = True


async def calm(tempest: Tempest) -> None:
    """Let the senders that are left end every run."""
    for portfolio in PORTFOLIOS:
        await tempest.limit(portfolio, 10_000)
    going = "SELECT count(*) FROM run WHERE state NOT IN ('finished', 'cancelled')"
    rounds = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await tempest.pool.fetchval(going):
            rounds += 1
            if rounds % 8 == 0:
                await tempest.settle_down()
            await asyncio.gather(*(tempest.senders.send() for _ in range(6)), tempest.tend(), tempest.steer())


async def counts_add_up(tempest: Tempest) -> None:
    for run in tempest.platform.promises:
        said = summed(await PostgresReports(tempest.pool).facts(run))
        assert said.audience == said.planned == sum(said.send.values())
        assert sum(said.skipped.values()) == said.send["skipped"]
        assert sum(said.delivery.values()) == said.send["accepted"]


async def nobody_has_two_but_by_order(tempest: Tempest) -> None:
    """Of one run, and of all that say the same and claim it."""
    platform = tempest.platform
    claiming = {row["id"] for row in await tempest.pool.fetch("SELECT id FROM run WHERE duplicate_window IS NOT NULL")}
    in_run, said, orders = Counter[tuple[int, str]](), Counter[tuple[bytes, str]](), Counter[tuple[bytes, str]]()
    for each in platform.accepted:
        in_run[each.run, each.whom] += 1
        if each.run in claiming:
            said[platform.promises[each.run].content, each.whom] += 1
    for (run, row), times in platform.ordered.items():
        whom = platform.people[run, row]
        in_run[run, whom] -= times
        orders[platform.promises[run].content, whom] += times
    assert {key: count for key, count in in_run.items() if count > 1} == {}
    assert {key: count for key, count in said.items() if count > 1 + orders[key]} == {}


async def claims_are_of_what_may_have_arrived(tempest: Tempest) -> None:
    idle = """SELECT m.run, m.row, m.state FROM content_claim AS c JOIN message AS m ON m.run = c.run AND m.row = c.row
               WHERE c.content = m.content AND m.state IN ('rejected', 'skipped', 'cancelled')
                 AND NOT m.taken_before AND NOT c.inherited"""
    assert await tempest.pool.fetch(idle) == []
    unclaimed = """SELECT m.run, m.row, m.state FROM message AS m JOIN run AS r ON r.id = m.run
                    WHERE m.state IN ('accepted', 'unknown') AND r.duplicate_window IS NOT NULL
                      AND NOT EXISTS (SELECT FROM content_claim AS c
                                       WHERE c.person = m.person AND c.content = m.content)"""
    assert await tempest.pool.fetch(unclaimed) == []


async def nothing_of_the_erased_is_left(tempest: Tempest) -> None:
    hashes = [person(number, KEY) for number in tempest.erased]
    left = """SELECT count(*) FROM message
               WHERE person = ANY ($1) AND (number <> '' OR message_id IS NOT NULL OR variables <> '{}'
                                            OR region <> '' OR zone IS NOT NULL)"""
    assert await tempest.pool.fetchval(left, hashes) == 0
