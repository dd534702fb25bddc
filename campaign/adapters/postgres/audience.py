"""Audiences in Postgres: a query of any database, and the lists that were imported into the ledger."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final, Self

import asyncpg

from campaign.adapters.postgres.asking import ask, reachable
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.query_faults import connection_fault, query_fault
from campaign.domain.errors import ConfigurationError
from campaign.ports import CleanPerson, LeftOut

BATCH: Final = 2_000

# Mean time a query may take to give its next batch: an audience worth sending to is worth an index.
PATIENCE: Final = timedelta(minutes=10)

_SQL = load_queries("audience")
_CONNECT_SECONDS = 10.0
_AWAY = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresError)

# Types whose Python values go into JSON as they are; every other one is written as text.
_AS_THEY_ARE = frozenset({"text", "varchar", "bpchar", "name", "bool", "int2", "int4", "int8", "float4", "float8"})

Rows = Sequence[tuple[int, Sequence[Any]]]


class QuerySource:
    """People from one query, over a connection of its own, in one read-only snapshot; rows are numbered from 1.

    `where` is file:line of the query. Raises ConfigurationError for what is wrong with the query or the login, and
    Unreachable where no database answers.
    """

    def __init__(self, dsn: str, query: str, where: str, *, patience: timedelta = PATIENCE) -> None:
        self._dsn = dsn
        self._query = query
        self._where = where
        self._seconds = patience.total_seconds()
        self._connection: asyncpg.Connection | None = None
        self._statement: Any = None

    async def __aenter__(self) -> Self:
        """Connect and let the server read the query, so that mistakes show before anything is planned."""
        self._connection = await self._connect()
        try:
            await self._connection.transaction(isolation="repeatable_read", readonly=True).start()
            self._statement = await self._connection.prepare(self._query)
        except _AWAY as error:
            await self.__aexit__()
            raise self._translated(error) from None
        return self

    async def __aexit__(self, *_: object) -> None:
        """Drop the connection: there is nothing to commit, and a cursor need not be read to its end."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    @property
    def share(self) -> None:
        """Nobody knows how many rows a query has before it has given them."""

    async def columns(self) -> Sequence[str]:
        names = [attribute.name for attribute in self._statement.get_attributes()]
        if not names:
            raise ConfigurationError(
                "the query returns no columns", where=self._where, remedy="begin it with SELECT and name the columns"
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ConfigurationError(
                f"the query returns two columns '{twice[0]}'",
                where=self._where,
                remedy="rename one with AS, or drop it",
            )
        return names

    async def batches(self) -> AsyncIterator[Rows]:
        readers = _readers(self._statement.get_attributes())
        first = 1
        try:
            cursor = await self._statement.cursor()
            while records := await cursor.fetch(BATCH):
                yield list(enumerate(_read(records, readers), start=first))
                first += len(records)
        except _AWAY as error:
            raise self._translated(error) from None

    async def _connect(self) -> asyncpg.Connection:
        settings = {
            "application_name": "campaign audience",
            "statement_timeout": str(round(self._seconds * 1000)),
            "default_transaction_read_only": "on",
        }
        try:
            return await asyncpg.connect(self._dsn, server_settings=settings, timeout=_CONNECT_SECONDS)
        except (*_AWAY, ValueError) as error:
            raise connection_fault(error, where=self._where) from None

    def _translated(self, error: BaseException) -> Exception:
        if isinstance(error, asyncpg.PostgresError):
            return query_fault(error, query=self._query, where=self._where, seconds=self._seconds)
        return connection_fault(error, where=self._where)


def _readers(attributes: Sequence[Any]) -> list[tuple[int, Callable[[Any], Any]]]:
    return [
        (index, _decimal if attribute.type.name == "numeric" else str)
        for index, attribute in enumerate(attributes)
        if attribute.type.name not in _AS_THEY_ARE
    ]


def _decimal(value: Decimal) -> str:
    return format(value, "f")


def _read(
    records: Sequence[Sequence[Any]], readers: Sequence[tuple[int, Callable[[Any], Any]]]
) -> Iterable[Sequence[Any]]:
    """Write what JSON cannot hold as text; None stays None."""
    if not readers:
        return records
    return [_with_text(record, readers) for record in records]


def _with_text(record: Sequence[Any], readers: Sequence[tuple[int, Callable[[Any], Any]]]) -> Sequence[Any]:
    cells = list(record)
    for index, read in readers:
        if cells[index] is not None:
            cells[index] = read(cells[index])
    return cells


class ListSource:
    """Members of an imported list under their row numbers; cells are number, person and variables, judged at import."""

    def __init__(self, pool: asyncpg.Pool, name: str, *, where: str | None = None) -> None:
        self._pool = pool
        self._name = name
        self._where = where
        self._read = 0
        self._members = 0

    @property
    def share(self) -> float | None:
        return min(1.0, self._read / self._members) if self._members else None

    async def columns(self) -> Sequence[str]:
        return list((await self._list())["columns"])

    async def batches(self) -> AsyncIterator[Rows]:
        async with (
            reachable(),
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await connection.fetchrow(_SQL["list_columns"], self._name)
            number = found["id"] if found is not None else 0
            self._read, self._members = 0, await connection.fetchval(_SQL["count_members"], number)
            cursor = await connection.cursor(_SQL["list_members"], number)
            while records := await cursor.fetch(BATCH):
                self._read += len(records)
                yield [(row, cells) for row, *cells in records]

    async def _list(self) -> asyncpg.Record:
        found = await ask(lambda: self._pool.fetchrow(_SQL["list_columns"], self._name))
        if found is None:
            raise await self._unknown()
        return found

    async def _unknown(self) -> ConfigurationError:
        names = [row["name"] for row in await ask(lambda: self._pool.fetch(_SQL["list_names"]))]
        near = get_close_matches(self._name, names, n=3, cutoff=0.5)
        remedy = f"did you mean {' or '.join(near)}?" if near else "bring it in with `campaign audience import`"
        return ConfigurationError(f"there is no list '{self._name}'", where=self._where, remedy=remedy)


class PostgresLists:
    """Imported lists, replaced as a whole."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def replacing(self, name: str, *, columns: Sequence[str]) -> AsyncIterator["PostgresListWriting"]:
        async with reachable(), self._pool.acquire() as connection:
            async with connection.transaction():
                await connection.execute(_SQL["lock_list"], name)
                await connection.execute(_SQL["drop_list"], name)
                found = await connection.fetchval(_SQL["create_list"], name, list(columns))
                await connection.execute(_SQL["create_staged_members"])
                yield PostgresListWriting(connection, found)
            await connection.execute(_SQL["analyze_members"])


class PostgresListWriting:
    """One open transaction."""

    def __init__(self, connection: asyncpg.Connection, list_id: int) -> None:
        self._connection = connection
        self._list = list_id

    async def write(self, people: Sequence[CleanPerson]) -> Sequence[LeftOut]:
        if not people:
            return []
        records = [(each.row, each.person, each.e164, _plain(each.variables)) for each in people]
        await self._connection.copy_records_to_table(
            "staged_member", records=records, columns=("row", "person", "number", "variables")
        )
        left_out = await self._connection.fetch(_SQL["keep_members"], self._list)
        await self._connection.execute(_SQL["empty_staged_members"])
        return [LeftOut(*each) for each in left_out]

    async def finish(self, *, digest: bytes) -> None:
        await self._connection.execute(_SQL["finish_list"], self._list, digest)


def _plain(variables: Mapping[str, Any]) -> dict[str, Any]:
    return variables if isinstance(variables, dict) else dict(variables)
