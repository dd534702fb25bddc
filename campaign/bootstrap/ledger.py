"""The ledger, opened for a command: embedded or the operator's own, checked before it is believed."""

import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

import asyncpg
import structlog

from campaign.adapters.postgres import embedded
from campaign.adapters.postgres.database import connect, open_pool, unreachable
from campaign.adapters.postgres.migrate import check_schema
from campaign.adapters.postgres.migrate import migrate as apply_migrations
from campaign.adapters.postgres.queries import load_queries
from campaign.bootstrap.recognising import Recognition
from campaign.domain.errors import ConfigurationError, Unreachable
from campaign.settings import Settings, load_person_key

log = structlog.get_logger()

_SQL = load_queries("migrate")

OLDEST_SERVER = 150000


@dataclass(frozen=True, slots=True)
class Initialised:
    """What `db init` found or made."""

    created: bool
    migrations: list[str]
    where: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """An open ledger."""

    dsn: str
    pool: asyncpg.Pool
    installation: str
    person_key: bytes
    recognition: Recognition | None = None


async def init(settings: Settings) -> Initialised:
    """Create what is missing: the server, the schema, the person key; safe to run again."""
    if settings.database is None:
        await embedded.create(settings.home)
    dsn = await address(settings)
    connection = await connect(dsn)
    try:
        await _check_server(connection)
        migrations = await apply_migrations(connection)
        key = await _first_key(connection, settings)
        await connection.execute(_SQL["create_installation"], secrets.token_hex(4), _check_of(key))
        await _installation(connection, key)
        await Recognition(settings).first(connection)
    finally:
        connection.terminate()
    return Initialised(bool(migrations), migrations, where_of(settings))


async def _first_key(connection: asyncpg.Connection, settings: Settings) -> bytes:
    """Make the person key for a new ledger only: a second one would make strangers of everybody in an old one."""
    known = await connection.fetchrow(_SQL["installation"])
    return load_person_key(settings, create=known is None)


async def migrate(settings: Settings) -> list[str]:
    """Bring the schema up to date; returns what was applied."""
    connection = await connect(await address(settings))
    try:
        await _check_server(connection)
        return await apply_migrations(connection)
    finally:
        connection.terminate()


async def status(settings: Settings) -> dict[str, Any]:
    """Look at the ledger's server and schema, without starting anything."""
    facts: dict[str, Any] = {"where": where_of(settings), "running": True}
    if settings.database is None:
        found = await embedded.status(settings.home)
        facts |= {"running": found.running, "pid": found.pid, "version": found.version, "bytes": found.data_bytes}
        if not found.running:
            return facts
    connection = await connect(await address(settings))
    try:
        await check_schema(connection)
        facts["schema"] = await connection.fetchval(_SQL["newest_migration"])
        version = connection.get_server_version()
        facts["version"] = f"{version.major}.{version.micro}"
    finally:
        connection.terminate()
    return facts


async def stop(settings: Settings) -> bool:
    """Stop the embedded server; False if it did not run."""
    if settings.database is not None:
        raise ConfigurationError("this ledger is on a server of your own", remedy="stop it with its own tools")
    return await embedded.stop(settings.home)


async def address(settings: Settings) -> str:
    """Tell where the ledger answers; starts the embedded server if need be."""
    if settings.database is not None:
        return settings.database.reveal()
    return (await embedded.ensure_running(settings.home)).dsn


def reviver(settings: Settings) -> Callable[[], Awaitable[None]]:
    """Give what a process does when the ledger went away: the embedded server has nobody else to start it."""

    async def revive() -> None:
        if settings.database is None:
            await embedded.ensure_running(settings.home)

    return revive


def where_of(settings: Settings) -> str:
    """Name the ledger for people, without a password."""
    return "the database of the settings" if settings.database else str(settings.home)


@asynccontextmanager
async def open_ledger(
    settings: Settings, *, purpose: str, size: int = 10, unless_known: Literal["refuse", "warn", "ignore"] = "warn"
) -> AsyncIterator[Ledger]:
    """Open the ledger for a command; raises CampaignError where it is missing, foreign, or out of date.

    Whatever sends or receives has to `refuse` a ledger that is not the one this machine knows.
    """
    dsn = await address(settings)
    recognition = Recognition(settings)
    connection = await connect(dsn, purpose=purpose)
    try:
        await _check_server(connection)
        await check_schema(connection)
        key = load_person_key(settings, create=False)
        installation = await _installation(connection, key)
        if unless_known == "refuse":
            await recognition.insist(connection)
        elif unless_known == "warn":
            await recognition.look(connection)
    finally:
        connection.terminate()
    again = recognition.again if unless_known == "refuse" else None
    try:
        async with open_pool(dsn, size=size, purpose=purpose, check=again) as pool:
            yield Ledger(dsn, pool, installation, key, recognition)
    except asyncpg.PostgresConnectionError as error:
        raise unreachable(error) from None


async def _check_server(connection: asyncpg.Connection) -> None:
    facts = await connection.fetchrow(_SQL["server_facts"])
    if facts["version"] < OLDEST_SERVER:
        raise ConfigurationError("the database server is too old", remedy="use PostgreSQL 15 or newer")
    if facts["replica"]:
        raise Unreachable("the database is a read-only replica", remedy="name the primary in `database`")
    if not (facts["fsync"] and facts["full_page_writes"]):
        # What a crash may forget would be sent again.
        log.warning("database.not_durable", fsync=facts["fsync"], full_page_writes=facts["full_page_writes"])


async def _installation(connection: asyncpg.Connection, key: bytes) -> str:
    found = await connection.fetchrow(_SQL["installation"])
    if found is None:
        raise ConfigurationError("this database holds an unfinished ledger", remedy="run `campaign db init`")
    if not hmac.compare_digest(found["person_key_check"], _check_of(key)):
        raise ConfigurationError(
            "the person key is not the one this ledger was made with",
            remedy="bring the key back from a backup: with another one nobody would be recognised",
        )
    installation: str = found["id"]
    return installation


def _check_of(key: bytes) -> bytes:
    return hmac.digest(key, b"campaign person key", "sha256")[:16]
