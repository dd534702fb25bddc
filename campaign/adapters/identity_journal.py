"""`.campaign/identity.json`: the ledger as this machine last saw it, kept where a restored database cannot reach."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from campaign.domain.errors import ConfigurationError
from campaign.domain.identity import Identity, Sighting, newest

NAME: Final = "identity.json"

# Whoever stopped in the middle of a write must not stop everybody else.
_LOCK_SECONDS: Final = 1.0

# Identity's names are ours, the file's are those of Postgres' own documentation.
_NUMBERS: Final = {
    "server": "system_identifier",
    "timeline": "timeline",
    "position": "wal_position",
    "folder": "data_folder",
}


@dataclass(frozen=True, slots=True)
class IdentityJournal:
    """The journal of one folder, shared by every process that works in it."""

    path: Path

    def read(self) -> Sighting | None:
        """Read what was seen last, None if nothing was; raise ConfigurationError where it cannot be told."""
        try:
            told = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(
                f"what this machine knows of its ledger cannot be read ({error.strerror})",
                where=str(self.path),
                remedy="make it readable for the user who runs this",
            ) from None
        try:
            return _sighting(json.loads(told))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise ConfigurationError(
                "what this machine knows of its ledger is damaged",
                where=str(self.path),
                remedy="bring it back from a backup; or make sure that the ledger is no older copy, and run "
                "`campaign db adopt --reason TEXT`",
            ) from None

    def note(self, seen: Sighting) -> None:
        """Write what was seen, unless another process knows better; raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone():
            told = newest(self._known(), seen)
            with self._draft(told) as draft:
                # Whoever went on without the lock while this one waited for its disk may know better by now.
                if newest(self._known(), told) == told:
                    draft.replace(self.path)

    def replace(self, seen: Sighting) -> None:
        """Forget what was known, and write what was seen; raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone(), self._draft(seen) as draft:
            draft.replace(self.path)

    def _known(self) -> Sighting | None:
        with suppress(ConfigurationError):
            return self.read()
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder's lock; go on without it where there is none to be had."""
        descriptor = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        until = time.monotonic() + _LOCK_SECONDS
        try:
            while not _locked(descriptor) and time.monotonic() < until:
                time.sleep(0.01)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _draft(self, seen: Sighting) -> Iterator[Path]:
        """Lend a whole file to put in the journal's place: a crash leaves the old one or the new one."""
        draft = self.path.with_name(f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                if os.geteuid() == 0:
                    owner = self.path.parent.stat()
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
                file.write(_text(seen))
                file.flush()
                os.fsync(file.fileno())
            yield draft
        finally:
            draft.unlink(missing_ok=True)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks
    return True


def _text(seen: Sighting) -> str:
    numbers = {name: getattr(seen.identity, field) for field, name in _NUMBERS.items()}
    told = {"installation": seen.identity.installation, **numbers, "used": seen.used}
    return json.dumps({**told, "seen_at": datetime.now(UTC).isoformat(timespec="seconds")}, indent=1) + "\n"


def _sighting(told: Any) -> Sighting:  # noqa: ANN401 - whatever a file may hold
    installation, used = told["installation"], told["used"]
    numbers = {field: told[name] for field, name in _NUMBERS.items()}
    whole = all(number is None or type(number) is int for number in numbers.values())
    if not (isinstance(installation, str) and isinstance(used, bool) and whole):
        raise TypeError
    return Sighting(Identity(installation, **numbers), used)
