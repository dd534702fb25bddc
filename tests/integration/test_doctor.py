"""What `doctor` asks a real ledger."""

import asyncpg
import pytest

from campaign.adapters.postgres.health import LISTED, LedgerHealth, look
from campaign.domain.receipt import AccountEvent
from tests.integration.rows import SHARD, Rows


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def health(rows: Rows) -> LedgerHealth:
    return await look(rows.pool, [SHARD])


async def test_an_empty_ledger_is_sound(rows: Rows) -> None:
    found = await health(rows)

    counted = (found.quarantined, found.unparsed, found.waiting_facts, found.ghosts, found.doubled, found.conflicts)
    assert counted == (0, 0, 0, 0, 0, 0)
    assert found.unparsed_seconds is None
    assert (found.stopped, found.unreadable, found.overdue, found.news) == ({}, [], [], [])


async def test_unreadable_webhooks_of_a_week_are_listed_the_newest_first(rows: Rows) -> None:
    await rows.pool.execute(
        "INSERT INTO webhook (body, received_at, parsed_at, quarantined) "
        "SELECT 'secret', now() - make_interval(hours => age), now(), 'body: ' || age FROM generate_series(1, 200) age"
    )
    await rows.pool.execute(
        "INSERT INTO webhook (body, received_at) VALUES ('x', now() - interval '90 s'), ('y', now())"
    )

    found = await health(rows)

    assert [each.why for each in found.unreadable] == [f"body: {age}" for age in range(1, LISTED + 1)]
    assert found.quarantined == 167
    assert found.unparsed == 2
    assert 89 < (found.unparsed_seconds or 0) < 300


async def test_held_messages_are_overdue_by_their_own_runs_limit(rows: Rows) -> None:
    patient, hasty = await rows.run(held_limit="3 hours"), await rows.run(held_limit="1 hour")
    for run in (patient, hasty):
        for delivery in ("held", "held", "sent"):
            row = await rows.message(run, "accepted", delivery=delivery, was_held=True)
            await rows.pool.execute(
                "UPDATE message SET settled_at = now() - interval '2 hours' WHERE run = $1 AND row = $2", run, row
            )

    (found,) = (await health(rows)).overdue

    name = await rows.pool.fetchval("SELECT campaign || '@' || key FROM run WHERE id = $1", hasty)
    assert (found.run, found.messages) == (name, 2)


async def test_odd_messages_and_statuses_of_nobody_are_counted(rows: Rows) -> None:
    run = await rows.run()
    for odd in ({"ghost": True}, {"multi_id": True, "conflict": True}, {}):
        row = await rows.message(run, "accepted", **odd)
        await rows.pool.execute("UPDATE message SET settled_at = now() WHERE run = $1 AND row = $2", run, row)
    old = await rows.message(run, "accepted", ghost=True)
    await rows.pool.execute("UPDATE message SET settled_at = now() - interval '8 days' WHERE row = $1", old)
    await rows.pool.execute(
        "INSERT INTO fact (message_id, status, at, run, received_at) VALUES "
        "('a', 'sent', now(), NULL, now() - interval '61 minutes'), ('b', 'sent', now(), NULL, now()), "
        "('c', 'sent', now(), 1, now() - interval '61 minutes')"
    )

    found = await health(rows)

    assert (found.ghosts, found.doubled, found.conflicts, found.waiting_facts) == (1, 1, 1, 1)


async def test_news_of_a_week_is_given_as_it_was_heard_the_newest_first(rows: Rows) -> None:
    await rows.pool.execute("UPDATE shard SET display = '15550100001' WHERE id = 'paris'")
    await rows.pool.execute(
        """INSERT INTO account_event
                  (digest, field, event, subject, language, account, ours, said_at, detail, received_at)
           VALUES ('a', 'message_template_status_update', 'PAUSED', 'sale', 'fr', '102', true,
                   '2026-11-20T12:00Z', '{"reason": "NONE"}', now()),
                  ('b', 'phone_number_quality_update', 'FLAGGED', '15550100001', NULL, NULL, false,
                   '2026-11-20T13:00Z', '{}', now()),
                  ('c', 'account_update', 'OLD', NULL, NULL, NULL, true, NULL, '{}', now() - interval '8 days')"""
    )

    flagged, paused = (await health(rows)).news

    assert (flagged.event.event, flagged.ours, list(flagged.shards)) == ("FLAGGED", False, ["paris"])
    assert paused.event == AccountEvent(
        "message_template_status_update", "PAUSED", "sale", "fr", paused.at, "102", {"reason": "NONE"}
    )
    assert list(paused.shards) == []
