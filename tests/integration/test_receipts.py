"""What webhooks say, applied to a real ledger."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from campaign.adapters.postgres import intake as intake_module
from campaign.adapters.postgres.database import connect, open_pool
from campaign.adapters.postgres.embedded import create, ensure_running
from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.intake import PostgresIntake
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.migrate import migrate
from campaign.domain.callback import Callback, format_callback
from campaign.domain.errors import Unreachable
from campaign.domain.outcome import Settlement
from campaign.domain.receipt import AccountEvent, Heard, Item, StatusFact
from campaign.entrypoints.web.parse_loop import ParseLoop
from campaign.ports import Answer, FeedbackBatch
from campaign.receipts import Findings, Receipts, statuses
from tests.integration.ledger_folder import ledger_folder

OURS = "0123abcd"
THEIRS = "ffffffff"
KEY = b"k" * 32
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HELD = "held_for_quality_assessment"


@pytest.fixture(scope="module")
def dsn() -> Iterator[str]:
    async def make(home: Any) -> str:
        await create(home, durable=False)
        address = await ensure_running(home)
        connection = await connect(address.dsn)
        await migrate(connection)
        await connection.close()
        return str(address.dsn)

    with ledger_folder() as folder:
        yield asyncio.run(make(folder / ".campaign"))


class Ledger:
    """Rows put there directly, and read back."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.feedback = PostgresFeedback(pool)
        self.receipts = Receipts(self.feedback, installation=OURS, key=KEY)
        self.gates = PostgresGates(pool)
        self.intake = PostgresIntake(pool)
        self.loop = ParseLoop(self.feedback, self.receipts)
        self._rows = itertools.count(1)

    async def run(self, state: str = "running", *, template: str = "sale", held_limit: str = "24:00") -> int:
        return await self.pool.fetchval(
            """INSERT INTO run (campaign, key, state, reason, definition, fingerprints, portfolio, template,
                                templates, when_held, held_limit, tolerate, settle, shards)
               VALUES ($1, 'once', $2::text::run_state, CASE WHEN $2::text = 'paused' THEN 'command' END,
                       '{}', '{}', 'main', $3::text,
                       ARRAY[$3::text], 'wait', $4::text::interval, 0.02, '60 s', '{paris}')
               RETURNING id""",
            *(f"c{next(self._rows)}", state, template, held_limit),
        )

    async def message(self, run: int, state: str = "in_flight", *, attempt: int = 1, **more: Any) -> int:
        row = next(self._rows)
        values = {
            "run": run,
            "row": row,
            "person": row.to_bytes(8, "big"),
            "shard": "paris",
            "state": state,
            "attempt": attempt,
            "content": b"c",
            "number": "n",
            "variables": {},
            **more,
        }
        if state == "in_flight":
            values |= {"marked_by": 1, "marked_at": NOW}
        if state == "rejected":
            values |= {"code": 131026}
        if state == "skipped":
            values |= {"reason": "expired"}
        if state == "accepted":
            values |= {"settled_at": datetime.now(UTC)}
        slots = ", ".join(f"${index}" for index in range(1, len(values) + 1))
        await self.pool.execute(f"INSERT INTO message ({', '.join(values)}) VALUES ({slots})", *values.values())
        return row

    async def record(self, run: int, row: int, *, attempt: int, message_id: str) -> set[int]:
        """Let the sender have its answer."""
        settled = Settlement("accepted", message_id=message_id)
        return await PostgresLedger(self.pool, process=1).record([Answer(run, row, attempt, settled)])

    async def history(self, run: int, row: int, *, attempt: int, state: str, message_id: str | None) -> None:
        await self.pool.execute(
            """INSERT INTO attempt_history (run, row, attempt, state, delivery, message_id, ordered_by, why)
               VALUES ($1, $2, $3, $4, 'none', $5, 'somebody', 'asked')""",
            *(run, row, attempt, state, message_id),
        )

    async def hold(self, run: int, message_id: str, **more: Any) -> int:
        """Put a held message there as `record` does, its own fact included."""
        row = await self.message(run, "accepted", message_id=message_id, delivery="held", was_held=True, **more)
        await self.pool.execute(
            "INSERT INTO fact (message_id, status, at, run, row) VALUES ($1, $2, now(), $3, $4)",
            *(message_id, HELD, run, row),
        )
        return row

    async def close_gate(self, run: int, *, since: str = "0 s") -> None:
        await self.pool.execute(
            """INSERT INTO quality_gate (portfolio, template, run, since)
               SELECT portfolio, template, id, now() - $2::text::interval FROM run WHERE id = $1""",
            *(run, since),
        )

    async def receiver(self) -> None:
        await self.pool.execute("INSERT INTO process (purpose, host, pid) VALUES ('receiver', 'here', 1)")

    async def callback(self, run: int, row: int, attempt: int = 1) -> Callback:
        return Callback(OURS, await self.pool.fetchval("SELECT public_id FROM run WHERE id = $1", run), row, attempt)

    async def hear(self, *items: Item) -> Findings:
        return await self.receipts.apply(items)

    async def read(self, run: int, row: int) -> dict[str, Any]:
        return dict(await self.pool.fetchrow("SELECT * FROM message WHERE run = $1 AND row = $2", run, row))

    async def state(self, run: int) -> tuple[str, str | None]:
        record = await self.pool.fetchrow("SELECT state, reason FROM run WHERE id = $1", run)
        return record["state"], record["reason"]

    async def count(self, table: str) -> int:
        return await self.pool.fetchval(f"SELECT count(*) FROM {table}")

    async def events(self) -> list[str]:
        return [each["name"] for each in await self.pool.fetch("SELECT name FROM event ORDER BY id")]

    async def resume(self, run: int) -> None:
        await self.pool.execute("UPDATE run SET state = 'running', reason = NULL WHERE id = $1", run)


@pytest.fixture
async def ledger(dsn: str) -> AsyncIterator[Ledger]:
    async with open_pool(dsn, size=8, purpose="test") as pool:
        await pool.execute(
            "TRUNCATE run, message, attempt_history, content_claim, quality_gate, webhook, fact, event, process,"
            " account_event"
        )
        yield Ledger(pool)


def fact(message_id: str, status: str = "sent", callback: Callback | None = None, code: int = 0) -> StatusFact:
    return StatusFact(message_id, status, NOW, code, callback=callback)


@pytest.mark.parametrize("state", ["in_flight", "unknown"])
async def test_a_webhook_settles_the_attempt_under_way(ledger: Ledger, state: str) -> None:
    run = await ledger.run()
    row = await ledger.message(run, state)

    findings = await ledger.hear(fact("m1", callback=await ledger.callback(run, row)))

    message = await ledger.read(run, row)
    assert (message["state"], message["message_id"], message["delivery"]) == ("accepted", "m1", "sent")
    assert not message["ghost"]
    assert message["settled_at"] is not None
    assert findings.settled == 1
    assert await ledger.state(run) == ("running", None)


async def test_the_senders_record_after_the_webhook_changes_nothing(ledger: Ledger) -> None:
    """The webhook overtook the answer: the record finds the same message ID and is content."""
    run = await ledger.run()
    row = await ledger.message(run)
    await ledger.hear(fact("m1", "delivered", await ledger.callback(run, row)))
    before = await ledger.read(run, row)

    doubled = await ledger.record(run, row, attempt=1, message_id="m1")

    assert doubled == set()
    assert await ledger.read(run, row) == before


async def test_facts_that_came_before_the_record_are_swept(ledger: Ledger) -> None:
    """Without callback data (On-Premises) nothing but the message ID can match them."""
    run = await ledger.run()
    row = await ledger.message(run, "in_flight")
    await ledger.hear(fact("m1", "sent"), fact("m1", "delivered"))
    assert (await ledger.read(run, row))["state"] == "in_flight"
    assert await ledger.receipts.sweep() == 0

    await ledger.pool.execute(
        "UPDATE message SET state = 'accepted', message_id = 'm1' WHERE run = $1 AND row = $2", run, row
    )

    assert await ledger.receipts.sweep() == 1
    assert (await ledger.read(run, row))["delivery"] == "delivered"
    assert await ledger.pool.fetchval("SELECT count(*) FROM fact WHERE run = $1 AND row = $2", run, row) == 2
    assert await ledger.receipts.sweep(everything=True) == 0


async def test_waiting_facts_are_adopted_by_the_next_webhook_of_their_message(ledger: Ledger) -> None:
    run = await ledger.run()
    await ledger.hear(fact("m1", "delivered"))
    row = await ledger.message(run, "accepted", message_id="m1")

    await ledger.hear(fact("m1", "sent"))

    assert (await ledger.read(run, row))["delivery"] == "delivered"
    assert await ledger.pool.fetchval("SELECT count(*) FROM fact WHERE run = $1 AND row = $2", run, row) == 2


async def test_order_repetition_and_batching_do_not_matter(ledger: Ledger) -> None:
    run = await ledger.run()
    said = [("sent", 0), ("delivered", 0), ("failed", 131049)]
    ends = set()
    for order in itertools.permutations(said):
        for batched in (True, False):
            message_id = f"m{len(ends)}-{order}-{batched}"
            row = await ledger.message(run, "accepted", message_id=message_id)
            facts = [fact(message_id, status, code=code) for status, code in (*order, order[0])]
            for batch in [facts] if batched else [[each] for each in facts]:
                await ledger.hear(*batch)
            message = await ledger.read(run, row)
            ends.add((message["delivery"], message["code"], message["conflict"]))

    assert ends == {("delivered", None, True)}


async def test_a_failure_keeps_its_code_and_its_errors(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "accepted", message_id="m1")
    errors = [{"code": 131049, "title": "not delivered"}]

    await ledger.hear(fact("m1", "failed", code=131049)._replace(errors=errors))

    message = await ledger.read(run, row)
    assert (message["state"], message["delivery"], message["code"]) == ("accepted", "failed", 131049)
    assert await ledger.pool.fetchval("SELECT errors FROM fact") == errors


async def test_a_second_message_id_is_flagged_once_and_pauses_its_run(ledger: Ledger) -> None:
    run, bystander = await ledger.run(), await ledger.run()
    row = await ledger.message(run, "accepted", message_id="m1")
    callback = await ledger.callback(run, row)

    await ledger.hear(fact("m2", "sent", callback))

    message = await ledger.read(run, row)
    assert (message["message_id"], message["multi_id"], message["delivery"]) == ("m1", True, "none")
    assert await ledger.state(run) == ("paused", "multi_id")
    assert await ledger.state(bystander) == ("running", None)
    await ledger.resume(run)
    await ledger.hear(fact("m2", "delivered", callback))
    assert await ledger.state(run) == ("running", None)


async def test_two_message_ids_in_one_batch_are_noticed(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "unknown")
    callback = await ledger.callback(run, row)

    await ledger.hear(fact("m1", "sent", callback), fact("m2", "sent", callback))

    message = await ledger.read(run, row)
    assert (message["state"], message["message_id"], message["multi_id"]) == ("accepted", "m1", True)
    assert await ledger.state(run) == ("paused", "multi_id")


@pytest.mark.parametrize("state", ["pending", "skipped", "cancelled", "rejected"])
async def test_what_was_never_accepted_here_is_a_ghost_and_pauses_everything(ledger: Ledger, state: str) -> None:
    run, other = await ledger.run(), await ledger.run()
    row = await ledger.message(run, state)

    await ledger.hear(fact("m1", "delivered", await ledger.callback(run, row)))

    message = await ledger.read(run, row)
    assert (message["state"], message["ghost"], message["delivery"]) == ("accepted", True, "delivered")
    assert (message["code"], message["reason"]) == (None, None)
    assert await ledger.state(run) == await ledger.state(other) == ("paused", "ghost")
    assert "message.ghost" in await ledger.events()


async def test_an_earlier_attempt_turns_out_accepted_while_another_is_under_way(ledger: Ledger) -> None:
    """It stays accepted whatever that attempt is told, and a second message ID of it is still noticed."""
    run = await ledger.run()
    row = await ledger.message(run, "in_flight", attempt=2)

    await ledger.hear(fact("m1", callback=await ledger.callback(run, row, attempt=1)))
    doubled = await ledger.record(run, row, attempt=2, message_id="m2")

    assert doubled == {run}
    message = await ledger.read(run, row)
    assert (message["state"], message["message_id"]) == ("accepted", "m1")
    assert (message["ghost"], message["multi_id"]) == (True, True)
    assert await ledger.state(run) == ("paused", "ghost")


async def test_an_unknown_that_was_ordered_again_is_accepted_before_it_leaves(ledger: Ledger) -> None:
    """The operator's order is explained, so nothing pauses; and the person does not get two."""
    run = await ledger.run()
    row = await ledger.message(run, "pending")
    await ledger.history(run, row, attempt=1, state="unknown", message_id=None)

    await ledger.hear(fact("m1", callback=await ledger.callback(run, row)))

    assert (await ledger.read(run, row))["state"] == "accepted"
    assert await ledger.state(run) == ("running", None)
    assert await ledger.events() == ["message.accepted_late"]


async def test_late_news_of_a_replaced_attempt_is_kept_and_moves_nothing(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "pending")
    await ledger.history(run, row, attempt=1, state="accepted", message_id="m1")

    await ledger.pool.execute("INSERT INTO fact (message_id, status, at) VALUES ('m1', 'failed', now())")
    await ledger.pool.execute("UPDATE message SET state = 'in_flight', attempt = 2, marked_by = 1, marked_at = now()")
    await ledger.hear(fact("m1", "failed", await ledger.callback(run, row), code=131026))

    message = await ledger.read(run, row)
    assert (message["state"], message["message_id"], message["delivery"]) == ("in_flight", None, "none")
    assert await ledger.state(run) == ("running", None)
    assert await ledger.events() == []


async def test_facts_of_a_replaced_attempt_keep_their_message_without_callback_data(ledger: Ledger) -> None:
    """On-Premises there is none, and the Cloud API need not echo it with a failure."""
    run = await ledger.run()
    row = await ledger.message(run, "accepted", attempt=2, message_id="m2")
    await ledger.history(run, row, attempt=1, state="accepted", message_id="m1")

    await ledger.hear(fact("m1", "failed", code=132015), fact("m2", "delivered"))

    placed = await ledger.pool.fetch("SELECT message_id FROM fact WHERE run = $1 AND row = $2", run, row)
    assert {each["message_id"] for each in placed} == {"m1", "m2"}
    message = await ledger.read(run, row)
    assert (message["message_id"], message["delivery"], message["conflict"]) == ("m2", "delivered", False)


async def test_what_an_operator_settled_gets_its_message_id(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "accepted", reason="settled")
    callback = await ledger.callback(run, row)

    await ledger.hear(fact("m1", "delivered", callback))

    message = await ledger.read(run, row)
    assert (message["message_id"], message["reason"], message["delivery"]) == ("m1", None, "delivered")
    assert (message["multi_id"], message["ghost"]) == (False, False)
    assert await ledger.state(run) == ("running", None)
    assert await ledger.events() == []
    await ledger.hear(fact("m2", "sent", callback))
    assert (await ledger.read(run, row))["multi_id"]


async def test_a_person_who_was_forgotten_gets_no_message_id_back(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "accepted", reason="erased")

    await ledger.hear(fact("m1", "delivered", await ledger.callback(run, row)))

    message = await ledger.read(run, row)
    assert (message["message_id"], message["reason"], message["multi_id"]) == (None, "erased", False)
    assert await ledger.state(run) == ("running", None)


async def test_a_body_of_thousands_is_applied_in_pieces(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statuses, "FACTS_AT_ONCE", 7)
    run = await ledger.run()
    rows = [await ledger.message(run, "accepted", message_id=f"m{index}") for index in range(30)]

    await ledger.hear(*[fact(f"m{index}", said) for said in ("sent", "read") for index in range(30)])

    assert {(await ledger.read(run, row))["delivery"] for row in rows} == {"read"}


async def test_what_nobody_can_explain_is_told_without_a_message_id(ledger: Ledger) -> None:
    run = await ledger.run()
    pending = await ledger.message(run, "pending")
    accepted = await ledger.message(run, "accepted", message_id="wamid.one")
    callbacks = [await ledger.callback(run, row) for row in (pending, accepted)]
    stranger = Callback(OURS, uuid4(), 5, 1)

    with capture_logs() as logs:
        said = zip(("wamid.two", "wamid.three", "wamid.four"), (*callbacks, stranger), strict=True)
        await ledger.hear(*[fact(message_id, callback=callback) for message_id, callback in said])

    alarms = {each["event"]: each for each in logs if each["log_level"] == "error"}
    assert (alarms["message.ghost"]["run"], alarms["message.ghost"]["row"]) == (run, pending)
    assert (alarms["message.doubled"]["run"], alarms["message.doubled"]["row"]) == (run, accepted)
    assert (alarms["life.foreign"]["run"], alarms["life.foreign"]["row"]) == (str(stranger.run), 5)
    assert "wamid" not in str(logs)


async def test_a_run_nobody_here_knows_pauses_everything_once(ledger: Ledger) -> None:
    run = await ledger.run()
    foreign = Callback(OURS, uuid4(), 1, 1)

    await ledger.hear(fact("m1", "sent", foreign))

    assert await ledger.state(run) == ("paused", "ghost")
    await ledger.resume(run)
    await ledger.hear(fact("m1", "read", foreign))
    assert await ledger.state(run) == ("running", None)
    await ledger.hear(fact("m2", "sent", foreign))
    assert await ledger.state(run) == ("paused", "ghost")


async def test_another_installation_is_stored_and_counted_and_changes_nothing(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "pending")
    theirs = (await ledger.callback(run, row))._replace(installation=THEIRS)

    findings = await ledger.hear(fact("m1", callback=theirs), fact("m2", callback=None))

    assert findings.foreign == 1
    assert await ledger.count("fact") == 2
    assert (await ledger.read(run, row))["state"] == "pending"
    assert await ledger.state(run) == ("running", None)


async def test_the_message_id_outranks_the_callback_data(ledger: Ledger) -> None:
    run = await ledger.run()
    row, named = await ledger.message(run, "accepted", message_id="m1"), await ledger.message(run, "pending")

    await ledger.hear(fact("m1", "read", await ledger.callback(run, named)))

    assert (await ledger.read(run, row))["delivery"] == "read"
    assert (await ledger.read(run, named))["state"] == "pending"


async def test_content_claims_are_left_alone(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "rejected")
    await ledger.pool.execute("INSERT INTO content_claim VALUES ('p', 'c', 'other', 99, 1, now() + interval '30 days')")

    await ledger.hear(fact("m1", callback=await ledger.callback(run, row)))

    assert await ledger.count("content_claim") == 1


async def test_a_drop_pauses_the_runs_of_its_template_and_takes_the_gate_away(ledger: Ledger) -> None:
    run, sibling, other = await ledger.run(), await ledger.run(), await ledger.run(template="news")
    row = await ledger.hold(run, "m1")
    await ledger.close_gate(run)

    await ledger.hear(fact("m1", "failed", code=132015))

    assert (await ledger.read(run, row))["delivery"] == "dropped"
    assert await ledger.state(run) == await ledger.state(sibling) == ("paused", "dropped")
    assert await ledger.state(other) == ("running", None)
    assert await ledger.count("quality_gate") == 0


async def test_the_gate_opens_when_95_in_100_went_on(ledger: Ledger) -> None:
    run = await ledger.run()
    for index in range(20):
        await ledger.hold(run, f"m{index}")
    await ledger.close_gate(run)

    early = await ledger.hear(*[fact(f"m{index}") for index in range(18)])
    assert early.released == []
    assert await ledger.count("quality_gate") == 1
    late = await ledger.hear(fact("m18"))

    assert late.released == [run]
    assert await ledger.count("quality_gate") == 0
    assert await ledger.events() == ["held.released"]


async def test_an_earlier_round_does_not_open_a_later_gate(ledger: Ledger) -> None:
    run = await ledger.run()
    for index in range(30):
        await ledger.hold(run, f"old{index}")
    await ledger.hear(*[fact(f"old{index}") for index in range(30)])
    await ledger.pool.execute("UPDATE message SET settled_at = now() - interval '1 hour'")
    await ledger.hold(run, "new")
    await ledger.close_gate(run)
    await ledger.receiver()

    news = await ledger.gates.watch_gates()

    assert (news.released, news.paused) == ([], [])
    assert await ledger.count("quality_gate") == 1


async def test_green_opens_the_gate_of_that_template_alone(ledger: Ledger) -> None:
    run, other = await ledger.run(), await ledger.run(template="news")
    await ledger.close_gate(run)
    await ledger.close_gate(other)

    findings = await ledger.hear(AccountEvent("message_template_quality_update", "GREEN", "sale", "fr", NOW))

    assert findings.released == [run]
    assert await ledger.pool.fetchval("SELECT run FROM quality_gate") == other


async def test_a_paused_template_pauses_its_runs_and_the_same_news_again_does_not(ledger: Ledger) -> None:
    run, other = await ledger.run(), await ledger.run(template="news")
    await ledger.close_gate(run)
    event = AccountEvent("message_template_status_update", "PAUSED", "sale", "fr", NOW)

    await ledger.hear(event)

    assert await ledger.state(run) == ("paused", "template")
    assert await ledger.state(other) == ("running", None)
    assert await ledger.count("quality_gate") == 0
    await ledger.resume(run)
    await ledger.hear(event)
    assert await ledger.state(run) == ("running", None)
    await ledger.hear(event._replace(at=NOW + timedelta(hours=1)))
    assert await ledger.state(run) == ("paused", "template")


async def test_a_gate_nobody_could_hear_of_pauses_its_runs(ledger: Ledger) -> None:
    run = await ledger.run()
    await ledger.hold(run, "m1")
    await ledger.close_gate(run)

    news = await ledger.gates.watch_gates()

    assert news.paused == [(run, "no_receiver")]
    assert await ledger.state(run) == ("paused", "held")
    assert await ledger.count("quality_gate") == 0


async def test_a_gate_waits_no_longer_than_its_run_allows(ledger: Ledger) -> None:
    run, patient = await ledger.run(held_limit="1:00"), await ledger.run(template="news", held_limit="24:00")
    await ledger.receiver()
    await ledger.close_gate(run, since="61 minutes")
    await ledger.close_gate(patient, since="61 minutes")

    news = await ledger.gates.watch_gates()

    assert news.paused == [(run, "held_limit")]
    assert await ledger.state(patient) == ("running", None)


async def test_a_sender_notices_a_release_without_a_new_webhook(ledger: Ledger) -> None:
    run = await ledger.run()
    await ledger.hold(run, "m1")
    await ledger.hear(fact("m1"))
    await ledger.close_gate(run)

    news = await ledger.gates.watch_gates()

    assert news.released == [run]


async def test_crossing_batches_deadlock_no_one(ledger: Ledger) -> None:
    run = await ledger.run()
    rows = [await ledger.message(run, "accepted", message_id=f"m{index}") for index in range(40)]
    facts = [fact(f"m{index}", status) for status in ("sent", "delivered", "read") for index in range(40)]

    await asyncio.gather(*[ledger.hear(*(facts if index % 2 else reversed(facts))) for index in range(12)])

    assert {(await ledger.read(run, row))["delivery"] for row in rows} == {"read"}
    assert await ledger.count("fact") == 120


def envelope(*statuses: object) -> bytes:
    value = {"metadata": {"phone_number_id": "1"}, "statuses": list(statuses)}
    change = {"field": "messages", "value": value}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}).encode()


def status(message_id: object, callback: str | None = None) -> dict[str, object]:
    return {"id": message_id, "status": "sent", "timestamp": "1790000000", "biz_opaque_callback_data": callback}


async def test_kept_bodies_are_applied_and_poison_is_set_aside_alone(ledger: Ledger) -> None:
    run = await ledger.run()
    row = await ledger.message(run, "unknown")
    public_id: UUID = (await ledger.callback(run, row)).run
    callback = format_callback(installation=OURS, run=public_id, row=row, attempt=1)
    for body in (b"[" * 200_000, envelope(status("bad\0id"), status("m1", callback)), b"\xff", envelope({"id": 7})):
        await ledger.intake.keep(body)

    assert await ledger.loop.step() == 4

    assert (await ledger.read(run, row))["state"] == "accepted"
    marks = await ledger.pool.fetch("SELECT parsed_at, quarantined FROM webhook ORDER BY id")
    assert all(each["parsed_at"] for each in marks)
    assert [each["quarantined"] for each in marks] == [
        "body: not JSON",
        "entry[0].changes[0].statuses[0]: id is not usable text of 1 to 512 characters",
        "body: not JSON",
        "entry[0].changes[0].statuses[0]: id is not usable text of 1 to 512 characters",
    ]
    assert await ledger.loop.step() == 0


async def test_what_the_ledger_itself_refuses_does_not_hold_up_the_rest(ledger: Ledger) -> None:
    class Trusting(Receipts):
        async def take(self, batch: FeedbackBatch, heard: Any) -> Findings:
            items = [item for each in heard for item in each.items]
            poisoned = [each._replace(message_id="nul\0") if each.message_id == "bad" else each for each in items]
            return await super().take(batch, [Heard(None, poisoned)])

    loop = ParseLoop(ledger.feedback, Trusting(ledger.feedback, installation=OURS, key=KEY))
    for message_id in ("m1", "m2", "bad", "m3"):
        await ledger.intake.keep(envelope(status(message_id)))

    while await loop.step():
        pass

    assert await ledger.count("fact") == 3
    quarantined = await ledger.pool.fetchval("SELECT quarantined FROM webhook WHERE quarantined IS NOT NULL")
    assert quarantined == "body: the ledger refused it (SQLSTATE 22021)"


async def test_a_body_we_cannot_cope_with_is_found_among_others_and_set_aside_alone(ledger: Ledger) -> None:
    class Broken(Receipts):
        async def take(self, batch: FeedbackBatch, heard: Any) -> Findings:
            findings = await super().take(batch, heard)
            if any(item.message_id == "bad" for each in heard for item in each.items if isinstance(item, StatusFact)):
                raise ZeroDivisionError
            return findings

    loop = ParseLoop(ledger.feedback, Broken(ledger.feedback, installation=OURS, key=KEY))
    for message_id in ("m1", "m2", "bad", "m3"):
        await ledger.intake.keep(envelope(status(message_id)))

    with capture_logs() as logs:
        while await loop.step():
            pass

    assert {each["message_id"] for each in await ledger.pool.fetch("SELECT message_id FROM fact")} == {"m1", "m2", "m3"}
    quarantined = await ledger.pool.fetchval("SELECT quarantined FROM webhook WHERE quarantined IS NOT NULL")
    assert quarantined == "body: it could not be applied (ZeroDivisionError)"
    (told,) = (each for each in logs if each["event"] == "webhook.quarantined")
    assert told["at"].startswith("campaign/entrypoints/web/parse_loop.py:")


@pytest.mark.parametrize("fault", [asyncio.CancelledError, asyncpg.UndefinedTableError, Unreachable])
async def test_what_is_no_bodys_fault_leaves_them_all_unparsed(ledger: Ledger, fault: type[BaseException]) -> None:
    class Broken(Receipts):
        async def take(self, batch: FeedbackBatch, heard: Any) -> Findings:
            await super().take(batch, heard)
            raise fault("said of the database")

    await ledger.intake.keep(envelope(status("m1")))
    with pytest.raises(fault):
        await ParseLoop(ledger.feedback, Broken(ledger.feedback, installation=OURS, key=KEY)).step()
    assert await ledger.count("fact") == 0

    assert await ledger.loop.step() == 1
    assert await ledger.count("fact") == 1


async def test_two_parsers_share_the_work(ledger: Ledger) -> None:
    """What one is parsing the other passes over, without waiting."""
    for index in range(3):
        await ledger.intake.keep(envelope(status(f"m{index}")))

    async def other(batch: FeedbackBatch) -> set[asyncio.Task[int]]:
        await batch.unparsed(1)
        done, _ = await asyncio.wait({asyncio.ensure_future(ledger.loop.step())}, timeout=20)
        return done

    (step,) = await ledger.feedback.together(other)

    assert step.result() == 2
    assert await ledger.count("fact") == 2


async def test_the_loop_parses_sweeps_and_stops_when_told(ledger: Ledger) -> None:
    run, stop = await ledger.run(), asyncio.Event()
    await ledger.hear(fact("m1", "delivered"))
    row = await ledger.message(run, "accepted", message_id="m1")
    await ledger.intake.keep(envelope(status("m2")))

    looping = asyncio.ensure_future(ledger.loop.run(stop))
    async with asyncio.timeout(60):
        while await ledger.count("fact") < 2 or (await ledger.read(run, row))["delivery"] != "delivered":  # noqa: ASYNC110 - asked
            await asyncio.sleep(0.02)
        stop.set()
        await looping


async def test_bodies_that_come_together_are_all_kept(ledger: Ledger) -> None:
    await asyncio.gather(*[ledger.intake.keep(b"%d" % index) for index in range(500)])

    assert await ledger.count("webhook") == 500
    assert await ledger.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM webhook") == 3
    assert await ledger.intake.ready()


async def test_large_bodies_do_not_share_a_commit(ledger: Ledger) -> None:
    await asyncio.gather(*[ledger.intake.keep(bytes(4_000_000)) for _ in range(4)])

    assert await ledger.pool.fetchval("SELECT count(DISTINCT xmin::text) FROM webhook") == 2


async def test_a_server_that_hangs_is_given_up_and_another_connection_taken(
    ledger: Ledger, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not hear a cancel either, for which the driver would wait as long as it hangs."""
    monkeypatch.setattr(intake_module, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(intake_module, "COMMIT_SECONDS", 0.3)

    async def unheard(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("asyncpg.connection.Connection._cancel", unheard)
    async with open_pool(dsn, size=1, purpose="test") as pool, ledger.pool.acquire() as other:
        intake = PostgresIntake(pool)
        async with asyncio.timeout(20), other.transaction():
            await other.execute("LOCK TABLE webhook")
            with pytest.raises(Unreachable):
                await intake.keep(b"{}")
        async with asyncio.timeout(20):
            await intake.keep(b"{}")


async def test_a_body_is_refused_when_the_ledger_is_away() -> None:
    async with open_pool("postgresql://nobody@127.0.0.1:1/none", size=1, purpose="test") as pool:
        intake = PostgresIntake(pool)
        assert not await intake.ready()
        with pytest.raises(Unreachable):
            await intake.keep(b"{}")
