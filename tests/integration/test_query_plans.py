"""The plans of what runs for every message, on a ledger that is 90 % sent: with and without knowing the values."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from campaign.adapters.postgres.database import connect
from campaign.adapters.postgres.queries import load_queries
from tests.conftest import Server

SENT, PENDING, IN_FLIGHT = 90_000, 9_900, 100
NAME = "ledger_that_is_large"

FILL = f"""
INSERT INTO run (campaign, key, state, definition, fingerprints, portfolio, template, templates,
                 when_held, held_limit, duplicate_window, tolerate, settle, shards)
VALUES ('spring', 'once', 'running', '{{}}', '{{}}', 'main', 'sale', '{{sale}}', 'wait', '24 h', '30 d', 0.02, '60 s',
        '{{paris}}');
INSERT INTO shard (id, epoch, address) VALUES ('paris', 1, 'main');
INSERT INTO shard (id, epoch, address, stopped_code) VALUES ('nice', 1, 'main', 131048);
INSERT INTO run (campaign, key, state, definition, fingerprints, portfolio, template, templates,
                 when_held, held_limit, duplicate_window, tolerate, settle, shards, free_form)
VALUES ('answers', 'once', 'running', '{{}}', '{{}}', 'main', 'none', '{{none}}', 'wait', '24 h', '30 d', 0.02, '60 s',
        '{{paris, nice}}', true);
INSERT INTO process (purpose, host, pid) VALUES ('sender', 'here', 1);
INSERT INTO message (run, row, person, shard, state, attempt, marked_by, marked_at, message_id, content, number,
                     variables)
SELECT 1, n, sha256(n::text::bytea), CASE n % 2 WHEN 0 THEN 'paris' ELSE 'lyon' END,
       (CASE WHEN n <= {SENT} THEN 'accepted'
             WHEN n <= {SENT + PENDING} THEN 'pending' ELSE 'in_flight' END)::send_state,
       (n <= {SENT} OR n > {SENT + PENDING})::int, 1, now(), CASE WHEN n <= {SENT} THEN 'wamid.' || n END,
       'content', '+1', '{{}}'
  FROM generate_series(1, {SENT + PENDING + IN_FLIGHT}) AS n;
INSERT INTO content_claim (person, content, campaign, run, row, until)
SELECT person, content, 'spring', run, row, now() + interval '30 d' FROM message WHERE state <> 'pending';
INSERT INTO suppression (person, reason) SELECT sha256((-n)::text::bytea), 'asked' FROM generate_series(1, 20000) AS n;
INSERT INTO customer_window (person, address, until)
SELECT sha256(n::text::bytea), 'main', now() + interval '1 h' FROM generate_series(1, 20000) AS n;
INSERT INTO run (campaign, key, state, definition, fingerprints, portfolio, template, templates,
                 when_held, held_limit, tolerate, settle, shards)
SELECT 'later', n::text, 'running', '{{}}', '{{}}', 'main', 'none', '{{none}}', 'wait', '24 h', 0.02, '60 s',
       '{{paris}}'
  FROM generate_series(1, 50) AS n;
INSERT INTO run_window (run, zone, opens_at, closes_at)
SELECT 1, zone, now() - day * interval '1 d' - interval '10 h', now() - day * interval '1 d'
  FROM generate_series(0, 20) AS zone, generate_series(-5, 30) AS day;
INSERT INTO portfolio (portfolio, people, source) VALUES ('main', 100000, 'settings');
UPDATE content_claim SET counted_at = now() - interval '1 d' * random();
INSERT INTO fact (message_id, status, at, run, row)
SELECT message_id, 'sent', now(), run, row FROM message WHERE state = 'accepted';
ANALYZE;
"""


@pytest.fixture(scope="module")
def large(server: Server) -> Iterator[str]:
    async def administer(statement: str) -> None:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute(statement)
        await connection.close()

    async def fill() -> None:
        await administer(f"CREATE DATABASE {NAME} TEMPLATE template_ledger")
        connection = await connect(server.database(NAME))
        await connection.execute(FILL)
        await connection.close()

    asyncio.run(fill())
    yield server.database(NAME)
    asyncio.run(administer(f"DROP DATABASE {NAME} WITH (FORCE)"))


@pytest.fixture
async def connection(large: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await connect(large)
    yield opened
    await opened.close()


PENDING_ROWS = range(SENT + 2, SENT + 102, 2)
SENT_ROWS = range(SENT + PENDING + 1, SENT + PENDING + 51)

OPTED_OUT = ", ".join(f"sha256('{-n}')" for n in range(1, 21))

# Of as many messages a batch of webhooks speaks.
HEARD_ROWS = f"ARRAY{[n * 150 for n in range(1, 501)]}"
HEARD = f"ARRAY{[f'wamid.{n * 150}' for n in range(1, 501)]}"
RUN_ID = "5b0c9c5e-6f4e-4c56-9f2a-0d9a6c1f8f11"

# What a query is called with, as psql would write it.
CALLS = {
    ("dispatch", "read_ahead"): "'paris', 1, '-infinity', -1, 50",
    ("dispatch", "mark"): (
        f"'paris', 1, 1, array_fill(1, ARRAY[50]), ARRAY{list(PENDING_ROWS)}, array_fill(0::smallint, ARRAY[50])"
    ),
    ("dispatch", "record"): (
        f"array_fill(1, ARRAY[50]), ARRAY{list(SENT_ROWS)}, array_fill(1::smallint, ARRAY[50]),"
        " array_fill('accepted'::text, ARRAY[50]), array_fill('wamid.x'::text, ARRAY[50]),"
        " array_fill(false, ARRAY[50]), array_fill(NULL::int, ARRAY[50]), array_fill(NULL::text, ARRAY[50]),"
        " array_fill(0::float8, ARRAY[50]), array_fill(false, ARRAY[50]), array_fill(false, ARRAY[50])"
    ),
    ("suppressions", "leave_out"): (f"ARRAY[{OPTED_OUT}], array_fill(1, ARRAY[5]), ARRAY{list(SENT_ROWS[:5])}"),
    ("suppressions", "suppress_refused"): (
        f"array_fill(1, ARRAY[5]), ARRAY{list(SENT_ROWS[:5])}, array_fill('all'::text, ARRAY[5]),"
        " array_fill(131050, ARRAY[5])"
    ),
    ("dispatch", "finish_run"): "1",
    ("dispatch", "follow_hours"): "ARRAY['paris'], ARRAY[1], '{}', '{}', 2000",
    ("receipts", "locate"): (
        f"{HEARD}, array_fill('{RUN_ID}'::uuid, ARRAY[500]), {HEARD_ROWS}, array_fill(1, ARRAY[500])"
    ),
    ("receipts", "keep_facts"): (
        f"{HEARD}, array_fill('read'::text, ARRAY[500]), array_fill(now(), ARRAY[500]), array_fill(0, ARRAY[500]),"
        f" array_fill(1, ARRAY[500]), {HEARD_ROWS}, array_fill(NULL::text, ARRAY[500])"
    ),
    ("receipts", "adopt_facts"): f"{HEARD}, array_fill(1, ARRAY[500]), {HEARD_ROWS}",
    ("receipts", "facts_of"): HEARD,
    ("receipts", "accept"): f"array_fill(1, ARRAY[500]), {HEARD_ROWS}, {HEARD}, array_fill(false, ARRAY[500])",
    ("receipts", "deliver"): (
        f"array_fill(1, ARRAY[500]), {HEARD_ROWS}, array_fill('read'::text, ARRAY[500]),"
        " array_fill(NULL::int, ARRAY[500]), array_fill(false, ARRAY[500]), array_fill('marketing'::text, ARRAY[500])"
    ),
    ("receipts", "unmatched"): "1000, false",
    ("gates", "pause_stranded"): "",
    ("judging", "runs_to_judge"): "1",
    ("judging", "release_step"): "1, 5000",
    ("gates", "finish_stranded"): "",
    ("process", "rescue"): "65",
}

TABLES = re.compile(r"Seq Scan on (message\w*|content_claim|suppression|customer_window|fact)")


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(("use_case", "name"), CALLS)
async def test_what_runs_for_every_message_never_reads_a_whole_table(
    connection: asyncpg.Connection, use_case: str, name: str, mode: str
) -> None:
    plan = await explain(connection, use_case, name, mode)

    assert not TABLES.findall(plan), plan


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize(
    ("use_case", "name", "indexes"),
    [
        ("dispatch", "read_ahead", {"message_default_shard_run_not_before_row_idx"}),
        (
            "dispatch",
            "mark",
            {
                "message_default_pkey",
                "suppression_once_per_source",
                "customer_window_once_per_person_and_number",
                "content_once_per_person",
            },
        ),
        ("dispatch", "record", {"message_default_pkey", "content_once_per_person"}),
        (
            "suppressions",
            "leave_out",
            {"message_default_pkey", "message_default_run_person_key", "suppression_once_per_source"},
        ),
        ("gates", "pause_stranded", {"message_default_shard_run_not_before_row_idx", "message_default_run_row_idx"}),
        ("dispatch", "finish_run", {"message_default_shard_run_not_before_row_idx", "message_default_run_row_idx"}),
        ("process", "rescue", {"message_default_run_row_idx"}),
        ("dispatch", "follow_hours", {"message_default_shard_run_not_before_row_idx", "message_default_pkey"}),
    ],
)
async def test_what_runs_for_every_message_finds_it_by_its_index(
    connection: asyncpg.Connection, use_case: str, name: str, indexes: set[str], mode: str
) -> None:
    plan = await explain(connection, use_case, name, mode)

    assert indexes <= set(re.findall(r"(?:Index|Index Only) Scan (?:Backward )?(?:using|on) (\w+)", plan)), plan


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
async def test_reading_ahead_takes_the_order_of_the_index(connection: asyncpg.Connection, mode: str) -> None:
    assert "Sort" not in await explain(connection, "dispatch", "read_ahead", mode)


async def explain(connection: asyncpg.Connection, use_case: str, name: str, mode: str) -> str:
    query = load_queries(use_case)[name].rstrip(";")
    await connection.execute(f"SET plan_cache_mode = {mode}")
    await connection.execute(f"PREPARE asked AS {query}")
    arguments = CALLS[use_case, name]
    try:
        lines = await connection.fetch(f"EXPLAIN EXECUTE asked {arguments and f'({arguments})'}")
    finally:
        await connection.execute("DEALLOCATE asked")
    return "\n".join(line[0] for line in lines)
