"""The ledger as the plan uses it: a run's rows, all in one transaction."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal
from uuid import uuid4

import asyncpg

from campaign.adapters.postgres.asking import ask, reachable
from campaign.adapters.postgres.exclusions import PostgresExclusions
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.runs import columns
from campaign.domain.calendar import Window
from campaign.domain.errors import AlreadyRunning
from campaign.ports import Group, NewRun, PlannedRow, RefusedRow, Written

_SQL = load_queries("plan")
_JUDGING = load_queries("judging")
_PORTFOLIOS = load_queries("portfolios")


class PostgresPlans:
    """Writes plans for the process `process`."""

    def __init__(self, pool: asyncpg.Pool, *, process: int) -> None:
        self._pool = pool
        self._process = process

    @asynccontextmanager
    async def writing(self, run: int) -> AsyncIterator["PostgresPlanWriting"]:
        async with reachable(), self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SQL["create_staged_messages"])
            yield PostgresPlanWriting(connection, run=run, process=self._process)

    async def forget(self, run: int) -> None:
        await ask(lambda: self._pool.execute(_SQL["forget_run"], run, self._process))

    async def analyze(self, run: int) -> None:
        async with reachable(), self._pool.acquire() as connection:
            statement = await connection.fetchval(_SQL["analyze_statement"], run)
            if statement is not None:
                await connection.execute(statement)


class PostgresPlanWriting:
    """One open transaction."""

    def __init__(self, connection: asyncpg.Connection, *, run: int, process: int) -> None:
        self._connection = connection
        self._run = run
        self._process = process

    async def write(self, rows: Sequence[PlannedRow], refused: Sequence[RefusedRow]) -> Written:
        written = Written()
        if rows:
            await self._write_messages(rows, written)
        if refused:
            await self._write_refusals(refused, written)
        return written

    async def _write_messages(self, rows: Sequence[PlannedRow], written: Written) -> None:
        await self._connection.copy_records_to_table("staged_message", records=rows, columns=PlannedRow._fields)
        for skipped, count, duplicate, *group in await self._connection.fetch(_SQL["plan_messages"], self._run):
            if duplicate:
                _add(written.refused, "duplicate", count)
                continue
            written.planned += count
            if skipped:
                _add(written.skipped, skipped, count)
            else:
                written.groups[Group(*group)] = count
        await self._connection.execute(_SQL["empty_staged_messages"])

    async def _write_refusals(self, refused: Sequence[RefusedRow], written: Written) -> None:
        records = [(self._run, each.row, each.person, each.reason, each.detail) for each in refused]
        await self._connection.copy_records_to_table(
            "refusal", records=records, columns=("run", "row", "person", "reason", "detail")
        )
        for each in refused:
            _add(written.refused, each.reason, 1)

    async def top_up(self, step: int, messages: int) -> Mapping[Group, int]:
        moved = await self._connection.fetch(_JUDGING["top_up_step"], self._run, step, messages)
        return {Group(*group): rows for *group, rows in moved}

    async def write_windows(self, windows: Mapping[int, Sequence[Window]]) -> None:
        await self._connection.copy_records_to_table(
            "run_window",
            records=[(self._run, zone, *window) for zone, each in windows.items() for window in each],
            columns=("run", "zone", "opens_at", "closes_at"),
        )

    async def new_people(self, lasts: timedelta) -> int:
        found: int = await self._connection.fetchval(_PORTFOLIOS["new_people"], self._run, lasts)
        return found

    @property
    def exclusions(self) -> PostgresExclusions:
        return PostgresExclusions(self._connection, self._run)

    async def finish(
        self, *, audience: int, digest: bytes, state: Literal["running", "scheduled"], outlook: Mapping[str, Any]
    ) -> None:
        done = await self._connection.fetchval(
            _SQL["finish_plan"], self._run, self._process, state, audience, digest, outlook
        )
        if done is None:
            raise AlreadyRunning(
                "another process took this plan over while it was made; nothing was written",
                remedy="see `campaign status`, or run the command again",
            )


class RehearsedPlans:
    """Plans that are counted and then rolled back: `campaign plan` writes nothing."""

    def __init__(self, pool: asyncpg.Pool, new: NewRun) -> None:
        self._pool = pool
        # A key of its own: the run itself may be there already.
        self._new = replace(new, key=f"plan {uuid4()}")

    @asynccontextmanager
    async def writing(self, run: int) -> AsyncIterator["_Rehearsal"]:  # noqa: ARG002 - the rehearsal has its own run
        async with reachable(), self._pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                rehearsed = await connection.fetchval(load_queries("runs")["create_run"], *columns(self._new, None))
                await connection.execute(_SQL["create_staged_messages"])
                yield _Rehearsal(connection, run=rehearsed, process=0)
            finally:
                await transaction.rollback()

    async def forget(self, run: int) -> None:
        """There is nothing to forget."""

    async def analyze(self, run: int) -> None:
        """There is nothing to analyze."""


class _Rehearsal(PostgresPlanWriting):
    async def finish(
        self, *, audience: int, digest: bytes, state: Literal["running", "scheduled"], outlook: Mapping[str, Any]
    ) -> None:
        """Leave the run as it is."""


def _add(counts: dict[str, int], name: str, rows: int) -> None:
    if rows:
        counts[name] = counts.get(name, 0) + rows
