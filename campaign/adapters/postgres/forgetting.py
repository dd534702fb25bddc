"""People who asked to be forgotten, as webhooks meet them; and the removal of what the ledger knows of one."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final, NamedTuple
from uuid import UUID

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking, columns

_SQL = load_queries("forgetting")

# Bodies looked through in one statement.
BODIES_AT_ONCE: Final = 2_000

_LOOK_SECONDS: Final = 0.05


class ForgettingRows(Asking):
    """The port `ForgettingBatch`."""

    async def is_anybody_forgotten(self) -> bool:
        """Tell whether anybody was ever erased: if not, nothing needs to be looked up."""
        return bool((await self.fetch(_SQL["is_anybody_forgotten"]))[0][0])

    async def forgotten_people(self, people: Collection[bytes]) -> Collection[bytes]:
        """Find those of these people who were erased."""
        return {each["person"] for each in await self.fetch(_SQL["forgotten_people"], list(people))}

    async def forgotten_rows(self, rows: Collection[tuple[UUID, int]]) -> Collection[tuple[UUID, int]]:
        """Find those of these messages that went to somebody who was erased."""
        found = await self.fetch(_SQL["forgotten_rows"], *columns(rows, 2))
        # The driver's own kind of UUID.
        return {(UUID(int=each["public_id"].int), each["row"]) for each in found}

    async def taken_back(self, message_ids: Collection[str]) -> Collection[str]:
        """Find those of these messages whose senders are known to have deleted them."""
        await self.fetch(_SQL["let_nobody_take_back"])
        return {each["message_id"] for each in await self.fetch(_SQL["taken_back"], list(message_ids))}

    async def take_back(self, message_ids: Collection[str]) -> Sequence[int]:
        """Remove what people wrote and deleted; return the webhooks it came in."""
        await self.fetch(_SQL["let_nobody_write"])
        found = await self.fetch(_SQL["take_back"], list(message_ids))
        return [each["webhook"] for each in found if each["webhook"] is not None]

    async def blank(self, webhooks: Collection[int]) -> None:
        """Empty raw bodies; that they came stays known."""
        await self.fetch(_SQL["blank_webhooks"], list(webhooks))


class KnownOf(NamedTuple):
    """What there is to forget: messages that name the person still, those under way, and when it was done before."""

    messages: int
    under_way: int
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Traces:
    """One person, and what shows that a text is about them: a body holds one of `traces`, a text their `digits`."""

    person: bytes
    digits: Sequence[str]
    traces: Sequence[str]

    @property
    def pattern(self) -> str:
        """Match the digits, but not as a part of longer ones."""
        return f"(?<![0-9])({'|'.join(self.digits)})(?![0-9])"


class Moving(Exception):  # noqa: N818 - a finding
    """A message of the person is not at rest: it waits, or is on its way."""


class PostgresForgetting:
    """Removes what the ledger knows of a person; every step may be repeated."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def known_of(self, person: bytes) -> KnownOf:
        """Count what there is to forget."""
        return KnownOf(**(await self._rows("known_of", person))[0])

    async def forget(self, person: bytes, reason: str) -> int:
        """Suppress the person for good, and skip what waits for them; return how many messages that were."""

        async def once() -> int:
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(_SQL["forget"], person, reason)
                skipped: int = await connection.fetchval(_SQL["skip_pending"], person)
            return skipped

        return await ask(once)

    async def outlive_writers(self, *, seconds: float) -> bool:
        """Wait for whatever began to write before this call; False if it goes on for longer than that."""
        until = monotonic() + seconds
        older = await self._writers()
        while older := older & await self._writers():
            if monotonic() > until:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    async def message_ids(self, person: bytes) -> list[str]:
        """List every message ID that is known to be about the person."""
        return [each["message_id"] for each in await self._rows("message_ids", person)]

    async def empty_bodies(self, traces: Sequence[str], *, after: int) -> tuple[int | None, int, list[int]]:
        """Empty those of the next bodies that hold a trace.

        Returns the last body looked at, or None at the end; how many were emptied; and those nobody has read yet.
        """
        sought = [each.encode() for each in traces]
        last, emptied, unread = (await self._rows("empty_bodies", sought, after, BODIES_AT_ONCE))[0]
        return last, emptied, unread

    async def still_unread(self, webhooks: Sequence[int]) -> int:
        """Count those of these bodies that nobody has read yet."""
        count: int = (await self._rows("still_unread", webhooks))[0][0]
        return count

    async def erase(self, whom: Traces, message_ids: Sequence[str], detail: dict[str, Any]) -> None:
        """Remove all but the keyed hash, in one transaction; raises Moving if a message is not at rest."""

        async def once() -> None:
            async with self._pool.acquire() as connection, connection.transaction():
                await _Erasing(connection).erase(whom, message_ids, detail)

        await ask(once)

    async def _writers(self) -> set[str]:
        return {each["virtualtransaction"] for each in await self._rows("writers")}

    async def _rows(self, name: str, *arguments: object) -> list[asyncpg.Record]:
        return await ask(lambda: self._pool.fetch(_SQL[name], *arguments))


class _Erasing(Asking):
    """One open transaction."""

    async def erase(self, whom: Traces, message_ids: Sequence[str], detail: dict[str, Any]) -> None:
        found = await self.fetch(_SQL["lock_messages"], whom.person)
        if any(each["moving"] for each in found):
            raise Moving
        rows = columns([(each["run"], each["row"]) for each in found], 2)
        await self.fetch(_SQL["erase_facts"], list(message_ids))
        await self.fetch(_SQL["erase_unmatched"], whom.traces)
        await self.fetch(_SQL["erase_messages"], *rows)
        await self.fetch(_SQL["erase_attempts"], *rows, whom.pattern)
        await self.fetch(_SQL["erase_inbound"], whom.person, whom.traces)
        for name in ("erase_memberships", "erase_preference", "erase_windows"):
            await self.fetch(_SQL[name], whom.person)
        await self.fetch(_SQL["erase_reasons"], whom.person, whom.pattern)
        for name in ("erase_mentions", "erase_from_events"):
            await self.fetch(_SQL[name], whom.pattern)
        await self.fetch(_SQL["note_erased"], detail)
