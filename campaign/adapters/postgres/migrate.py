"""Numbered migrations, each applied once, under a lock."""

import re
from dataclasses import dataclass

import asyncpg

from campaign.adapters.postgres.queries import load_queries
from campaign.domain.errors import ConfigurationError
from campaign.resources import resource

_FILE = re.compile(r"^(\d{4})_\w+\.sql$")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `sql/migrations`."""

    number: int
    name: str
    text: str


def migrations() -> list[Migration]:
    """Read the migrations in order."""
    found = [
        Migration(int(match[1]), entry.name, entry.read_text(encoding="utf-8"))
        for entry in resource("sql", "migrations").iterdir()
        if (match := _FILE.match(entry.name))
    ]
    return sorted(found, key=lambda migration: migration.number)


async def migrate(connection: asyncpg.Connection) -> list[str]:
    """Bring the schema up to date and name what was applied; safe to run twice and twice at once."""
    queries = load_queries("migrate")
    async with connection.transaction():
        await connection.execute(queries["lock_migrations"])
        await connection.execute(queries["create_schema"])
        await connection.execute(queries["create_migration_table"])
        done = {record["number"] for record in await connection.fetch(queries["applied_migrations"])}
        waiting = [migration for migration in migrations() if migration.number not in done]
        for migration in waiting:
            await connection.execute(migration.text)
            await connection.execute(queries["note_migration"], migration.number, migration.name)
    return [migration.name for migration in waiting]


async def check_schema(connection: asyncpg.Connection) -> None:
    """Refuse a database whose schema is missing, older or newer than this program."""
    queries = load_queries("migrate")
    if not await connection.fetchval(queries["has_migration_table"]):
        raise ConfigurationError("this database holds no ledger", remedy="run `campaign db init` to create it")
    have = await connection.fetchval(queries["newest_migration"])
    want = migrations()[-1].number
    if have < want:
        raise ConfigurationError(
            f"the ledger's schema is {have}, this program needs {want}", remedy="run `campaign db migrate`"
        )
    if have > want:
        raise ConfigurationError(
            f"the ledger's schema is {have}, this program knows {want}", remedy="upgrade the program; it is older"
        )
