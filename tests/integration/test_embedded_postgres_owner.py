"""Whose the embedded server is: as root it runs under another user, and it trusts nobody else's folders."""

import asyncio
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.adapters.postgres import server_binaries, server_user
from campaign.adapters.postgres.embedded import create, ensure_running, status
from campaign.adapters.postgres.server_files import ServerFiles
from campaign.adapters.postgres.server_user import ServerUser, unreachable
from campaign.domain.errors import ConfigurationError
from tests.integration.ledger_folder import ask, copy_of_ledger, ledger_folder

NOBODY = 65534

# What only root can do: run a server as somebody else.
as_root = pytest.mark.needs("root")


@pytest.fixture
def folder() -> Iterator[Path]:
    with ledger_folder() as made:
        yield made


@pytest.fixture(scope="module")
def pattern() -> Iterator[Path]:
    with ledger_folder() as made:
        asyncio.run(create(made / ".campaign", durable=False))
        yield made / ".campaign"


@pytest.fixture
def home(folder: Path, pattern: Path) -> Path:
    return copy_of_ledger(pattern, folder)


def owner(path: Path) -> int:
    return path.lstat().st_uid


def rights_of(pid: int | None) -> dict[str, set[int]]:
    """Read who a process is, in every sense the kernel knows."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    facts = dict(line.split(":", 1) for line in lines)
    return {name: {int(number) for number in facts[name].split()} for name in ("Uid", "Gid", "Groups")}


async def test_a_socket_folder_that_others_may_write_is_refused(home: Path) -> None:
    """Whoever put a socket there would be sent our phone numbers."""
    files = ServerFiles.of(home)
    files.make_run()
    files.run.chmod(0o777)

    with pytest.raises(ConfigurationError, match="must belong to"):
        await ensure_running(home)


@as_root
async def test_a_socket_folder_of_somebody_else_is_refused(home: Path) -> None:
    files = ServerFiles.of(home)
    files.make_run()
    os.chown(files.run, 4_000_000, 4_000_000)

    with pytest.raises(ConfigurationError, match="must belong to"):
        await ensure_running(home)


async def test_the_ledger_of_somebody_else_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_user.os, "geteuid", lambda: 12345)

    with pytest.raises(ConfigurationError, match=r"belongs to `.+`, not to you; run the command as"):
        await ensure_running(home)


async def test_the_first_closed_folder_on_the_way_is_named(folder: Path) -> None:
    stranger = ServerUser("stranger", 4_000_000, 4_000_000)
    closed = folder / "closed"
    (closed / "inner").mkdir(parents=True)
    assert unreachable(closed / "inner", stranger) is None

    closed.chmod(0o700)

    assert unreachable(closed / "inner", stranger) == closed


@as_root
async def test_roots_server_runs_without_its_rights(home: Path) -> None:
    await ensure_running(home)
    pid = (await status(home)).pid

    rights = rights_of(pid)

    user = ServerFiles.of(home).user
    assert user.uid != 0
    assert rights == {"Uid": {user.uid}, "Gid": {user.gid}, "Groups": set()}
    assert owner(home) == 0


@as_root
async def test_in_a_users_folder_root_works_for_that_user(folder: Path) -> None:
    """What root leaves there, the folder's owner can go on with."""
    os.chown(folder, NOBODY, NOBODY)
    home = folder / ".campaign"
    await create(home, durable=False)
    await ensure_running(home)

    owners = {owner(home / name) for name in ("", "postgres", "run", "lock", "postgres.log")}

    assert owners == {NOBODY}


@as_root
async def test_a_folder_the_server_cannot_enter_is_refused_and_left_as_it_is(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(ConfigurationError, match=f"cannot enter {closed}.*run as an ordinary user"):
        await create(closed / ".campaign")

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not (closed / ".campaign").exists()


@as_root
async def test_programs_in_a_closed_folder_are_copied_for_the_server(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone under /root has its virtualenv there."""
    wheel = server_binaries._wheel()
    site = folder / "closed" / "site-packages"
    for part in (f"{wheel.name}/pginstall", f"{wheel.name}.libs"):
        shutil.copytree(wheel.parent / part, site / part)
    site.parent.chmod(0o700)
    monkeypatch.setattr(server_binaries, "_wheel", lambda: site / wheel.name)
    home = folder / ".campaign"
    (home / "server-16-of-an-older-wheel").mkdir(parents=True)

    await create(home, durable=False)
    address = await ensure_running(home)

    assert await ask(address, "SELECT to_tsvector('english', now()::text) IS NOT NULL") is True
    (copy,) = home.glob("server-*")
    assert owner(copy) == 0
