"""The embedded server under kill -9, stale files and processes that start or stop it at once."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres import embedded
from campaign.adapters.postgres.embedded import create, ensure_running, status, stop
from campaign.adapters.postgres.server_files import Lock, ServerFiles
from campaign.adapters.postgres.server_process import start_server
from campaign.adapters.postgres.server_user import ServerUser
from campaign.domain.errors import Unreachable
from tests.integration.ledger_folder import ask, ledger_folder

NUMBER = "+33612345678"


@pytest.fixture
def folder() -> Iterator[Path]:
    with ledger_folder() as made:
        yield made


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    with ledger_folder() as folder:
        asyncio.run(create(folder / ".campaign", durable=False))
        yield folder / ".campaign"


@pytest.fixture
def home(made: Path) -> Iterator[Path]:
    """Lend the module's ledger: at rest before and after, with no log yet."""
    yield made
    asyncio.run(stop(made))
    (made / "postgres.log").unlink(missing_ok=True)


def another_process(call: str, home: Path) -> "subprocess.Popen[str]":
    """Have another process, ready when this returns, call a function on a line of input; it prints the server's pid."""
    program = f"""
import asyncio, pathlib
from campaign.adapters.postgres.embedded import create, ensure_running, status
home = pathlib.Path({str(home)!r})
input("ready\\n")
asyncio.run({call})
print(asyncio.run(status(home)).pid)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-uc", program], text=True, env=environment, **pipes)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> "subprocess.Popen[str]":
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def wait_for(path: Path, process: "subprocess.Popen[Any]") -> None:
    while not path.exists() and process.poll() is None:
        time.sleep(0.001)


def kill_when(path: Path, process: "subprocess.Popen[str]") -> None:
    """Kill a process as soon as a file is there."""
    wait_for(path, process)
    process.kill()
    process.communicate(timeout=30)


def wait_until_gone(pid: int) -> None:
    while Path(f"/proc/{pid}/cwd").exists():
        time.sleep(0.01)


@contextmanager
def process_of(user: ServerUser) -> Iterator["subprocess.Popen[bytes]"]:
    """Run something that is no server as the server's user."""
    who = user.demotion()
    process = subprocess.Popen(["sleep", "600"], user=who.user, group=who.group, extra_groups=who.extra_groups)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def leave_pid_files(files: ServerFiles, pid: int) -> None:
    """Leave what a killed server leaves, with a pid that somebody else has by now."""
    for left in (files.data / "postmaster.pid", files.run / ".s.PGSQL.5432.lock"):
        left.write_text(f"{pid}\n{files.data}\n1\n5432\n{files.run}\n\n  1  1\nready\n")
        os.chown(left, files.user.uid, files.user.gid)


async def test_a_ledger_whose_making_was_killed_is_made_anew(folder: Path) -> None:
    home = folder / ".campaign"
    kill_when(home / "postgres.unfinished" / "global", go(another_process("create(home)", home)))
    assert not (home / "postgres").exists()

    await create(home, durable=False)

    assert await ask(await ensure_running(home), "SELECT current_database()") == "campaign"
    assert not (home / "postgres.unfinished").exists()


async def test_a_crash_does_not_write_its_statement_to_the_log(home: Path) -> None:
    address = await ensure_running(home)
    victim = await asyncpg.connect(address.dsn)
    sleeping = asyncio.create_task(victim.execute(f"SELECT pg_sleep(600), '{NUMBER}'"))
    await asyncio.sleep(0.1)

    os.kill(victim.get_server_pid(), signal.SIGKILL)

    with pytest.raises((OSError, asyncpg.PostgresError)):
        await sleeping
    victim.terminate()
    await ensure_running(home)
    assert "was terminated by signal 9" in (home / "postgres.log").read_text()
    assert NUMBER not in (home / "postgres.log").read_text()


async def test_processes_that_start_at_once_get_one_server(home: Path) -> None:
    starters = [another_process("ensure_running(home)", home) for _ in range(4)]

    started = [go(starter) for starter in starters]

    pids = {int(starter.communicate(timeout=60)[0].split()[-1]) for starter in started}

    assert pids == {(await status(home)).pid}
    assert (home / "postgres.log").read_text().count("starting PostgreSQL") == 1


async def test_the_server_outlives_a_starter_killed_in_the_middle(home: Path) -> None:
    kill_when(home / "postgres" / "postmaster.pid", go(another_process("ensure_running(home)", home)))

    assert await ask(await ensure_running(home), "SELECT 1") == 1

    pid = (await status(home)).pid
    assert pid is not None
    assert os.getsid(pid) == pid
    assert (home / "postgres.log").read_text().count("starting PostgreSQL") == 1


async def test_a_killed_server_comes_back_with_what_was_committed(home: Path) -> None:
    address = await ensure_running(home)
    await ask(address, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = (await status(home)).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    assert await ask(await ensure_running(home), "SELECT answer FROM kept") == 42
    assert (await status(home)).pid != pid


async def test_what_is_left_of_a_killed_server_is_waited_for(home: Path) -> None:
    """One process of it that is still busy would make a new server refuse the data."""
    address = await ensure_running(home)
    session = await asyncpg.connect(address.dsn)
    busy = session.get_server_pid()
    os.kill(busy, signal.SIGSTOP)
    os.kill((await status(home)).pid or 0, signal.SIGKILL)
    session.terminate()
    try:
        with pytest.raises(Unreachable, match="does not answer"):
            await ensure_running(home, patience=0.5)
    finally:
        os.kill(busy, signal.SIGCONT)

    assert await ask(await ensure_running(home), "SELECT 1") == 1


async def test_the_pid_of_a_dead_server_is_not_believed_when_another_process_has_it(home: Path) -> None:
    """Postgres itself refuses to start then, for as long as that process lives."""
    files = ServerFiles.of(home)
    files.make_run()
    with process_of(files.user) as stranger:
        leave_pid_files(files, stranger.pid)
        assert await stop(home) is False

        assert await ask(await ensure_running(home), "SELECT 1") == 1

        assert stranger.poll() is None


async def test_waiting_for_another_starter_has_an_end(home: Path) -> None:
    with ServerFiles.of(home).open_lock() as lock:
        assert lock.take()

        with pytest.raises(Unreachable, match=r"does not answer after 0\.1 s"):
            await ensure_running(home, patience=0.1)


async def test_stopping_ends_open_sessions_and_all_processes(home: Path) -> None:
    address = await ensure_running(home)
    session = await asyncpg.connect(address.dsn)
    backend = session.get_server_pid()
    pid = (await status(home)).pid
    assert pid is not None

    assert await stop(home) is True

    session.terminate()
    wait_until_gone(pid)
    wait_until_gone(backend)
    assert not (await status(home)).running
    assert await stop(home) is False


async def test_a_server_started_by_hand_is_waited_for_and_stopped(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such a server does not hold our lock."""
    monkeypatch.setattr(embedded, "_ANSWER_SECONDS", 0.1)
    files = ServerFiles.of(home)
    with tempfile.TemporaryFile() as other_lock:
        by_hand = start_server(files, Lock(other_lock.fileno()))
        wait_for(files.run / ".s.PGSQL.5432.lock", by_hand)
    by_hand.send_signal(signal.SIGSTOP)
    with pytest.raises(Unreachable, match="does not answer"):
        await ensure_running(home, patience=0.5)
    by_hand.send_signal(signal.SIGCONT)

    await ensure_running(home)

    assert (await status(home)).pid == by_hand.pid
    assert await stop(home) is True


async def test_a_ledger_moved_away_under_its_server_is_not_taken_for_the_new_one(folder: Path) -> None:
    """The short socket folder is named after the path, so the old server would answer for the new ledger."""
    home = folder / ("x" * 100) / ".campaign"
    home.parent.mkdir()
    await create(home, durable=False)
    await ask(await ensure_running(home), "CREATE TABLE of_the_old_one ()")
    home.rename(folder / ".campaign")
    await create(home, durable=False)

    address = await ensure_running(home)

    assert await ask(address, "SELECT to_regclass('of_the_old_one')") is None
