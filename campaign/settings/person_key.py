"""The key of all person hashes. Without it everybody is a stranger: suppressions and "already sent" forget everyone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from campaign.domain.errors import ConfigurationError
from campaign.settings.secret import read_secret_file
from campaign.settings.settings_file import Settings

BYTES: Final = 32
NAME: Final = "person_key"


def load_person_key(settings: Settings, *, create: bool) -> bytes:
    """Return the 32 bytes that persons are hashed with. Only `campaign db init` may create them."""
    if settings.person_key is not None:
        return bytes.fromhex(settings.person_key.reveal())
    path = settings.home / NAME
    if create:
        _create(path)
    return _read(path)


def _read(path: Path) -> bytes:
    if not path.exists():
        remedy = "bring it back from a backup; for a new ledger run `campaign db init`"
        raise ConfigurationError("the person key is not there", where=str(path), remedy=remedy)
    try:
        key = bytes.fromhex(read_secret_file(path))
    except ValueError as error:
        what, remedy = (
            error.args if len(error.args) > 1 else ("the person key is damaged", "bring it back from a backup")
        )
        raise ConfigurationError(what, where=str(path), remedy=remedy) from None
    if len(key) != BYTES:
        raise ConfigurationError("the person key is damaged", where=str(path), remedy="bring it back from a backup")
    return key


def _create(path: Path) -> None:
    """Write the key once: two that begin together end with one key, and a crash leaves none or a whole one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)
