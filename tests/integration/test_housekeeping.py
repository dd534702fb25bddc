"""What housekeeping takes out of a real ledger, and what it leaves."""

from datetime import timedelta

import asyncpg
import pytest

from campaign.adapters.postgres.housekeeping import PostgresAttic

RAW = timedelta(days=30)

BODIES_OF_31_TO_35_DAYS = """
    INSERT INTO webhook (body, received_at, parsed_at)
    SELECT convert_to(age::text, 'UTF8'), now() - make_interval(days => age), now() FROM generate_series(31, 35) AS age
"""


async def _left(pool: asyncpg.Pool, statement: str) -> list[object]:
    return [row[0] for row in await pool.fetch(statement)]


async def test_raw_bodies_go_when_they_are_old_and_were_read(pool: asyncpg.Pool) -> None:
    await pool.execute(
        """INSERT INTO webhook (body, received_at, parsed_at, quarantined)
           VALUES ('old', now() - interval '31 days', now(), NULL),
                  ('old, unreadable', now() - interval '31 days', now(), 'why'),
                  ('old, unread', now() - interval '31 days', NULL, NULL),
                  ('young', now() - interval '29 days', now(), NULL)"""
    )

    assert await PostgresAttic(pool).clear("raw_webhooks", raw=RAW, limit=10) == 2

    assert await _left(pool, "SELECT body FROM webhook ORDER BY id") == [b"old, unread", b"young"]


async def test_no_more_than_asked_for_goes_at_once_and_the_oldest_first(pool: asyncpg.Pool) -> None:
    await pool.execute(BODIES_OF_31_TO_35_DAYS)
    attic = PostgresAttic(pool)

    assert await attic.clear("raw_webhooks", raw=RAW, limit=2) == 2
    assert await _left(pool, "SELECT body FROM webhook ORDER BY body") == [b"31", b"32", b"33"]
    assert [await attic.clear("raw_webhooks", raw=RAW, limit=2) for _ in range(3)] == [2, 1, 0]


async def test_that_somebody_wrote_stays_until_whatsapp_repeats_it_no_more(pool: asyncpg.Pool) -> None:
    """A stop that was taken back by hand would count again if its message were forgotten sooner; its words may go."""
    await pool.execute(
        """INSERT INTO inbound_message (message_id, address, at, kind, content, received_at)
           SELECT 'm' || age, 'a', now(), 'text', '{}', now() - make_interval(days => age)
             FROM generate_series(0, 9) AS age"""
    )
    attic, raw = PostgresAttic(pool), timedelta(days=2)

    assert await attic.clear("inbound_content", raw=raw, limit=100) == 8
    assert await attic.clear("inbound_messages", raw=raw, limit=100) == 2

    kept = "SELECT message_id FROM inbound_message WHERE content IS NOT NULL ORDER BY message_id"
    assert await _left(pool, kept) == ["m0", "m1"]
    assert await _left(pool, "SELECT count(*)::int FROM inbound_message") == [8]


TABLES = {
    "customer_windows": (
        """INSERT INTO customer_window (person, address, until)
           VALUES ('a', 'old', now() - interval '1 s'), ('a', 'stays', now() + interval '1 hour')""",
        "SELECT address FROM customer_window",
    ),
    "claims_of_nothing": (
        """INSERT INTO content_claim (person, content, campaign, run, row, until)
           VALUES ('a', int8send(1) || int4send(1), 'old', 1, 1, now() - interval '9 days'),
                  ('a', int8send(1) || int4send(2), 'stays', 1, 2, now() - interval '7 days'),
                  ('a', '16 bytes of hash', 'stays too: content', 1, 3, now() - interval '90 days')""",
        "SELECT campaign FROM content_claim WHERE campaign <> 'stays too: content'",
    ),
    "inbound_minutes": (
        """INSERT INTO inbound_minute (address, minute, messages)
           VALUES ('old', now() - interval '25 hours', 1), ('stays', now() - interval '23 hours', 1)""",
        "SELECT address FROM inbound_minute",
    ),
    "strangers_facts": (
        """INSERT INTO fact (message_id, status, at, run, row, received_at)
           VALUES ('old', 'sent', now(), NULL, NULL, now() - interval '31 days'),
                  ('stays', 'sent', now(), NULL, NULL, now() - interval '29 days'),
                  ('stays too: ours', 'sent', now(), 1, 1, now() - interval '400 days')""",
        "SELECT message_id FROM fact WHERE message_id <> 'stays too: ours'",
    ),
    "media_uploads": (
        """INSERT INTO media_upload (address, sha256, media_id, expires_at, claimed_until)
           VALUES ('old', 'x', '1', now() - interval '2 days', NULL),
                  ('old', 'y', '2', now() - interval '2 days', now() - interval '1 minute'),
                  ('stays', 'x', '3', now() + interval '1 hour', NULL),
                  ('stays too: claimed', 'x', '4', now() - interval '2 days', now() + interval '1 minute')""",
        "SELECT address FROM media_upload WHERE address <> 'stays too: claimed'",
    ),
    "processes": (
        """INSERT INTO process (purpose, host, pid, started_at, ended_at)
           VALUES ('sender', 'old', 1, now() - interval '92 days', now() - interval '91 days'),
                  ('sender', 'stays', 1, now() - interval '92 days', now() - interval '89 days'),
                  ('sender', 'stays too: alive', 1, now() - interval '400 days', NULL)""",
        "SELECT host FROM process WHERE host <> 'stays too: alive'",
    ),
}


@pytest.mark.parametrize("duty", TABLES)
async def test_what_has_had_its_time_goes_and_nothing_else(pool: asyncpg.Pool, duty: str) -> None:
    fill, left = TABLES[duty]
    await pool.execute(fill)
    table = left.split()[3]
    before = await pool.fetchval(f"SELECT count(*) FROM {table}")

    removed = await PostgresAttic(pool).clear(duty, raw=RAW, limit=100)

    assert await _left(pool, left) == ["stays"]
    assert await pool.fetchval(f"SELECT count(*) FROM {table}") == before - removed
    assert removed == {"media_uploads": 2}.get(duty, 1)


async def test_two_receivers_clear_beside_each_other(pool: asyncpg.Pool) -> None:
    await pool.execute(BODIES_OF_31_TO_35_DAYS)
    async with pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM webhook ORDER BY id LIMIT 1 FOR UPDATE")

        assert await PostgresAttic(pool).clear("raw_webhooks", raw=RAW, limit=100) == 4


async def test_every_duty_is_done_on_an_empty_ledger(pool: asyncpg.Pool) -> None:
    attic = PostgresAttic(pool)

    assert [await attic.clear(duty, raw=RAW, limit=100) for duty in attic.duties] == [0] * len(attic.duties)
