"""The ledger as reports read it: one snapshot, read-only."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.comparison import Tally
from campaign.domain.ramp import Progress, StepCount
from campaign.ports import Because, Lane, Limited, MessageCount, Owner, Remaining, RunFacts, RunLine, Waiting

_SQL = load_queries("report")

T = TypeVar("T")


class PostgresReports:
    """Counts, and changes nothing; a `patient` one waits for a database that went away, as whoever sends does."""

    def __init__(self, pool: asyncpg.Pool, *, patient: bool = False) -> None:
        self._pool = pool
        self._patient = patient

    async def find(self, campaign: str, key: str | None) -> int | None:
        found: int | None = await self._ask(lambda: self._pool.fetchval(_SQL["run_by_name"], campaign, key))
        return found

    async def names(self) -> Sequence[tuple[str, str]]:
        return [(row["campaign"], row["key"]) for row in await self._ask(lambda: self._pool.fetch(_SQL["run_names"]))]

    async def facts(self, run: int) -> RunFacts:
        return await self._ask(lambda: self._facts_once(run))

    async def remaining(self, run: int) -> Remaining:
        """Count what is left from indexes; the cost grows with what is pending."""
        row = await self._ask(lambda: self._pool.fetchrow(_SQL["remaining"], run))
        return Remaining(**row)

    async def list_runs(self, *, limit: int = 50) -> Sequence[RunLine]:
        return [RunLine(*row) for row in await self._ask(lambda: self._pool.fetch(_SQL["list_runs"], limit))]

    async def _facts_once(self, run: int) -> RunFacts:
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            row = await connection.fetchrow(_SQL["run_facts"], run)
            refused = await connection.fetch(_SQL["refusal_counts"], run)
            messages = await connection.fetch(_SQL["message_counts"], run)
            departures = row["first_departure_at"], row["last_departure_at"]
            lanes = await connection.fetch(_SQL["throughput"], run, *departures)
            waiting = await connection.fetch(_SQL["waiting"], run)
            counted = await connection.fetch(_SQL["variant_counts"], run) if row["variants"] else ()
            steps = await connection.fetch(_SQL["step_counts"], run) if len(row["ramp"]) > 1 else ()
        facts = replace(_facts(row, refused, messages, lanes), ramp=_progress(row, steps))
        return replace(facts, waiting=[Waiting(*each) for each in waiting], variants=_tallies(row, counted))

    async def _ask(self, action: Callable[[], Awaitable[T]]) -> T:
        return await (patiently(action) if self._patient else ask(action))


def _facts(
    row: asyncpg.Record, refused: list[asyncpg.Record], messages: list[asyncpg.Record], lanes: list[asyncpg.Record]
) -> RunFacts:
    return RunFacts(
        campaign=row["campaign"],
        run=row["key"],
        state=row["state"],
        reason=row["reason"],
        audience=row["audience"],
        resent=row["resent"],
        shards=tuple(row["shards"]),
        tolerate=row["tolerate"],
        planned_at=row["planned_at"],
        started_at=row["started_at"],
        first_departure_at=row["first_departure_at"],
        finished_at=row["finished_at"],
        owner=Owner(row["host"], row["pid"], row["since"]) if row["pid"] is not None else None,
        refused={each["reason"]: each["rows"] for each in refused},
        messages=[MessageCount(*each) for each in messages],
        lanes={
            each["shard"]: Lane(each["ceiling"], each["departed"], each["worst_second"], each["worked"] or 0.0)
            for each in lanes
        },
        code=row["code"],
        stopped=row["stopped"],
        because=_because(row["said"] or {}),
        gated=row["gated"],
        limited=_limited(row["limited"] or {}),
        outlook=row["outlook"],
        consent=row["consent"],
    )


def _tallies(row: asyncpg.Record, counted: Sequence[asyncpg.Record]) -> list[Tally]:
    """Put the counts of each variant to its name, also of one that nobody got."""
    found = {variant: counts for variant, *counts in counted}
    return [Tally(each["name"], each["share"], *found.get(n, ())) for n, each in enumerate(row["variants"] or ())]


def _progress(row: asyncpg.Record, counted: Sequence[asyncpg.Record]) -> Progress | None:
    """Put the counts of each step to what it reaches; None where there is no ramp."""
    found = {step: counts for step, *counts in counted}
    steps = [StepCount(share, *found.get(step, ())) for step, share in enumerate(row["ramp"])]
    return Progress(row["step"], steps) if len(steps) > 1 else None


def _limited(said: Mapping[str, Any]) -> Limited | None:
    return Limited(said["people"], said["span"], datetime.fromisoformat(said["until"])) if said else None


def _because(said: Mapping[str, Any]) -> Because | None:
    words, at = said.get("because"), said.get("said_at")
    return Because(words, datetime.fromisoformat(at) if at else None, said.get("remedy") or None) if words else None
