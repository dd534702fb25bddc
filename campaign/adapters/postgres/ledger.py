"""The ledger as dispatch uses it: one method, one query of the same name."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from campaign.adapters.postgres.caps import Caps
from campaign.adapters.postgres.database import DRIVER_FAULTS, is_passing, patiently
from campaign.adapters.postgres.leases import Leases
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.suppressions import SuppressionRows
from campaign.domain.errors import LedgerAway
from campaign.ports import Answer, Asked, Due, HoursTurn, Interval, MarkVerdict, RefusedMessage, RunningRun, Taken

_SQL = load_queries("dispatch")

# asyncpg's name for the timestamp before all others.
_BEFORE_ALL = datetime.min  # noqa: DTZ901 - the driver's own constant for -infinity


class PostgresLedger:
    """Reads and writes messages for the process that holds `process`."""

    def __init__(self, pool: asyncpg.Pool, *, process: int) -> None:
        self._pool = pool
        self._process = process
        self._caps = Caps(pool)
        self._leases = Leases(pool)

    async def introduce_shards(self, shards: Mapping[str, str]) -> None:
        await self._execute("introduce_shards", list(shards), list(shards.values()))

    async def take(self, shard: str, *, ceiling: float | None) -> Taken | None:
        row = await self._fetchrow("take", shard, self._process, ceiling)
        return Taken(row["epoch"], row["lowered"]) if row else None

    async def still_ours(self, shard: str, epoch: int) -> bool:
        row = await self._fetchrow("still_ours", shard, epoch, self._process)
        return row is not None and bool(row[0])

    async def give_back(self, shard: str, epoch: int) -> None:
        await self._execute("give_back", shard, epoch)

    async def note_ceiling(self, shard: str, epoch: int, *, ceiling: float | None, lowered: float | None) -> None:
        await self._execute("note_ceiling", shard, epoch, ceiling, lowered)

    async def stop_shard(self, shard: str, epoch: int, code: int) -> bool:
        return await self._fetchrow("stop_shard", shard, epoch, code) is not None

    async def inbound_rate(self, address: str) -> float:
        row = await self._fetchrow("inbound_rate", address)
        return float(row[0]) if row is not None else 0.0

    async def runs_with_work(self, shard: str) -> Sequence[RunningRun]:
        rows = await self._fetch("runs_with_work", shard)
        return [
            RunningRun(
                id=row["id"],
                public_id=row["public_id"],
                high=row["high"],
                rate=row["rate"],
                shards=tuple(row["shards"]),
                definition=row["definition"],
                when_held=row["when_held"],
                when_limited=row["when_limited"],
            )
            for row in rows
        ]

    async def read_ahead(
        self, shard: str, run: int, *, after: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Due]:
        not_before, row = after or (_BEFORE_ALL, -1)
        rows = await self._fetch("read_ahead", shard, run, not_before, row, limit)
        return [Due(*row) for row in rows]

    async def mark(self, shard: str, epoch: int, asked: Sequence[Asked]) -> Sequence[MarkVerdict]:
        """Commit intents; raises LedgerAway when a commit was not acknowledged."""
        try:
            return await self._paid(shard, epoch, asked)
        except DRIVER_FAULTS as error:
            if is_passing(error):
                raise LedgerAway from None
            raise

    def rest(self, run: int) -> float:
        return self._leases.rest(run)

    async def _paid(self, shard: str, epoch: int, asked: Sequence[Asked]) -> Sequence[MarkVerdict]:
        """Mark what the shard can pay for, and have it lease what the rest costs."""
        await self._leases.provide(shard, epoch, len(asked))
        verdicts = await self._verdicts(shard, epoch, asked)
        while short := [place for place, verdict in enumerate(verdicts) if verdict == "limited"]:
            if not await self._leases.lease(shard, epoch, [asked[place].run for place in short]):
                break
            again = await self._verdicts(shard, epoch, [asked[place] for place in short])
            for place, verdict in zip(short, again, strict=True):
                verdicts[place] = verdict
        return verdicts

    async def _verdicts(self, shard: str, epoch: int, asked: Sequence[Asked]) -> list[MarkVerdict]:
        runs, rows, attempts = zip(*asked, strict=True)
        found = await self._marked(shard, epoch, runs, rows, attempts)
        self._leases.note(shard, found)
        verdicts: dict[tuple[int, int], MarkVerdict] = {(each["run"], each["row"]): each["verdict"] for each in found}
        # Asked for twice in one statement, marked once: a verdict is used up by the first who asked.
        return [verdicts.pop((item.run, item.row), "later") for item in asked]

    async def _marked(
        self, shard: str, epoch: int, runs: Sequence[int], rows: Sequence[int], attempts: Sequence[int]
    ) -> list[asyncpg.Record]:
        asked = (shard, epoch, self._process, runs, rows, attempts)
        found: list[asyncpg.Record]
        if not await self._caps.any_of(runs):
            found = await self._pool.fetch(_SQL["mark"], *asked)
            return found
        async with self._pool.acquire() as connection, connection.transaction():
            await self._caps.hold(connection, runs, rows)
            # With a snapshot of its own: what whoever held these people did is seen.
            found = await connection.fetch(_SQL["mark"], *asked)
        return found

    async def record(self, answers: Sequence[Answer]) -> set[int]:
        unwanted = [answer for answer in answers if answer.settlement.suppress]
        if unwanted:
            rows, people = await patiently(lambda: self._record_and_suppress(answers, unwanted))
            # With a snapshot of its own: what a plan put in line beside the transaction was hidden from it.
            await patiently(lambda: self._leave_out(people))
        else:
            rows = await self._fetch("record", *_columns(answers))
        return {row["run"] for row in rows if row["doubled"]}

    async def _record_and_suppress(
        self, answers: Sequence[Answer], unwanted: Sequence[Answer]
    ) -> tuple[list[asyncpg.Record], Collection[bytes]]:
        refused = [
            RefusedMessage(each.run, each.row, each.settlement.suppress, each.settlement.code or 0) for each in unwanted
        ]
        async with self._pool.acquire() as connection, connection.transaction():
            suppressions = SuppressionRows(connection)
            await connection.execute(_SQL["hold_runs"], [each.run for each in answers])
            people = await suppressions.suppress_refused(refused)
            # Also the answers' own rows, all in one order: their record follows.
            await suppressions.leave_out(people, rows=[(each.run, each.row) for each in answers])
            rows: list[asyncpg.Record] = await connection.fetch(_SQL["record"], *_columns(answers))
        return rows, people

    async def _leave_out(self, people: Collection[bytes]) -> None:
        async with self._pool.acquire() as connection:
            await SuppressionRows(connection).leave_out(people)

    async def pause_run(self, run: int, reason: str, *, detail: dict[str, Any] | None = None) -> bool:
        return await self._fetchrow("pause_run", run, reason, detail or {}) is not None

    async def pause_portfolio(self, run: int, reason: str, *, detail: dict[str, Any]) -> Sequence[int]:
        return [row["run"] for row in await self._fetch("pause_portfolio", run, reason, detail)]

    async def close_gate(self, run: int, variant: int) -> None:
        await self._execute("close_gate", run, variant)

    async def follow_hours(
        self, shards: Mapping[str, int], *, followed: Mapping[int, datetime], limit: int
    ) -> HoursTurn:
        known = list(followed), list(followed.values())
        rows = await self._fetch("follow_hours", list(shards), list(shards.values()), *known, limit)
        return HoursTurn(*rows[0])

    async def finish_run(self, run: int) -> bool:
        return await self._fetchrow("finish_run", run) is not None

    async def note_departures(self, run: int, first: datetime, last: datetime) -> None:
        await self._execute("note_departures", run, first, last)

    async def write_interval(self, interval: Interval) -> None:
        await self._execute(
            "write_interval",
            interval.shard,
            interval.run,
            self._process,
            interval.started_at,
            interval.seconds,
            interval.ceiling,
            interval.used,
            interval.departed,
            interval.worst_second,
            interval.accepted,
            interval.held,
            interval.not_now,
            interval.rejected,
            interval.unknown,
            interval.in_flight,
            interval.lost,
            interval.post_seconds,
            interval.mark_seconds,
            interval.loop_lag,
        )

    # Everything below may be repeated when its answer was lost: the queries are guarded by state and attempt.

    async def _fetch(self, name: str, *args: object) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await patiently(lambda: self._pool.fetch(_SQL[name], *args))
        return rows

    async def _fetchrow(self, name: str, *args: object) -> asyncpg.Record | None:
        return await patiently(lambda: self._pool.fetchrow(_SQL[name], *args))

    async def _execute(self, name: str, *args: object) -> None:
        await patiently(lambda: self._pool.execute(_SQL[name], *args))


def _columns(answers: Sequence[Answer]) -> list[Sequence[Any]]:
    return list(zip(*(_flat(answer) for answer in answers), strict=True))


def _flat(answer: Answer) -> tuple[object, ...]:
    settled = answer.settlement
    return (
        answer.run,
        answer.row,
        answer.attempt,
        settled.state,
        settled.message_id,
        settled.held,
        settled.code,
        settled.why,
        settled.wait_seconds,
        settled.pair_wait,
        settled.day_wait,
    )
