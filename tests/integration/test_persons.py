"""What the ledger can say of one person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.persons import PersonFacts, PersonMessage, PostgresPersons
from campaign.adapters.postgres.queries import load_queries
from tests.integration.rows import Rows

WHO, OTHER = b"who", b"somebody else"


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Rows:
    return await Rows(pool).start()


async def known(rows: Rows, person: bytes = WHO) -> PersonFacts:
    return await PostgresPersons(rows.pool).facts(person)


async def only(rows: Rows) -> PersonMessage:
    (message,) = (await known(rows)).messages
    return message


async def settled(rows: Rows, run: int, row: int, ago: str) -> None:
    await rows.pool.execute(
        "UPDATE message SET settled_at = now() - $3::text::interval WHERE run = $1 AND row = $2", run, row, ago
    )


async def test_nothing_is_known_of_a_stranger(rows: Rows) -> None:
    run = await rows.run()
    await rows.message(run, "pending", person=OTHER)

    assert await known(rows) == PersonFacts([], [], [], None, [], [])


async def test_messages_come_the_newest_first_with_run_row_state_and_news(rows: Rows) -> None:
    old, new = await rows.run(), await rows.run()
    first = await rows.message(old, "accepted", person=WHO, message_id="m1", delivery="failed", code=131049)
    last = await rows.message(new, "skipped", person=WHO, reason="already_sent")
    await settled(rows, old, first, "2 days")
    await settled(rows, new, last, "1 hour")
    await rows.pool.execute(
        "INSERT INTO fact (message_id, status, at, code) VALUES ('m1', 'failed', '2026-11-20T10:01Z', 131049), "
        "('m1', 'sent', '2026-11-20T10:00Z', 0), ('m2', 'read', now(), 0)"
    )

    messages = (await known(rows)).messages

    names = [await rows.pool.fetchval("SELECT campaign FROM run WHERE id = $1", run) for run in (new, old)]
    assert [(each.campaign, each.run, each.row) for each in messages] == [
        (names[0], "once", last),
        (names[1], "once", first),
    ]
    assert [(each.state, each.delivery, each.reason, each.code) for each in messages] == [
        ("skipped", "none", "already_sent", None),
        ("accepted", "failed", None, 131049),
    ]
    news = [(said["status"], said["code"]) for said in messages[1].news]
    assert news == [("sent", None), ("failed", 131049)]
    assert datetime.now(UTC) - messages[1].at > timedelta(days=1)


@pytest.mark.parametrize(
    ("delivery", "ago", "reads"),
    [
        ("none", "31 days", "never delivered"),
        ("sent", "31 days", "never delivered"),
        ("sent", "29 days", "sent"),
        ("delivered", "31 days", "delivered"),
        ("held", "31 days", "held too long"),
        ("held", "23 hours", "held"),
    ],
)
async def test_what_no_phone_has_after_thirty_days_was_never_delivered(
    rows: Rows, delivery: str, ago: str, reads: str
) -> None:
    run = await rows.run()
    row = await rows.message(run, "accepted", person=WHO, delivery=delivery, was_held=delivery == "held")
    await settled(rows, run, row, ago)

    message = await only(rows)

    assert message.never_delivered is (reads == "never delivered")
    assert message.held_too_long is (reads == "held too long")


async def test_of_an_erased_message_nothing_is_claimed_that_nobody_hears(rows: Rows) -> None:
    """Its late webhooks are dropped: that none told of a delivery says nothing."""
    run = await rows.run()
    row = await rows.message(run, "accepted", person=WHO, message_id=None, reason="erased", number="")
    await settled(rows, run, row, "31 days")

    message = await only(rows)

    assert (message.erased, message.never_delivered, list(message.news)) == (True, False, [])


async def test_what_holds_a_waiting_message_up_is_told(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run, "pending", person=WHO, not_before="-5 hours", code=131049)
    assert (await only(rows)).waits_until is not None

    await rows.pool.execute(
        "INSERT INTO quality_gate (portfolio, template, run) SELECT portfolio, template, id FROM run"
    )
    await rows.pool.execute("UPDATE shard SET stopped_code = 131031")
    await rows.pool.execute("UPDATE run SET state = 'paused', reason = 'account'")
    await rows.pool.execute(
        "INSERT INTO event (name, run, detail) VALUES ('run.paused', $1, $2)",
        run,
        {"reason": "account", "code": 131042},
    )
    message = await only(rows)

    assert row == message.row
    assert (message.gated, message.stopped_code) == (True, 131031)
    assert (message.run_state, message.run_reason, message.run_code) == ("paused", "account", 131042)


async def test_earlier_attempts_are_told_with_who_wanted_the_next(rows: Rows) -> None:
    run = await rows.run()
    row = await rows.message(run, "accepted", person=WHO, attempt=2)
    await rows.pool.execute(
        "INSERT INTO attempt_history (run, row, attempt, state, delivery, code, ordered_by, why) "
        "VALUES ($1, $2, 1, 'accepted', 'dropped', 132015, 'somebody', 'template is good again')",
        *(run, row),
    )

    (earlier,) = (await only(rows)).earlier

    told: dict[str, Any] = {name: earlier[name] for name in ("attempt", "state", "delivery", "code", "why")}
    assert told == {
        "attempt": 1, "state": "accepted", "delivery": "dropped", "code": 132015, "why": "template is good again"
    }  # fmt: skip


async def test_refused_rows_that_meant_the_person_are_told(rows: Rows) -> None:
    run = await rows.run()
    await rows.pool.execute(
        "INSERT INTO refusal (run, row, reason, detail, person) VALUES "
        "($1, 7, 'no_consent', 'ask the person', $2), ($1, 8, 'no_consent', 'ask the person', $3)",
        *(run, WHO, OTHER),
    )

    (refusal,) = (await known(rows)).refusals

    assert (refusal.row, refusal.reason, refusal.detail) == (7, "no_consent", "ask the person")


async def test_what_they_said_and_chose_is_told(rows: Rows) -> None:
    pool = rows.pool
    await pool.execute(
        "INSERT INTO suppression (person, scope, source, reason) VALUES ($1, 'marketing', 'stop_word', 'stop')", WHO
    )
    await pool.execute("INSERT INTO preference (person, stopped, at) VALUES ($1, true, now())", WHO)
    await pool.execute(
        "INSERT INTO customer_window (person, address, until) VALUES "
        "($1, 'address of paris', now() + interval '2 hours'), ($1, 'of another shard', now() + interval '1 hour'), "
        "($1, 'address of lyon', now() - interval '1 hour')",
        WHO,
    )
    await pool.execute(
        "INSERT INTO inbound_message (message_id, person, address, at, kind, content) VALUES "
        "('1', $1, 'a', '2026-11-20', 'text', $2), ('2', $1, 'a', '2026-11-21', 'image', NULL), "
        "('3', $3, 'a', '2026-11-21', 'text', $2)",
        *(WHO, {"type": "text", "text": {"body": "Stop"}}, OTHER),
    )

    facts = await known(rows)

    assert [tuple(each)[:3] for each in facts.suppressions] == [("marketing", "stop_word", "stop")]
    assert facts.preference is not None
    assert facts.preference.stopped
    assert [each.shard for each in facts.windows] == ["paris", "of another shard"]
    assert [(each.kind, each.text) for each in facts.wrote] == [("image", None), ("text", "Stop")]


async def test_looking_a_person_up_reads_through_indexes_alone(rows: Rows) -> None:
    """A ledger of millions answers at once: by the person in each run, never by reading all messages."""
    run = await rows.run()
    await rows.pool.execute(
        "INSERT INTO message (run, row, person, shard, content, number, variables) "
        "SELECT $1, n, decode(md5(n::text), 'hex'), 'paris', 'c', '', '{}' FROM generate_series(1000, 6000) AS n",
        run,
    )
    await rows.pool.execute("ANALYZE")
    plan = "\n".join(each[0] for each in await rows.pool.fetch(f"EXPLAIN {load_queries('persons')['messages']}", WHO))

    assert "Seq Scan on message" not in plan
    assert "message_default_run_person_key" in plan
