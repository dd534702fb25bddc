"""People from queries, lists and files, on a real server."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from campaign.adapters.file_source import FileSource
from campaign.adapters.files import open_csv
from campaign.adapters.postgres import audience as postgres_audience
from campaign.adapters.postgres.audience import ListSource, PostgresLists, QuerySource
from campaign.audience import Cleaner, Columns, consented
from campaign.domain.errors import ConfigurationError, Unreachable
from campaign.lists import Imported, MemberCleaner, import_list
from campaign.plan import Audience, Terms, plan
from tests.integration.planning import GREETING, KEY, NEW, Ledger, open_ledger

WHERE = "spring.yaml:6"


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


async def read(dsn: str, query: str, **more: Any) -> tuple[list[str], list[tuple[int, list[Any]]]]:
    async with QuerySource(dsn, query, WHERE, **more) as source:
        columns = list(await source.columns())
        return columns, [(row, list(cells)) async for batch in source.batches() for row, cells in batch]


async def refused(dsn: str, query: str, **more: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as error:
        await read(dsn, query, **more)
    assert error.value.where == WHERE
    assert error.value.remedy
    return error.value


async def test_rows_are_numbered_over_all_batches(server_dsn: str) -> None:
    columns, rows = await read(server_dsn, "SELECT n AS phone FROM generate_series(1, 4500) AS n")

    assert columns == ["phone"]
    assert [row for row, _ in rows] == list(range(1, 4501))
    assert rows[-1] == (4500, [4500])


async def test_values_json_cannot_hold_are_written_as_text(server_dsn: str) -> None:
    _, rows = await read(
        server_dsn,
        "SELECT 33612345678::numeric AS phone, date '2026-12-01' AS day, NULL::date AS none, true AS yes, 3 AS n, "
        "1e20::numeric AS large, '{a}'::text[] AS many",
    )

    assert rows == [(1, ["33612345678", "2026-12-01", None, True, 3, "100000000000000000000", "['a']"])]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT phone FROM custommers", 'relation "custommers" does not exist'),
        ("SELECT\n  phon\nFROM (SELECT 1 AS phone) AS c", r'column "phon" does not exist \(line 2 of the query\)'),
        ("SELECT FROM WHERE", 'syntax error at or near "WHERE"'),
        ("SELECT 1 AS phone, 2 AS phone", "two columns 'phone'"),
        ("SELECT", "the query returns no columns"),
        ("SELECT set_config('x.y', 'z', false), nextval('s') FROM pg_class", 'relation "s" does not exist'),
    ],
)
async def test_a_query_that_cannot_run_is_told_in_the_servers_words(server_dsn: str, query: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        await read(server_dsn, query)
    await refused(server_dsn, query)


async def test_a_query_that_writes_is_refused_by_the_server(ledger: Ledger, ledger_dsn: str) -> None:
    error = await refused(ledger_dsn, "WITH w AS (INSERT INTO campaign.event (name) VALUES ('x') RETURNING 1) TABLE w")

    assert "the query writes" in error.message
    assert await ledger.value("SELECT count(*) FROM event") == 0


async def test_values_of_rows_are_never_told(server_dsn: str) -> None:
    error = await refused(server_dsn, "SELECT v::int AS phone FROM (VALUES ('+33612345678 Ada')) AS c (v)")

    assert "fails on a value" in error.message
    assert "336" not in str(error)
    assert "Ada" not in str(error)


async def test_a_query_that_takes_too_long_is_ended(server_dsn: str) -> None:
    error = await refused(server_dsn, "SELECT pg_sleep(30)::text AS phone", patience=timedelta(seconds=0.2))

    assert "no answer within 0.2 s" in error.message


async def test_rights_that_are_missing_are_named(server_dsn: str, ledger_dsn: str) -> None:
    async def run(statement: str) -> None:
        connection = await asyncpg.connect(ledger_dsn)
        await connection.execute(statement)
        await connection.close()

    await run("DROP ROLE IF EXISTS reader")
    await run("CREATE ROLE reader LOGIN")
    await run("CREATE TABLE public.customers (phone text)")
    try:
        as_reader = ledger_dsn.replace("//campaign@", "//reader@", 1)
        assert as_reader != ledger_dsn
        error = await refused(as_reader, "SELECT phone FROM customers")
    finally:
        await run("DROP ROLE reader")

    assert error.message == "permission denied for table customers"
    assert "grant" in str(error.remedy)


async def test_an_unknown_database_or_login_is_no_outage(server_dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="no database of that name"):
        await read(server_dsn.replace("/campaign?", "/nowhere?"), "SELECT 1 AS phone")
    with pytest.raises(ConfigurationError, match="refuses the login"):
        await read(server_dsn.replace("//campaign@", "//nobody_of_that_name@"), "SELECT 1 AS phone")
    with pytest.raises(ConfigurationError, match="address"):
        await read("postgresql://user:pass@host:port/name", "SELECT 1 AS phone")


async def test_a_server_that_does_not_answer_is_unreachable_and_its_address_stays_unsaid(unused_tcp_port: int) -> None:
    with pytest.raises(Unreachable) as error:
        await read(f"postgresql://user:secret@127.0.0.1:{unused_tcp_port}/name", "SELECT 1 AS phone")

    assert error.value.exit_code == 69
    assert "secret" not in str(error.value)
    assert "127.0.0.1" not in str(error.value)


async def bring_in(ledger: Ledger, folder: Path, text: str, *, name: str = "friends") -> Imported:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    source = FileSource(open_csv(path))
    header = await source.columns()
    cleaner = Cleaner(header, Columns("phone", country="FR"), key=KEY, where=str(path))
    done = await import_list(name, source, cleaner.clean, columns=header[1:], lists=PostgresLists(ledger.pool))
    assert source.share > 0.9
    return done


async def members(ledger: Ledger, name: str = "friends") -> list[tuple[int, Any, Any]]:
    source = ListSource(ledger.pool, name)
    return [(row, number, said) async for batch in source.batches() for row, (number, _, said) in batch]


async def test_a_file_becomes_a_list_of_each_person_once(ledger: Ledger, tmp_path: Path) -> None:
    done = await bring_in(
        ledger, tmp_path, "phone,name\n0612345678,Ada\n12,Nobody\n+33 6 12 34 56 78,Ada\n0612345679,Bob\n"
    )

    assert (done.rows, done.imported, dict(done.refused)) == (4, 2, {"invalid": 1, "duplicate": 1})
    assert [(row, reason) for row, reason, _ in done.refusals] == [(2, "invalid"), (3, "duplicate")]
    assert done.refusals[1][2].startswith("the same person as row 1")
    assert await members(ledger) == [(1, "+33612345678", {"name": "Ada"}), (4, "+33612345679", {"name": "Bob"})]


async def test_how_much_of_a_list_was_read_is_told_by_its_members(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_audience, "BATCH", 1)
    await bring_in(ledger, tmp_path, "phone\n0612345678\n0612345679\n")
    source = ListSource(ledger.pool, "friends")

    assert source.share is None
    assert [source.share async for _ in source.batches()] == [0.5, 1.0]


async def test_importing_again_replaces_the_list(ledger: Ledger, tmp_path: Path) -> None:
    await bring_in(ledger, tmp_path, "phone,name\n0612345678,Ada\n0612345679,Bob\n")
    await bring_in(ledger, tmp_path, "phone,city\n0612345670,Lyon\n")

    assert await members(ledger) == [(1, "+33612345670", {"city": "Lyon"})]
    assert await ListSource(ledger.pool, "friends").columns() == ["city"]


async def test_a_file_without_a_usable_row_leaves_the_list_alone(ledger: Ledger, tmp_path: Path) -> None:
    await bring_in(ledger, tmp_path, "phone,name\n0612345678,Ada\n")

    with pytest.raises(ConfigurationError, match="none of the 1 rows can be used"):
        await bring_in(ledger, tmp_path, "phone,name\n12,Nobody\n")

    assert len(await members(ledger)) == 1


async def test_an_unknown_list_is_answered_with_the_nearest(ledger: Ledger, tmp_path: Path) -> None:
    await bring_in(ledger, tmp_path, "phone,name\n0612345678,Ada\n")

    with pytest.raises(ConfigurationError, match="there is no list 'freinds'; did you mean friends"):
        await ListSource(ledger.pool, "freinds").columns()
    with pytest.raises(ConfigurationError, match="campaign audience import"):
        await ListSource(ledger.pool, "xyz").columns()


async def test_a_list_is_planned_without_reading_its_numbers_again(ledger: Ledger, tmp_path: Path) -> None:
    await bring_in(ledger, tmp_path, "phone,name,opt_in\n0612345678,Ada,yes\n0612345679,Bob,no\n")
    source = ListSource(ledger.pool, "friends")
    cleaner = MemberCleaner(consent="opt_in", consented=consented, detail="ask the person")
    opened = await ledger.runs.open(NEW)

    audience = Audience(source, cleaner.clean, await source.columns(), WHERE)
    done = await plan(opened.id, audience, [GREETING], terms=Terms(lambda _: "paris"), key=KEY, store=ledger.plans)

    assert (done.planned, done.refused) == (1, {"no_consent": 1})
    assert await ledger.rows("SELECT row, number, variables FROM message") == [(1, "+33612345678", {"name": "Ada"})]
