"""`campaign resume` of a run that another process is sending."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.bootstrap import resuming
from campaign.bootstrap.desk import Desk
from campaign.bootstrap.launch import LaunchOptions
from campaign.bootstrap.preflight import Look
from campaign.ports import RunOwned
from tests.integration.rows import SHARD, Rows


@pytest.fixture
async def rows(pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch) -> Rows:
    unused: Any = None
    there = await Rows(pool).start()

    @asynccontextmanager
    async def desk(settings: Any, *_: Any) -> AsyncIterator[Desk]:
        runs = PostgresRuns(pool, process=await there.add_process())
        yield Desk(settings, unused, unused, runs, PostgresReports(pool), unused, unused, unused)

    async def nothing_wrong(*_: Any, **__: Any) -> Look:
        return Look()

    async def no_limit(*_: Any) -> None: ...

    monkeypatch.setattr(resuming, "desk", desk)
    monkeypatch.setattr(resuming, "look_again", nothing_wrong)
    monkeypatch.setattr(resuming, "keep_limit", no_limit)
    return there


async def resume(name: str) -> None:
    class NoShards:
        shards = ()

    settings: Any = NoShards()
    screen: Any = None
    await resuming.resume(settings, name, LaunchOptions(detach=True), screen, asyncio.Event())


async def test_its_numbers_that_stand_still_go_on_though_its_sender_stays_the_same(rows: Rows) -> None:
    run = await rows.run(campaign="spring", launcher=rows.process, shards=[SHARD, "lyon"])
    row = await rows.message(run)
    await rows.ledger.stop_shard(SHARD, rows.epoch, 131048)

    with pytest.raises(RunOwned):
        await resume("spring")

    assert await rows.mark(run, row) == ["marked"]
    assert await rows.pool.fetchval("SELECT launcher FROM run WHERE id = $1", run) == rows.process


async def test_a_pause_that_its_sender_has_not_seen_yet_stays(rows: Rows) -> None:
    run = await rows.run(campaign="spring", launcher=rows.process, state="paused", reason="command")

    with pytest.raises(RunOwned):
        await resume("spring")

    assert await rows.run_state(run) == ("paused", "command")
