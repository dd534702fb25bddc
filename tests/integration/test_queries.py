"""Every named query is one the server takes, and one the program asks."""

import re
from pathlib import Path

import asyncpg
import pytest

from campaign.adapters.postgres.queries import load_queries
from campaign.resources import resource

PACKAGE = Path(__file__).parents[2] / "campaign"

USE_CASES = sorted(
    entry.name.removesuffix(".sql") for entry in resource("sql", "queries").iterdir() if entry.name.endswith(".sql")
)
QUERIES = [(use_case, name) for use_case in USE_CASES for name in load_queries(use_case)]

# Statements that PREPARE does not take, because they are no queries.
_NO_QUERY = re.compile(r"^(CREATE|ALTER|TRUNCATE|ANALYZE|DROP|SET|COPY|LOCK)\b", re.MULTILINE)


@pytest.mark.parametrize("use_case", USE_CASES)
async def test_the_server_takes_every_query(pool: asyncpg.Pool, use_case: str) -> None:
    queries = load_queries(use_case)
    refused = {}
    async with pool.acquire() as connection, connection.transaction():
        # Temporary tables that a use case makes before it asks.
        for name in [name for name in queries if name.startswith("create_staged_")]:
            await connection.execute(queries[name])
        for name, query in queries.items():
            try:
                if not _NO_QUERY.search(_without_comments(query)):
                    async with connection.transaction():
                        await connection.prepare(query)
            except asyncpg.PostgresError as error:
                refused[name] = str(error)

    assert refused == {}


@pytest.mark.parametrize(("use_case", "name"), QUERIES)
def test_every_query_is_used_by_its_name(use_case: str, name: str) -> None:
    readers = [text for text in _sources() if f'load_queries("{use_case}")' in text]

    assert readers, f"nobody loads {use_case}.sql"
    assert any(f'"{name}"' in text for text in readers), f"nobody asks for {name} of {use_case}.sql"


def test_no_name_is_taken_twice_in_one_file() -> None:
    for use_case in USE_CASES:
        text = resource("sql", "queries", f"{use_case}.sql").read_text(encoding="utf-8")
        names = re.findall(r"^-- name: (\w+)$", text, re.MULTILINE)
        assert len(names) == len(set(names))
        assert len(names) == len(re.findall(r"-- *name", text)), f"{use_case}.sql has a name that is not read as one"


def _sources() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]


def _without_comments(query: str) -> str:
    return "\n".join(line for line in query.splitlines() if not line.startswith("--"))
