"""A folder for an embedded ledger, and one question to its server."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from campaign.adapters.postgres.embedded import stop
from campaign.adapters.postgres.server_files import Address, ServerFiles


@contextmanager
def ledger_folder() -> Iterator[Path]:
    """Make a short, reachable folder, which pytest's own is not for root's server; stop the servers below it after."""
    made = Path(tempfile.mkdtemp(prefix="ledger-", dir="/tmp"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        for data in made.glob("**/.campaign/postgres"):
            asyncio.run(stop(data.parent))
            shutil.rmtree(ServerFiles.of(data.parent).run, ignore_errors=True)
        shutil.rmtree(made)


def copy_of_ledger(home: Path, folder: Path) -> Path:
    """Copy a ledger at rest, owners included; much faster than to make one."""
    subprocess.run(["cp", "-a", home, folder], check=True)
    return folder / home.name


async def ask(address: Address, statement: str, *values: object) -> object:
    """Run one statement in a connection of its own."""
    connection = await asyncpg.connect(address.dsn)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()
