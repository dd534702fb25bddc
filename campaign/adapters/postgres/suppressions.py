"""Whom not to write to: noted, and left out of everything that waits, in one transaction."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking, columns
from campaign.ports import RefusedMessage, Unwanted

_SQL = load_queries("suppressions")


class Suppressed(NamedTuple):
    """One reason not to write to somebody."""

    person: bytes
    scope: str
    source: str
    reason: str
    at: datetime


class Tally(NamedTuple):
    """How many people one source suppressed in one scope."""

    source: str
    scope: str
    people: int
    newest: datetime


class SuppressionRows(Asking):
    """The port `SuppressionBatch`."""

    async def suppress(self, unwanted: Sequence[Unwanted]) -> int:
        """Note whom not to write to; return how many of these notes are new."""
        return len(await self.fetch(_SQL["suppress"], *columns(unwanted, 4)))

    async def suppress_refused(self, refused: Sequence[RefusedMessage]) -> Collection[bytes]:
        """Note the people of refused messages, with the code as the reason; return them all."""
        return [each["person"] for each in await self.fetch(_SQL["suppress_refused"], *columns(refused, 4))]

    async def leave_out(self, people: Collection[bytes], *, rows: Sequence[tuple[int, int]] = ()) -> int:
        """Skip what waits for these people; `rows` (run, row) are locked too, for what the transaction writes next."""
        return len(await self.fetch(_SQL["leave_out"], list(people), *columns(rows, 2)))

    async def allow(
        self, people: Collection[bytes], *, scopes: Sequence[str], sources: Sequence[str]
    ) -> Sequence[tuple[bytes, str, str]]:
        """Take back what sources said in scopes; return (person, scope, source) of each note taken away."""
        return sorted(tuple(each) for each in await self.fetch(_SQL["allow"], list(people), scopes, sources))


class PostgresSuppressions:
    """Suppressions by command."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def suppress(self, unwanted: Sequence[Unwanted]) -> tuple[int, int]:
        """Suppress people; return how many notes are new and how many messages were left out, once all is committed."""

        async def once() -> tuple[int, int]:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = SuppressionRows(connection)
                return await rows.suppress(unwanted), await rows.leave_out(people)

        async def again() -> int:
            async with self._pool.acquire() as connection:
                return await SuppressionRows(connection).leave_out(people)

        people = {each.person for each in unwanted}
        new, left_out = await ask(once)
        return new, left_out + await ask(again)

    async def allow(
        self, people: Collection[bytes], *, scopes: Sequence[str], sources: Sequence[str]
    ) -> tuple[Sequence[tuple[bytes, str, str]], Sequence[Suppressed]]:
        """Take back what sources said in scopes; return what was taken away, and what still speaks against them."""

        async def once() -> tuple[Sequence[tuple[bytes, str, str]], Sequence[Suppressed]]:
            async with self._pool.acquire() as connection, connection.transaction():
                rows = SuppressionRows(connection)
                taken = await rows.allow(people, scopes=scopes, sources=sources)
                left = await rows.fetch(_SQL["suppressions_of"], list(people))
                return taken, [Suppressed(*each) for each in left]

        return await ask(once)

    async def tally(self) -> tuple[int, Sequence[Tally]]:
        """Count suppressed people, each once, and the notes by source and scope."""
        people = await ask(lambda: self._pool.fetchval(_SQL["count_suppressed"]))
        return people, [Tally(*each) for each in await ask(lambda: self._pool.fetch(_SQL["count_suppressions"]))]

    async def newest(self, limit: int) -> Sequence[Suppressed]:
        """Give the newest notes, newest first."""
        return [Suppressed(*each) for each in await ask(lambda: self._pool.fetch(_SQL["newest_suppressions"], limit))]
