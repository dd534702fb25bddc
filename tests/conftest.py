"""What tests share: a ledger on a real server, and what a test may need of the machine."""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import asyncpg
import pytest
import structlog

from campaign.adapters.postgres.database import connect, open_pool
from campaign.adapters.postgres.embedded import create, ensure_running
from campaign.adapters.postgres.migrate import migrate
from tests.integration.ledger_folder import ledger_folder

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Server:
    """A server with a migrated database to copy."""

    dsn: str

    def database(self, name: str) -> str:
        return self.dsn.replace("/campaign?", f"/{name}?", 1)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command that ran here did to logging: a level it set would hide what the next test looks for."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Run one server for all tests of a session."""
    with ledger_folder() as folder:
        yield asyncio.run(_start(folder / ".campaign"))


@pytest.fixture(scope="session")
def server_dsn(server: Server) -> str:
    """Give the server's first database, which holds no ledger."""
    return server.dsn


@pytest.fixture
async def ledger_dsn(server: Server) -> AsyncIterator[str]:
    """Give a fresh, migrated ledger of this test alone."""
    name = f"ledger_{next(_NUMBERS)}"
    await _statement(server.dsn, f"CREATE DATABASE {name} TEMPLATE template_ledger")
    yield server.database(name)
    await _statement(server.dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def pool(ledger_dsn: str) -> AsyncIterator[asyncpg.Pool]:
    async with open_pool(ledger_dsn, size=10, purpose="campaign test") as opened:
        yield opened


async def _start(home: Path) -> Server:
    await create(home, durable=False)
    server = Server((await ensure_running(home)).dsn)
    await _statement(server.dsn, "ALTER SYSTEM SET fsync = off")
    await _statement(server.dsn, "SELECT pg_reload_conf()")
    await _statement(server.dsn, "CREATE DATABASE template_ledger")
    connection = await connect(server.database("template_ledger"))
    await migrate(connection)
    await connection.close()
    return server


async def _statement(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _has_postgres() -> bool:
    return Path("/usr/lib/postgresql/15/bin/postgres").exists() or shutil.which("initdb") is not None


def _has_browser() -> bool:
    return shutil.which("chromium") is not None and find_spec("playwright") is not None


# What a test may need beyond Python: the word in `needs(...)`, whether it is there, and what to do if not.
NEEDS: Final[Mapping[str, tuple[Callable[[], bool], str]]] = {
    "postgres": (_has_postgres, "a PostgreSQL server of the system; install postgresql"),
    "nginx": (lambda: shutil.which("nginx") is not None, "nginx; install it"),
    "pgbouncer": (lambda: shutil.which("pgbouncer") is not None, "pgbouncer; install it"),
    "promtool": (lambda: shutil.which("promtool") is not None, "promtool; install prometheus"),
    "chromium": (_has_browser, "a browser: install chromium, and playwright with the tools of development"),
    "root": (lambda: os.geteuid() == 0, "to run as root"),
}

_SKIPPED = pytest.StashKey[dict[str, int]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SKIPPED] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what cannot run here, each with what it needs."""
    missing = {what: remedy for what, (there, remedy) in NEEDS.items() if not there()}
    for what in os.environ.get("CAMPAIGN_TESTS_NEED", "").split():
        if what in missing:
            raise pytest.UsageError(f"these tests may not be skipped here, and need {missing[what]}")
    for item in items:
        for what in (mark.args[0] for mark in item.iter_markers("needs")):
            if what not in NEEDS:
                raise pytest.UsageError(f"{item.nodeid}: needs({what!r}) is unknown; add it to tests/conftest.py")
            if what in missing:
                item.add_marker(pytest.mark.skip(reason=f"needs {missing[what]}"))
                config.stash[_SKIPPED][what] = config.stash[_SKIPPED].get(what, 0) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List at the end what this run could not show."""
    for what, count in sorted(config.stash[_SKIPPED].items()):
        terminalreporter.write_line(f"not run: {count} test(s) that need {NEEDS[what][1]}", yellow=True)
