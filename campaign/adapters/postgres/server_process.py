"""The child processes that are Postgres: the server, and what makes its data directory."""

import os
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.server_binaries import NEWEST_LEDGER, programs
from campaign.adapters.postgres.server_files import OWNER, PORT, Lock, ServerFiles
from campaign.adapters.postgres.server_settings import PROMISES, TUNING, arguments
from campaign.domain.errors import ConfigurationError

# Nothing of the caller's environment: PGDATA, PGOPTIONS and the locale would reach into the server.
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"}

# So that a failed statement in single-user mode is a failed command.
_SINGLE = {"exit_on_error": "on"}


def start_server(files: ServerFiles, lock: Lock) -> "subprocess.Popen[bytes]":
    """Start the server in a session of its own: neither our death nor that of our terminal reaches it."""
    binaries = programs(files.require(), user=files.user, home=files.home)
    files.make_run()
    files.forget_dead_server()
    sockets = {"unix_socket_directories": '"{}"'.format(str(files.run).replace('"', '""')), "port": str(PORT)}
    who = files.user.demotion()
    with files.open_log() as output:
        server = subprocess.Popen(  # noqa: S603 - our own program, without a shell
            [binaries / "postgres", "-D", files.data, *arguments({**PROMISES, **sockets})],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=_ENVIRONMENT,
            start_new_session=True,
            pass_fds=(lock.descriptor,),
            user=who.user,
            group=who.group,
            extra_groups=who.extra_groups,
        )
    # Collects its exit status, or a dead server would keep its pid for as long as we live.
    threading.Thread(target=server.wait, name="postgres", daemon=True).start()
    return server


def initialise(files: ServerFiles, lock: Lock, *, durable: bool) -> None:
    """Make the data directory aside and move it into its place when it is whole."""
    binaries = programs(NEWEST_LEDGER, user=files.user, home=files.home)
    shutil.rmtree(files.unfinished, ignore_errors=True)
    files.make_private(files.unfinished)
    sync = [] if durable else ["--no-sync"]
    rules = ["--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject", f"--username={OWNER}"]
    _run([str(binaries / "initdb"), "-D", str(files.unfinished), *rules, *sync, *arguments(TUNING)], files, lock)
    single = [str(binaries / "postgres"), "--single", "-D", str(files.unfinished), *arguments(_SINGLE), "template1"]
    _run(single, files, lock, text=load_queries("embedded")["create_database"])
    files.unfinished.rename(files.data)
    _make_durable(files.home)


def _run(command: Sequence[str], files: ServerFiles, lock: Lock, *, text: str = "") -> None:
    # The lock goes along: a child that outlives us still keeps everybody else away from what it writes.
    who = files.user.demotion()
    done = subprocess.run(  # noqa: S603 - our own program, without a shell
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=_ENVIRONMENT,
        pass_fds=(lock.descriptor,),
        user=who.user,
        group=who.group,
        extra_groups=who.extra_groups,
    )
    if done.returncode != 0:
        raise ConfigurationError(
            f"the ledger could not be made: {last_lines(done.stderr)}",
            where=str(files.home),
            remedy="put that right and run `campaign db init` again",
        )


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def last_lines(text: str, lines: int = 1) -> str:
    """Cut the end off a log, to be told in one line."""
    return " | ".join(text.strip().splitlines()[-lines:])
