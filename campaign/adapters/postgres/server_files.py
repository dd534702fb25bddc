"""The folder `.campaign/`: where the embedded server keeps its data, lock, log and socket."""

import fcntl
import hashlib
import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from campaign.adapters.postgres.server_user import ServerUser, refuse_strangers, refuse_unreachable, server_user
from campaign.domain.errors import ConfigurationError

PORT = 5432
OWNER = DATABASE = "campaign"

# sockaddr_un holds 104 bytes on macOS and the BSDs, 108 on Linux, a final zero included.
_LONGEST_SOCKET = 103

_LOG_LIMIT = 10_000_000


@dataclass(frozen=True, slots=True)
class Address:
    """Where the embedded server answers."""

    host: str
    port: int = PORT
    user: str = OWNER
    database: str = DATABASE

    @property
    def dsn(self) -> str:
        """Give the address as asyncpg and libpq take it; there is no password, the folder of the socket is private."""
        # What PGSSLMODE or PGTARGETSESSIONATTRS ask of some other server would keep us from ours.
        query = f"host={quote(self.host, safe='')}&port={self.port}&sslmode=disable&target_session_attrs=any"
        return f"postgresql://{self.user}@/{self.database}?{query}"


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """The files of one embedded server, and whose they are."""

    home: Path
    user: ServerUser

    @classmethod
    def of(cls, home: Path) -> "ServerFiles":
        """Look at a ledger's folder; raise ConfigurationError if it is somebody else's or the server cannot enter."""
        real = home.resolve()
        files = cls(real, server_user(real))
        refuse_strangers(files.home)
        refuse_strangers(files.data)
        return files

    @property
    def data(self) -> Path:
        """The data directory; it appears whole or not at all."""
        return self.home / "postgres"

    @property
    def unfinished(self) -> Path:
        """The data directory while it is being made."""
        return self.home / "postgres.unfinished"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.home / "postgres.log"

    @property
    def run(self) -> Path:
        """The folder of the socket: inside the ledger's, or a short one when that path would be too long.

        The short one does not follow TMPDIR: cron and a shell have different ones and must meet at the same server.
        """
        near = self.home / "run"
        if len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= _LONGEST_SOCKET:
            return near
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path("/tmp") / f"campaign-{self.user.uid}-{name}"  # noqa: S108 - private, and checked to be ours

    @property
    def address(self) -> Address:
        """Where the server answers when it runs."""
        return Address(str(self.run))

    @property
    def major(self) -> str | None:
        """The major version of Postgres that made the ledger; None if there is none."""
        try:
            return (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    @property
    def identity(self) -> bytes:
        """What tells this data from any other; the query of that name asks the server for the same."""
        with (self.data / "global" / "pg_control").open("rb") as control:
            return control.read(8)

    def require(self) -> str:
        """Give the major version of the ledger; raise ConfigurationError where there is no ledger to start."""
        if self.major is None:
            raise ConfigurationError(
                f"no ledger in {self.home}",
                remedy="run `campaign db init` to create it (an empty one sends to everyone)",
            )
        refuse_unreachable(self.home, self.user)
        self.check_run()
        return self.major

    def prepare(self) -> None:
        """Make the ledger's folder."""
        refuse_unreachable(self.home.parent, self.user)
        if not self.home.exists():
            self.home.mkdir(mode=0o700)
            if self.home.parent.stat().st_uid == self.user.uid:
                self._give(self.home)
        facts = self.home.stat()
        if facts.st_uid == os.geteuid() != self.user.uid:
            # Root's own, and the server has to pass through it.
            self.home.chmod(stat.S_IMODE(facts.st_mode) | stat.S_IXGRP | stat.S_IXOTH)
        refuse_unreachable(self.home, self.user)

    def make_private(self, folder: Path) -> None:
        """Make a folder that the server's user alone may enter."""
        folder.mkdir(mode=0o700)
        self._give(folder)

    def make_run(self) -> None:
        """Make the folder of the socket, unless it is there and ours."""
        if not self.run.exists():
            self.make_private(self.run)
        self.check_run()

    def check_run(self) -> None:
        """Refuse a folder in which somebody else could have put the socket: we would send phone numbers there."""
        try:
            facts = self.run.lstat()
        except FileNotFoundError:
            return
        private = stat.S_ISDIR(facts.st_mode) and not facts.st_mode & 0o077
        if not private or facts.st_uid != self.user.uid:
            raise ConfigurationError(
                f"the socket's folder must belong to `{self.user.name}` alone",
                where=str(self.run),
                remedy="remove it and run the command again",
            )

    def postmaster(self) -> int | None:
        """Find the process of the running server; a pid that is dead or somebody else's does not count."""
        try:
            pid = int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return pid if _works_in(pid, self.data) else None

    def forget_dead_server(self) -> None:
        """Remove what a killed server left; Postgres believes its pid if another process of ours now has it."""
        if self.postmaster() is not None:
            return
        for left in (self.data / "postmaster.pid", self.run / f".s.PGSQL.{PORT}.lock"):
            left.unlink(missing_ok=True)

    @contextmanager
    def open_log(self) -> Iterator[int]:
        """Open the server's log for appending; a long one is put aside as `postgres.log.1` first."""
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self._open(self.log, os.O_WRONLY | os.O_APPEND) as descriptor:
            yield descriptor

    @contextmanager
    def open_lock(self) -> Iterator["Lock"]:
        """Open the ledger's lock without taking it."""
        with self._open(self.home / "lock", os.O_RDWR) as descriptor:
            yield Lock(descriptor)

    @contextmanager
    def _open(self, path: Path, flags: int) -> Iterator[int]:
        # No links: root may be working in the folder of a user who would like to own another file.
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if os.geteuid() == 0 and os.fstat(descriptor).st_nlink == 1:
                os.fchown(descriptor, self.home.stat().st_uid, -1)
            yield descriptor
        finally:
            os.close(descriptor)

    def _give(self, path: Path) -> None:
        if self.user.uid != os.geteuid():
            os.chown(path, self.user.uid, self.user.gid, follow_symlinks=False)


@dataclass(frozen=True, slots=True)
class Lock:
    """`.campaign/lock`, which the server itself inherits and holds for as long as any process of it lives.

    So whoever gets it knows that nothing runs on this data, whatever a stale pid file says; and the death of the
    program that started the server, at any moment, neither frees it too early nor blocks the next one.
    """

    descriptor: int

    def take(self) -> bool:
        """Take the lock if it is free."""
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _works_in(pid: int, folder: Path) -> bool:
    """Tell whether a process is a server on this folder, which Postgres makes its working directory."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").samefile(folder)
        except OSError:
            return False
    asked = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return str(folder) in subprocess.run(asked, capture_output=True, text=True, check=False).stdout  # noqa: S603 - no shell
