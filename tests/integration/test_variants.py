"""A run with two templates in a real ledger: what waits and stops with one of them, and what is counted of each."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.gates import PostgresGates
from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.domain.comparison import Tally
from campaign.domain.receipt import AccountEvent, StatusFact
from campaign.receipts import Ours, Receipts
from tests.integration.rows import SHARD, Rows

AT = datetime(2026, 11, 20, 12, 4, tzinfo=UTC)
GOES_ON = ("running", None)
A, B = 0, 1


class World(Rows):
    """A ledger, and somebody who listens."""

    async def begin(self) -> "World":
        await self.start()
        ours = Ours(account="102", portfolio="main")
        self.receipts = Receipts(PostgresFeedback(self.pool), installation="0123abcd", key=b"k" * 32, ours=ours)
        await self.pool.execute("INSERT INTO process (purpose, host, pid) VALUES ('receiver', 'here', 1)")
        return self

    async def sends(self, *templates: str, language: str = "fr", **more: Any) -> int:
        """Put a running run there, with a variant for each of several templates; `language`: of each, or of all."""
        messages = [
            {"type": "template", "template": {"name": name, "language": {"code": code}}}
            for name, code in zip(templates, language.split() * len(templates), strict=False)
        ]
        listed = [
            {"name": f"v{n}", "share": 1 / len(messages), "message": message} for n, message in enumerate(messages)
        ]
        sent = {"variants": listed} if len(messages) > 1 else {"message": messages[0]}
        definition = {"category": "marketing", **sent}
        return await self.run(template=templates[0], templates=list(templates), definition=definition, **more)

    async def gates(self) -> list[str]:
        return [row[0] for row in await self.pool.fetch("SELECT template FROM quality_gate ORDER BY template")]

    async def with_work(self) -> set[int]:
        return {run.id for run in await self.ledger.runs_with_work(SHARD)}

    async def hold(self, run: int, variant: int) -> int:
        """Put a message there that waits for the quality assessment."""
        more = {"delivery": "held", "was_held": True, "settled_at": datetime.now(UTC), "variant": variant}
        return await self.message(run, "accepted", message_id=f"wamid.{run}.{next(self._rows)}", **more)


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    return await World(pool).begin()


async def test_what_is_read_ahead_says_which_variant_it_is(world: World) -> None:
    run = await world.sends("a", "b")
    rows = [await world.message(run, variant=variant) for variant in (A, B, B)]

    due = await world.ledger.read_ahead(SHARD, run, after=None, limit=10)

    assert {each.row: each.variant for each in due} == dict(zip(rows, (A, B, B), strict=True))


async def test_a_held_variant_closes_the_gate_of_its_own_template_and_the_run_waits_as_a_whole(world: World) -> None:
    run, only_a, only_b = await world.sends("a", "b"), await world.sends("a"), await world.sends("b")
    row = await world.message(run, variant=A)

    await world.ledger.close_gate(run, B)

    assert await world.gates() == ["b"]
    assert await world.with_work() == {only_a}
    assert await world.mark(run, row) == ["later"]
    facts = [await PostgresReports(world.pool).facts(each) for each in (run, only_a, only_b)]
    assert [each.gated for each in facts] == [True, False, True]


async def test_a_gate_opens_by_what_became_of_its_own_variant(world: World) -> None:
    run = await world.sends("a", "b")
    await world.ledger.close_gate(run, A)
    await world.ledger.close_gate(run, B)
    released = [await world.hold(run, B), await world.hold(run, B)]
    await world.hold(run, A)
    await world.pool.execute("UPDATE message SET delivery = 'delivered' WHERE row = ANY ($1::int[])", released)

    await PostgresGates(world.pool).watch_gates()

    assert await world.gates() == ["a"]


async def test_a_run_behind_two_overdue_gates_pauses_once(world: World) -> None:
    run = await world.sends("a", "b")
    await world.ledger.close_gate(run, A)
    await world.ledger.close_gate(run, B)
    await world.pool.execute("UPDATE quality_gate SET since = now() - interval '25 hours'")

    news = await PostgresGates(world.pool).watch_gates()

    assert list(news.paused) == [(run, "held_limit")]
    assert await world.gates() == []


async def test_resuming_opens_the_gates_of_every_variant_and_no_other(world: World) -> None:
    run, other = await world.sends("a", "b"), await world.sends("c")
    for variant in (A, B):
        await world.ledger.close_gate(run, variant)
    await world.ledger.close_gate(other, A)

    await PostgresRuns(world.pool, process=world.process).resume(run, detail={})

    assert await world.gates() == ["c"]


def news(event: str, template: str, field: str = "message_template_status_update") -> AccountEvent:
    return AccountEvent(field, event, template, "fr", AT, "102", {})


async def test_news_of_any_variants_template_stops_the_run_and_leaves_the_other_gate(world: World) -> None:
    run, other = await world.sends("a", "b"), await world.sends("a")
    english = await world.sends("a", "b", language="en")
    await world.ledger.close_gate(run, A)
    await world.ledger.close_gate(run, B)

    await world.receipts.apply([news("PAUSED", "b")])

    assert await world.run_state(run) == ("paused", "template")
    assert [await world.run_state(each) for each in (english, other)] == [GOES_ON] * 2
    assert await world.gates() == ["a"]


async def test_green_opens_the_gate_of_that_variant_alone(world: World) -> None:
    run = await world.sends("a", "b")
    await world.ledger.close_gate(run, A)
    await world.ledger.close_gate(run, B)

    await world.receipts.apply([news("GREEN", "b", field="message_template_quality_update")])

    assert await world.gates() == ["a"]


async def test_news_of_a_variants_template_in_the_language_of_another_variant_says_nothing(world: World) -> None:
    run = await world.sends("a", "b", language="fr en")
    await world.ledger.close_gate(run, B)

    await world.receipts.apply([news("GREEN", "b", field="message_template_quality_update"), news("PAUSED", "b")])

    assert await world.run_state(run) == GOES_ON
    assert await world.gates() == ["b"]


async def test_a_dropped_message_stops_what_sends_its_template_and_not_what_sends_the_other(world: World) -> None:
    run, only_a, only_b = await world.sends("a", "b"), await world.sends("a"), await world.sends("b")
    row = await world.message(run, "accepted", message_id="wamid.dropped", variant=B)
    await world.ledger.close_gate(only_a, A)
    await world.ledger.close_gate(only_b, A)

    await world.receipts.apply([StatusFact("wamid.dropped", "failed", AT, 132015)])

    assert (await world.at(run, row))["delivery"] == "dropped"
    assert [await world.run_state(each) for each in (run, only_b)] == [("paused", "dropped")] * 2
    assert await world.run_state(only_a) == GOES_ON
    assert await world.gates() == ["a"]


async def inbound(world: World, row: int, *, after: timedelta, address: str = "address of paris") -> None:
    await world.pool.execute(
        """INSERT INTO inbound_message (message_id, person, address, at, kind)
           SELECT gen_random_uuid()::text, person, $3, marked_at + $2::interval, 'text' FROM message WHERE row = $1""",
        *(row, after, address),
    )


async def leaves(world: World, row: int, source: str, *, after: timedelta = timedelta(0)) -> None:
    await world.pool.execute(
        """INSERT INTO suppression (person, scope, source, reason, at)
           SELECT person, 'marketing', $2, 'asked', marked_at + $3::interval FROM message WHERE row = $1""",
        *(row, source, after),
    )


async def test_each_variant_is_counted_by_how_far_its_messages_got_and_what_people_did_then(world: World) -> None:
    run = await world.sends("a", "b", "c", first_departure_at=datetime.now(UTC) - timedelta(hours=1))
    sent = {"marked_at": "5 s", "marked_by": 1, "variant": B}
    states = ["read", "read", "delivered", "failed", "dropped", "none"]
    rows = [
        await world.message(run, "accepted", **{**sent, "message_id": f"wamid.{n}", "delivery": each})
        for n, each in enumerate(states)
    ]
    await world.message(run, "rejected", variant=B)
    await world.message(run, variant=A)
    for row in (rows[0], rows[0], rows[5]):
        await inbound(world, row, after=timedelta(hours=1))
    await inbound(world, rows[1], after=timedelta(days=3))
    await inbound(world, rows[2], after=timedelta(hours=1), address="address of lyon")
    await inbound(world, rows[3], after=timedelta(hours=-1))
    for source in ("stop_word", "preference"):
        await leaves(world, rows[0], source)
    await leaves(world, rows[1], "whatsapp")
    await leaves(world, rows[2], "stop_word", after=timedelta(days=4))

    counted = (await PostgresReports(world.pool).facts(run)).variants

    assert counted == [
        Tally("v0", 1 / 3, planned=1),
        Tally("v1", 1 / 3, planned=7, accepted=6, delivered=3, read=2, failed=2, replied=2, opted_out=1),
        Tally("v2", 1 / 3),
    ]


async def test_a_run_with_one_message_is_compared_with_nothing(world: World) -> None:
    run = await world.sends("a")
    await world.message(run)

    assert (await PostgresReports(world.pool).facts(run)).variants == []
