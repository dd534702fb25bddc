"""Orders to settle unknown messages, and to send some again: each is one transaction."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.errors import AlreadyRunning
from campaign.domain.resending import (
    Candidate,
    Coverage,
    Earlier,
    Which,
    refuse_cancelled,
    refuse_changed,
    refuse_in_flight,
)
from campaign.ports import Candidates, Ordered

_SQL = load_queries("resending")


class PostgresResending:
    """The port `Resending`, for the process `process`."""

    def __init__(self, pool: asyncpg.Pool, *, process: int) -> None:
        self._pool = pool
        self._process = process

    async def candidates(self, run: int, which: Which, *, code: int | None = None) -> Candidates:
        """Find the messages an order may be about, under one snapshot."""
        return await ask(lambda: self._candidates_once(run, which, code))

    async def coverage(self, run: int) -> Coverage:
        """Measure how many accepted messages webhooks tell of."""
        return Coverage(*await ask(lambda: self._pool.fetchrow(_SQL["coverage"], run)))

    async def earlier(self) -> Earlier:
        """Count what became of all that was unknown once."""
        return Earlier(*await ask(lambda: self._pool.fetchrow(_SQL["earlier_unknown"])))

    async def settle(self, run: int, messages: Sequence[Candidate], ordered: Ordered) -> None:
        """Make all of these accepted, or, if one has changed since it was looked at, none."""

        async def work(connection: asyncpg.Connection) -> None:
            rows, attempts, *_ = _columns(messages)
            settled = await connection.fetchval(_SQL["settle_unknown"], run, rows, attempts)
            refuse_changed(len(messages), settled)
            await connection.execute(_SQL["note_settled"], run, _detail(messages, ordered))

        await self._together(work)

    async def send_again(self, run: int, which: Which, messages: Sequence[Candidate], ordered: Ordered) -> None:
        """Put all of these back in line and set the run going, or, if one has changed since, none."""

        async def work(connection: asyncpg.Connection) -> None:
            held = await connection.fetchrow(_SQL["hold_run"], run)
            self._refuse(held)
            if which is Which.UNKNOWN:
                refuse_in_flight(await connection.fetchval(_SQL["count_in_flight"], run))
            moved = await connection.fetchval(_SQL["send_again"], run, *_columns(messages), *ordered)
            refuse_changed(len(messages), moved)
            detail = {"which": which.value, **_detail(messages, ordered)}
            await connection.execute(_SQL["reopen"], run, len(messages), detail, held["shards"])

        await self._together(work)

    def _refuse(self, held: asyncpg.Record) -> None:
        """Look once more at what may have changed while somebody was asked; now nobody can change it."""
        refuse_cancelled(held["state"])
        if held["launcher"] != self._process:
            raise AlreadyRunning("another process sends this run; nothing was sent again", remedy="wait for it")

    async def _candidates_once(self, run: int, which: Which, code: int | None) -> Candidates:
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await connection.fetchrow(_SQL["run_in_question"], run)
            rows = await connection.fetch(_SQL["candidates"], run, which.value, code)
        return Candidates(run=run, **found, messages=[Candidate(*each) for each in rows])

    async def _together(self, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
        async def once() -> None:
            async with self._pool.acquire() as connection, connection.transaction():
                await work(connection)

        await ask(once)


def _columns(messages: Sequence[Candidate]) -> tuple[list[Any], ...]:
    """Spell messages as they were looked at: rows, attempts, states, deliveries."""
    return (
        [each.row for each in messages],
        [each.attempt for each in messages],
        [each.state for each in messages],
        [each.delivery for each in messages],
    )


def _detail(messages: Sequence[Candidate], ordered: Ordered) -> dict[str, Any]:
    return {"messages": len(messages), "by": ordered.by, "why": ordered.why}
