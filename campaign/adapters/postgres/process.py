"""This program's row in the ledger: a lock while it lives, a heartbeat each second, and a look after the others."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal, Protocol

import asyncpg
import structlog

from campaign.adapters.postgres.database import DRIVER_FAULTS, connect, is_passing, patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.errors import CampaignError, Unreachable
from campaign.domain.identity import Sighting

_SQL = load_queries("process")

BEAT_SECONDS = 1.0

# How long after an outage nobody is taken for dead: everybody's last heartbeat is as old as the outage.
PATIENCE_SECONDS = 5.0

# A connection that is half open never answers.
ANSWER_SECONDS = 3.0

Purpose = Literal["sender", "receiver"]

log = structlog.get_logger()


class Recognises(Protocol):
    """Knows the ledger again, and keeps what it saw of it."""

    async def recognise(self, connection: asyncpg.Connection) -> Sighting:
        """Look who answers; raises CampaignError where that is another ledger."""
        ...

    def note(self, seen: Sighting) -> None:
        """Keep what was seen: something was committed since."""
        ...

    async def close(self) -> None: ...


class Process:
    """A registered process; `lost` is set when somebody took it for dead."""

    def __init__(
        self,
        dsn: str,
        purpose: Purpose,
        *,
        revive: Callable[[], Awaitable[None]] | None = None,
        recognition: Recognises | None = None,
    ) -> None:
        self._dsn = dsn
        self._revive = revive
        self._recognition = recognition
        self._purpose = purpose
        self._connection: asyncpg.Connection | None = None
        self._locked = False
        self.id = 0
        self.lost = asyncio.Event()

    async def register(self) -> None:
        """Take a row and its lock over a direct connection: behind a pooler the lock would be nobody's."""
        self._connection = await connect(self._dsn, purpose=f"campaign {self._purpose}")
        # One commit: whoever saw the row before its lock is held would take us for dead.
        async with self._recognised(self._connection), self._connection.transaction():
            self.id = await self._connection.fetchval(
                _SQL["register"], self._purpose, socket.gethostname(), os.getpid()
            )
            self._locked = await self._connection.fetchval(_SQL["hold_lock"], self.id)

    @asynccontextmanager
    async def _recognised(self, connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
        """Look at the ledger before the block commits something, and keep what was seen after."""
        if self._recognition is None:
            yield connection
            return
        try:
            seen = await self._recognition.recognise(connection)
        except CampaignError:
            # Of another ledger not even our row is ours: its number is somebody else's there.
            self._drop()
            raise
        yield connection
        # Nothing was committed for one that is taken for dead.
        if not self.lost.is_set():
            self._recognition.note(seen)

    async def beat(self) -> None:
        """Say each second that we live; connect anew when the server went away, and hold the lock again."""
        while not self.lost.is_set():
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._beat_once()
            except (*DRIVER_FAULTS, Unreachable) as error:
                if not isinstance(error, Unreachable) and not is_passing(error):
                    raise
                self._drop()
                await self._call_for_help()

    async def _call_for_help(self) -> None:
        if self._revive is not None:
            with contextlib.suppress(CampaignError):
                await self._revive()

    async def _beat_once(self) -> None:
        if self._connection is None:
            self._connection = await connect(self._dsn, purpose=f"campaign {self._purpose}")
            self._locked = False
        async with self._recognised(self._connection) as connection:
            if not self._locked:
                # Not ours at once if the server has not noticed yet that our former session is gone.
                self._locked = await connection.fetchval(_SQL["hold_lock"], self.id, timeout=ANSWER_SECONDS)
            if await connection.fetchval(_SQL["beat"], self.id, timeout=ANSWER_SECONDS) is None:
                log.error("process.lost", process=self.id)
                self.lost.set()

    async def sign_off(self) -> None:
        """Tell the others at once, instead of letting them find out."""
        with contextlib.suppress(*DRIVER_FAULTS, CampaignError):
            if self._connection is not None:
                async with asyncio.timeout(5), self._recognised(self._connection):
                    await self._connection.execute(_SQL["sign_off"], self.id)
        if self._recognition is not None:
            await self._recognition.close()
        self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None


@asynccontextmanager
async def registered(
    dsn: str,
    purpose: Purpose,
    *,
    revive: Callable[[], Awaitable[None]] | None = None,
    recognition: Recognises | None = None,
) -> AsyncIterator[Process]:
    """Be a process of the ledger for the length of a block; `revive` is called for whenever the ledger goes away.

    A heartbeat that cannot go on, such as one that meets another ledger, ends the block and is told why.
    """
    process = Process(dsn, purpose, revive=revive, recognition=recognition)
    await process.register()
    block = asyncio.current_task()
    beating = asyncio.create_task(process.beat(), name="heartbeat")

    def broke(done: asyncio.Task[None]) -> None:
        if block is not None and not done.cancelled() and done.exception() is not None:
            block.cancel()

    beating.add_done_callback(broke)
    try:
        yield process
    finally:
        beating.cancel()
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await beating
        finally:
            await process.sign_off()


class PostgresWatchman:
    """Finds dead processes and what they left in flight."""

    def __init__(self, pool: asyncpg.Pool, *, process: int) -> None:
        self._pool = pool
        self._process = process
        self._patient_until = float("-inf")

    async def bury(self) -> Sequence[int]:
        """Declare the dead; after an outage of the ledger the living first get the time to come back."""
        now = asyncio.get_running_loop().time
        if now() < self._patient_until:
            return []
        try:
            return await self._bury()
        except DRIVER_FAULTS as error:
            if not is_passing(error):
                raise
            self._patient_until = now() + PATIENCE_SECONDS
            return []

    async def _bury(self) -> Sequence[int]:
        here = await self._pool.fetch(_SQL["living_here"], socket.gethostname(), self._process)
        gone = [row["id"] for row in here if not _runs(row["pid"])]
        return [row["id"] for row in await self._pool.fetch(_SQL["bury"], self._process, gone)]

    async def rescue(self, *, older_than_seconds: float) -> int:
        rows = await patiently(lambda: self._pool.fetch(_SQL["rescue"], older_than_seconds))
        return len(rows)

    async def receiver_alive(self) -> bool:
        alive: bool = await patiently(lambda: self._pool.fetchval(_SQL["receiver_alive"]))
        return alive


def _runs(pid: int) -> bool:
    """Tell whether a process of this host has that pid; one of another user has it too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
