"""The embedded Postgres: one server per ledger, shared by every process that works on it.

It is started by whoever needs it first and stays up when that command ends: the next one starts faster, and other
processes may be using it. `campaign db stop` stops it; a restart of the machine does too, and does no harm.
"""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import structlog

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.server_files import Address, Lock, ServerFiles
from campaign.adapters.postgres.server_process import initialise, last_lines, start_server
from campaign.domain.errors import CampaignError, ConfigurationError, Unreachable

log = structlog.get_logger()

# How long a server may take to recover after a crash, and to write everything down when it stops.
RECOVERY_SECONDS = 120.0
STOP_SECONDS = 60.0

_PAUSE_SECONDS = 0.05
_ANSWER_SECONDS = 5.0
_NEWS_EVERY_SECONDS = 5.0

# Starting, stopping, crashed a moment ago, or out of connections: it may answer the next time.
_NOT_YET = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
)


@dataclass(frozen=True, slots=True)
class Status:
    """What there is to say about an embedded server; `version` is the major one alone while it does not run."""

    running: bool
    pid: int | None
    version: str
    data_bytes: int
    socket: Path


async def create(home: Path, *, durable: bool = True) -> None:
    """Make the ledger's data directory with an empty database, unless it is there; a killed attempt is made anew.

    `durable=False` leaves out fsync while making it (for tests).
    """
    files = ServerFiles.of(home)
    try:
        files.prepare()
    except OSError as error:
        raise _unwritable(files, error) from error
    with files.open_lock() as lock:
        patience = _Patience(RECOVERY_SECONDS, files, "another process has not finished making this ledger")
        while files.major is None and not lock.take():
            await patience.pause()
        if files.major is None:
            await asyncio.to_thread(initialise, files, lock, durable=durable)


async def ensure_running(home: Path, *, patience: float = RECOVERY_SECONDS) -> Address:
    """Give the address of the ledger's server, started if nobody has; wait `patience` seconds for its recovery.

    Raises ConfigurationError where there is no ledger: only `create` makes one.
    """
    files = ServerFiles.of(home)
    files.require()
    if await _answering(files):
        return files.address
    with files.open_lock() as lock:
        await _start(files, lock, _Patience(patience, files, "the ledger's server does not answer"))
    return files.address


async def stop(home: Path, *, patience: float = STOP_SECONDS) -> bool:
    """Stop the server and wait until all of it is gone; False if it did not run."""
    files = ServerFiles.of(home)
    if files.major is None:
        return False
    with files.open_lock() as lock:
        return await _stop(files, lock, _Patience(patience, files, "the ledger's server has not stopped"))


async def status(home: Path) -> Status:
    """Look at the server without starting it; raise ConfigurationError where there is no ledger."""
    files = ServerFiles.of(home)
    major = files.require()
    answering = await _answering(files)
    return Status(
        running=answering is not None,
        pid=files.postmaster(),
        version=answering or major,
        data_bytes=await asyncio.to_thread(_size, files.data),
        socket=files.run,
    )


async def _start(files: ServerFiles, lock: Lock, patience: "_Patience") -> None:
    """Start the server unless one is starting or stopping already, and wait until it answers."""
    server: subprocess.Popen[bytes] | None = None
    while not await _answering(files):
        if server is not None and server.poll() is not None:
            raise _failed(files, server.returncode)
        # The pid is asked for too: a server that somebody started by hand does not hold the lock.
        if server is None and lock.take() and files.postmaster() is None:
            server = await asyncio.to_thread(start_server, files, lock)
        await patience.pause()
    log.info("postgres.started" if server else "postgres.joined", seconds=patience.waited, pid=files.postmaster())


async def _stop(files: ServerFiles, lock: Lock, patience: "_Patience") -> bool:
    told: set[int] = set()
    while (pid := files.postmaster()) is not None or not lock.take():
        if pid is not None and pid not in told:
            told.add(pid)
            # Fast: sessions are ended, what is committed is written down. It may be gone by now.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)
        await patience.pause()
    return bool(told)


async def _answering(files: ServerFiles) -> str | None:
    """Give the version of the server that answers for this very data, None if none does."""
    files.check_run()
    try:
        connection = await asyncpg.connect(files.address.dsn, timeout=_ANSWER_SECONDS)
    except _NOT_YET:
        return None
    try:
        identity = await connection.fetchval(load_queries("embedded")["identity"], timeout=_ANSWER_SECONDS)
        version = connection.get_server_version()
    except _NOT_YET:
        return None
    finally:
        connection.terminate()
    return f"{version.major}.{version.micro}" if identity == files.identity else None


def _size(folder: Path) -> int:
    """Add up the files of a folder in use: some vanish meanwhile."""
    total = 0
    for name, _, files in os.walk(folder):
        for file in files:
            with suppress(FileNotFoundError):
                total += Path(name, file).lstat().st_size
    return total


def _failed(files: ServerFiles, code: int) -> CampaignError:
    said = last_lines(files.log.read_text(encoding="utf-8", errors="replace"), lines=5)
    return Unreachable(
        f"the ledger's server ended with {code} instead of answering: {said}",
        where=str(files.log),
        remedy="put right what its log says and run the command again",
    )


def _unwritable(files: ServerFiles, error: OSError) -> CampaignError:
    return ConfigurationError(
        f"the ledger's folder cannot be made: {error.strerror}",
        where=str(files.home),
        remedy="make its parent folder, or make that writable, and run the command again",
    )


class _Patience:
    """A wait with an end, which tells now and then that it goes on."""

    def __init__(self, seconds: float, files: ServerFiles, complaint: str) -> None:
        self._seconds = seconds
        self._files = files
        self._complaint = complaint
        self._began = asyncio.get_running_loop().time()
        self._news = _NEWS_EVERY_SECONDS

    @property
    def waited(self) -> float:
        return round(asyncio.get_running_loop().time() - self._began, 1)

    async def pause(self) -> None:
        """Let a moment pass; raise Unreachable when there is none left."""
        if self.waited >= self._seconds:
            raise Unreachable(
                f"{self._complaint} after {self._seconds:g} s",
                where=str(self._files.log),
                remedy="it may still be at work: see its log and try again; if it hangs, run `campaign db stop`",
            )
        if self.waited >= self._news:
            self._news += _NEWS_EVERY_SECONDS
            log.info("postgres.awaited", seconds=self.waited, log=str(self._files.log))
        await asyncio.sleep(_PAUSE_SECONDS)
