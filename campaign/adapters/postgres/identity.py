"""What a ledger's database says it is, and how it becomes another one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg

from campaign.adapters.postgres.database import is_passing
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.identity import Identity, Sighting

_SQL = load_queries("identity")

# A connection that is half open never answers.
_ANSWER_SECONDS = 3.0


class PostgresIdentity:
    """Asks a server who it is; what it once would not tell, it is not asked again."""

    def __init__(self, home: Path | None) -> None:
        """Take the folder of an embedded server; one of the operator's own has none that we know."""
        self._control = home / "postgres" / "global" / "pg_control" if home is not None else None
        self._untold: set[str] = set()

    async def see(self, connection: asyncpg.Connection) -> Sighting:
        """Look at the ledger behind a connection."""
        whose = await connection.fetchrow(_SQL["whose"], timeout=_ANSWER_SECONDS)
        identity = Identity(
            installation=whose["id"],
            server=await self._told(connection, "system_identifier"),
            timeline=await self._told(connection, "timeline"),
            position=await self._told(connection, "wal_position"),
            folder=self._folder(),
        )
        return Sighting(identity, whose["used"])

    async def _told(self, connection: asyncpg.Connection, name: str) -> int | None:
        if name in self._untold:
            return None
        try:
            told: int | None = await connection.fetchval(_SQL[name], timeout=_ANSWER_SECONDS)
        except asyncpg.PostgresError as error:
            if is_passing(error):
                raise
            # Managed servers keep some of it to themselves.
            self._untold.add(name)
            return None
        return told

    def _folder(self) -> int | None:
        """Find the number of a file that a server writes in place for all its life: a copy's is another."""
        try:
            return self._control.stat().st_ino if self._control is not None else None
        except OSError:
            return None


async def alive(connection: asyncpg.Connection) -> int:
    """Count the processes that work with this very ledger now."""
    count: int = await connection.fetchval(_SQL["alive"])
    return count


async def startable(connection: asyncpg.Connection) -> Sequence[str]:
    """Name the runs that would send by themselves."""
    return _names(await connection.fetch(_SQL["startable"]))


async def pause_startable(connection: asyncpg.Connection, *, detail: dict[str, Any]) -> Sequence[str]:
    """Pause the runs that would send by themselves; returns their names."""
    return _names(await connection.fetch(_SQL["pause_startable"], detail))


async def rename(connection: asyncpg.Connection, installation: str) -> None:
    """Give the ledger an id of its own."""
    await connection.execute(_SQL["rename_installation"], installation)


async def note_adoption(connection: asyncpg.Connection, *, detail: dict[str, Any]) -> None:
    """Write down that somebody took the ledger for theirs, and why."""
    await connection.execute(_SQL["note_adoption"], detail)


def _names(rows: Sequence[asyncpg.Record]) -> list[str]:
    return [f"{row['campaign']}@{row['key']}" for row in rows]
