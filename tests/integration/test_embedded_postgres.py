"""The embedded server for real: its binaries, in short-lived folders."""

import asyncio
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from campaign.adapters.postgres.embedded import create, ensure_running, status, stop
from campaign.adapters.postgres.server_files import Address
from campaign.domain.errors import ConfigurationError, Unreachable
from tests.integration.ledger_folder import ask, copy_of_ledger, ledger_folder

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


@pytest.fixture
def own_home(folder: Path, made: Path) -> Path:
    """Copy the module's ledger for a test that spoils its files."""
    return copy_of_ledger(made, folder)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Path, Address]]:
    with ledger_folder() as made:
        asyncio.run(create(made / ".campaign", durable=False))
        yield made / ".campaign", asyncio.run(ensure_running(made / ".campaign"))


def mode(path: Path | str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116 - a socket's folder comes as text


async def test_no_command_but_create_makes_a_ledger(folder: Path) -> None:
    """A fresh ledger would send to everyone again."""
    with pytest.raises(ConfigurationError, match=r"no ledger in .*/\.campaign; run `campaign db init`"):
        await ensure_running(folder / ".campaign")

    assert os.listdir(folder) == []  # noqa: PTH208 - an async test may not iterate over a path


async def test_creating_again_keeps_the_ledger(home: Path) -> None:
    before = (home / "postgres").stat().st_ino

    await create(home)

    assert (home / "postgres").stat().st_ino == before


async def test_a_ledger_is_utf8_and_sorts_the_same_on_every_machine(running: tuple[Path, Address]) -> None:
    assert await ask(running[1], "SHOW server_encoding") == "UTF8"
    assert await ask(running[1], "SELECT datcollate FROM pg_database WHERE datname = 'campaign'") == "C"


async def test_only_the_private_socket_is_listened_on(running: tuple[Path, Address]) -> None:
    home, address = running

    assert await ask(address, "SHOW listen_addresses") == ""
    assert mode(address.host) == 0o700
    assert mode(home / "postgres") == 0o700
    assert mode(home / "postgres.log") == 0o600


async def test_what_the_environment_says_of_other_servers_does_not_matter(
    running: tuple[Path, Address], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = {"PGHOST": "127.0.0.1", "PGPORT": "1", "PGSSLMODE": "verify-full", "PGTARGETSESSIONATTRS": "standby"}
    for name, value in elsewhere.items():
        monkeypatch.setenv(name, value)

    assert await ask(await ensure_running(running[0]), "SELECT current_user::text") == "campaign"


async def test_durability_cannot_be_switched_off_in_the_servers_own_files(own_home: Path) -> None:
    with (own_home / "postgres" / "postgresql.auto.conf").open("a") as settings:
        settings.write("fsync = off\nlog_statement = 'all'\nwork_mem = '7MB'\n")

    address = await ensure_running(own_home)

    assert await ask(address, "SHOW fsync") == "on"
    assert await ask(address, "SHOW log_statement") == "none"
    assert await ask(address, "SHOW work_mem") == "7MB"


async def test_no_value_of_a_failed_statement_reaches_the_log(running: tuple[Path, Address]) -> None:
    home, address = running
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await ask(address, "SELECT ($1::text)::bigint", f"{NUMBER}x")
    with pytest.raises(asyncpg.RaiseError):
        await ask(address, f"DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = '{NUMBER}'; END $$")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(
            address,
            f"DO $$ BEGIN CREATE TEMP TABLE t (phone text UNIQUE); "
            f"INSERT INTO t SELECT '{NUMBER}' FROM generate_series(1, 2); END $$",
        )

    assert NUMBER not in (home / "postgres.log").read_text()


async def test_a_running_server_is_shared_not_started_again(running: tuple[Path, Address]) -> None:
    home, address = running
    before = await status(home)

    assert await ensure_running(home) == address

    assert (await status(home)).pid == before.pid
    assert before.running
    assert before.version.startswith("16.")
    assert before.data_bytes > 1_000_000


async def test_a_server_that_cannot_start_says_why(own_home: Path) -> None:
    with (own_home / "postgres" / "postgresql.conf").open("a") as settings:
        settings.write("shared_bufers = '128MB'\n")
    (own_home / "postgres.log").write_text("what happened last week\n" * 9)

    with pytest.raises(Unreachable, match="shared_bufers") as refusal:
        await ensure_running(own_home)

    assert refusal.value.where == str(own_home / "postgres.log")


async def test_a_path_too_long_for_a_socket_gets_a_short_private_folder(folder: Path) -> None:
    home = folder / ("x" * 100) / ".campaign"
    home.parent.mkdir()
    await create(home, durable=False)

    address = await ensure_running(home)

    assert await ask(address, "SELECT 1") == 1
    assert len(address.host) < 60
    assert mode(address.host) == 0o700
