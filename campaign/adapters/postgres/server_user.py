"""Whose the embedded server is, and where that user may go."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from campaign.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class ServerUser:
    """The operating system's user the server runs as."""

    name: str
    uid: int
    gid: int

    def demotion(self) -> "Demotion":
        """Say what a child process has to change to become this user."""
        if self.uid == os.geteuid():
            return Demotion(None, None, None)
        return Demotion(self.uid, self.gid, [])


@dataclass(frozen=True, slots=True)
class Demotion:
    """Arguments for `subprocess`; all None where nothing changes."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def server_user(home: Path) -> ServerUser:
    """Choose who runs the server: ourselves, or for root, whom Postgres refuses, somebody with fewer rights.

    That is the owner of the data; before there is any, the owner of the folder; where that is root too, the system's
    user `postgres`, or `nobody`.
    """
    if os.geteuid() != 0:
        return _user(os.geteuid(), os.getegid())
    data = home / "postgres"
    if data.exists():
        return _owner(data)
    return _owner_of_folder(home) or _fallback()


def unreachable(path: Path, user: ServerUser) -> Path | None:
    """Name the first folder on the way to `path` that `user` cannot enter (`path` itself included)."""
    real = path.resolve()
    way = [*reversed(real.parents), real]
    return next((step for step in way if step.exists() and not _may_enter(step, user)), None)


def refuse_unreachable(home: Path, user: ServerUser) -> None:
    """Refuse a ledger whose server could not reach it; opening other people's folders is not ours to do."""
    blocked = unreachable(home, user)
    if blocked is not None:
        raise ConfigurationError(
            f"the ledger's server runs as `{user.name}`, because Postgres refuses to run as root, "
            f"and `{user.name}` cannot enter {blocked}",
            where=str(home),
            remedy="keep the settings file in a folder that everybody may enter (such as /srv/campaign), "
            "or run as an ordinary user",
        )


def refuse_strangers(path: Path) -> None:
    """Refuse what belongs to somebody else; root may work in anybody's folder."""
    if os.geteuid() == 0 or not path.exists() or path.stat().st_uid == os.geteuid():
        return
    raise ConfigurationError(
        f"this ledger belongs to `{_owner(path).name}`, not to you",
        where=str(path),
        remedy=f"run the command as `{_owner(path).name}`",
    )


def _owner_of_folder(home: Path) -> ServerUser | None:
    for folder in (home, home.parent):
        # initdb refuses a user without a name: the owner of a folder mounted into a container often has none.
        if folder.exists() and folder.stat().st_uid != 0 and _has_name(folder.stat().st_uid):
            return _owner(folder)
    return None


def _fallback() -> ServerUser:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name, entry.pw_uid, entry.pw_gid)
    raise ConfigurationError(
        "Postgres refuses to run as root, and this machine has no user `postgres` or `nobody` to run it",
        remedy="run as an ordinary user, or name a server of your own as `database` in the settings",
    )


def _owner(path: Path) -> ServerUser:
    facts = path.stat()
    return _user(facts.st_uid, facts.st_gid)


def _user(uid: int, gid: int) -> ServerUser:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return ServerUser(f"user {uid}", uid, gid)
    return ServerUser(entry.pw_name, uid, entry.pw_gid)


def _has_name(uid: int) -> bool:
    return not _user(uid, 0).name.startswith("user ")


def _may_enter(step: Path, user: ServerUser) -> bool:
    facts = step.stat()
    if facts.st_uid == user.uid:
        return bool(facts.st_mode & stat.S_IXUSR)
    if facts.st_gid == user.gid:
        return bool(facts.st_mode & stat.S_IXGRP)
    return bool(facts.st_mode & stat.S_IXOTH)
