"""Fifty people are erased: what a dump of the ledger holds afterwards, and what later webhooks may put there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from campaign.adapters.postgres.audience import PostgresLists
from campaign.adapters.postgres.database import open_pool
from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.audience import Cleaner, Columns
from campaign.bootstrap import erasing
from campaign.domain.errors import AlreadyRunning
from campaign.domain.receipt import Heard, Inbound, Item, StatusFact
from campaign.entrypoints.web.parse_loop import ParseLoop
from campaign.lists import import_list
from campaign.ports import FeedbackBatch
from campaign.receipts import Receipts
from tests.integration.erased_people import (
    ADDRESS,
    ALL,
    ERASED,
    GONE,
    OURS,
    PEOPLE,
    STAY,
    Somebody,
    World,
    envelope,
    found_in,
    in_threes,
    preference,
    wrote,
)
from tests.integration.planning import KEY, NEW, Ledger, Rows, register


@pytest.fixture
async def world(ledger_dsn: str) -> AsyncIterator[World]:
    async with open_pool(ledger_dsn, size=8, purpose="test") as pool:
        yield await World(ledger_dsn, pool, Ledger(pool, await register(pool))).start()


async def everything_is_known(world: World) -> None:
    """Let everybody be in every table that can hold them."""
    for three in in_threes(PEOPLE):
        await world.hear(envelope({"statuses": [world.status(each, "sent") for each in three]}), *three)
    for each in PEOPLE:
        await world.hear(envelope({"statuses": [world.status(each, "delivered")]}), each)
        await world.hear(wrote(each, "wrote"), each)
        await world.hear(preference(each), each)
        # Facts that never find a message, and an item that nobody can read.
        stray = {"id": each.message_id("never ours"), "status": "sent", "timestamp": "1"}
        await world.hear(envelope({"statuses": [stray, {**stray, "id": each.old_message_id()}]}), each)
        await world.hear(envelope({"statuses": [{**world.status(each, "read"), "status": None}]}), each)
        await world.pool.execute(
            "INSERT INTO attempt_history (run, row, attempt, state, delivery, message_id, ordered_by, why) "
            "VALUES ($1, $2, 0, 'accepted', 'failed', $3, 'somebody', $4)",
            *(world.run, each.index + 1, each.message_id("again"), f"rang from {each.e164}"),
        )
        await world.pool.execute(
            "INSERT INTO event (name, run, detail) VALUES ('run.cancelled', $1, $2)",
            *(world.run, {"why": f"for {each.e164}", "at": 17}),
        )
    await world.parse()
    await listed(world, PEOPLE)


async def listed(world: World, people: Sequence[Somebody]) -> dict[str, int]:
    """Import them all as a list."""
    source = Rows(*((each.e164, each.name) for each in people))
    cleaner = Cleaner(await source.columns(), Columns("phone"), key=KEY, where="list.csv")
    done = await import_list("all", source, cleaner.clean, columns=["name"], lists=PostgresLists(world.pool))
    return dict(done.refused)


async def test_a_dump_after_fifty_erasures_knows_none_of_them(world: World) -> None:
    """Neither at once nor after later webhooks, a new import and a new plan; and nobody else loses anything."""
    await everything_is_known(world)
    assert len(found_in(world.dump(), PEOPLE)) > ALL * 8
    before = await world.rows("SELECT row, state::text, delivery::text FROM message ORDER BY row")
    facts = "SELECT count(*)::int FROM fact AS f JOIN message AS m ON m.message_id = f.message_id WHERE m.row > $1"
    kept = await world.rows(facts, ERASED)

    done = [await world.erase(each) for each in GONE]

    dump = world.dump()
    assert found_in(dump, GONE) == set()
    assert [raw for raw, about in world.bodies if set(about) & set(GONE) and raw.hex() in dump] == []
    assert [each.messages for each in done] == [1] * ERASED
    assert sum(each.bodies for each in done) == sum(bool(set(about) & set(GONE)) for _, about in world.bodies)
    assert {each.unread for each in done} == {0}
    await nothing_names(world, GONE)
    where = "SELECT DISTINCT region, zone FROM message WHERE row <= $1"
    assert await world.rows(where, ERASED) == [("", None)]

    await _later(world)

    dump = world.dump()
    assert found_in(dump, GONE) == set()
    assert [raw for raw, about in world.bodies if set(about) & set(GONE) and raw.hex() in dump] == []
    assert await world.rows(
        "SELECT row, state::text, delivery::text FROM message WHERE run = $1 ORDER BY row", world.run
    ) == [
        *before[:ERASED],
        *((row, state, "read") for row, state, _ in before[ERASED:]),
    ]
    assert kept == [(2 * len(STAY),)]
    assert await world.rows(facts + " AND m.run = $2", ERASED, world.run) == [(3 * len(STAY),)]
    await nothing_names(world, GONE)
    assert all(secret in dump for each in STAY for secret in (each.e164[1:], each.message_id("wrote"), each.name))


async def nothing_names(world: World, people: Sequence[Somebody]) -> None:
    """Hold that even the hash of these people stands where it is needed and nowhere else."""
    for table in ("audience_member", "inbound_message", "preference", "customer_window"):
        hashes = [each.person for each in people]
        assert await world.rows(f"SELECT count(*)::int FROM {table} WHERE person = ANY ($1)", hashes) == [(0,)], table


async def _later(world: World) -> None:
    """Let WhatsApp go on talking of everybody, and somebody bring everybody in again."""
    for three in in_threes(PEOPLE):
        await world.hear(envelope({"statuses": [world.status(each, "read") for each in three]}), *three)
    for each in GONE:
        nameless = {"id": each.message_id("late"), "status": "delivered", "timestamp": "2"}
        await world.hear(envelope({"statuses": [nameless, {**nameless, "id": each.old_message_id()}]}), each)
        only_row = world.status(each, "delivered", "late", recipient_id="US.13491208655302741918")
        await world.hear(envelope({"statuses": [{**only_row, "id": "wamid.unrelated"}]}), each)
        await world.hear(wrote(each, "late", "Hello again"), each)
        await world.hear(preference(each), each)
        await world.hear(envelope({"statuses": [{**world.status(each, "read", "unread"), "status": None}]}), each)
        await world.hear(envelope({"note": f"{each.wa_id} {each.name}"}, "something_new"), each)
    await world.parse()
    assert await listed(world, PEOPLE) == {"forgotten": ERASED}
    _, planned = await world.ledger.plan(
        *((each.e164, each.name) for each in PEOPLE), key="again", definition={"category": "utility"}
    )
    assert planned.skipped == {"suppressed": ERASED}


async def test_what_waits_for_an_erased_person_is_left_out_and_its_claim_freed(world: World) -> None:
    run, _ = await world.ledger.plan(*((each.e164, each.name) for each in PEOPLE[:2]), key="second")
    await world.pool.execute(
        "INSERT INTO content_claim (person, content, campaign, run, row, until) "
        "SELECT person, content, 'spring', run, row, now() + interval '1 day' FROM message WHERE run = $1",
        run,
    )

    done = await world.erase(PEOPLE[0])

    assert done.messages == 2
    assert await world.rows(
        "SELECT row, state::text, reason, number FROM message WHERE run = $1 ORDER BY row", run
    ) == [
        (1, "skipped", "suppressed", ""),
        (2, "pending", None, PEOPLE[1].e164),
    ]
    assert await world.rows("SELECT row FROM content_claim") == [(2,)]


@pytest.mark.parametrize("change", ["state = 'in_flight'", "state = 'unknown', settled_at = now()"])
async def test_a_message_on_its_way_is_waited_for(world: World, change: str) -> None:
    """Its answer would bring the message ID back. The person is suppressed by then all the same."""
    who = PEOPLE[0]
    await world.pool.execute("ALTER TABLE message DISABLE TRIGGER USER")
    await world.pool.execute(f"UPDATE message SET message_id = NULL, {change} WHERE row = 1")
    await world.pool.execute("ALTER TABLE message ENABLE TRIGGER USER")

    with pytest.raises(AlreadyRunning, match="on its way") as caught:
        await world.erase(who)

    assert "run the same command again in a few minutes" in str(caught.value.remedy)
    assert await world.rows("SELECT number FROM message WHERE row = 1") == [(who.e164,)]
    assert await world.rows("SELECT scope, source FROM suppression") == [("all", "erased")]

    await world.pool.execute(
        "UPDATE message SET state = 'unknown', settled_at = now() - interval '1 hour' WHERE row = 1"
    )
    assert (await world.erase(who)).messages == 1


async def test_an_erasure_may_be_repeated(world: World) -> None:
    await world.erase(PEOPLE[0])

    again = await world.erase(PEOPLE[0])

    assert (again.messages, again.bodies) == (0, 0)
    assert await world.rows("SELECT count(*) FROM suppression") == [(1,)]


async def test_whoever_was_never_in_the_ledger_can_be_erased_and_is_not_imported(world: World) -> None:
    stranger = Somebody(90)

    assert (await world.erase(stranger)).messages == 0

    assert await listed(world, [stranger, STAY[0]]) == {"forgotten": 1}


async def test_an_unread_webhook_keeps_its_news_of_others_and_is_emptied_when_it_is_read(world: World) -> None:
    gone, stays = GONE[0], STAY[0]
    both = [world.status(gone, "sent"), world.status(stays, "sent")]
    await world.hear(envelope({"statuses": both}), gone, stays)

    assert (await world.erase(gone)).unread == 1
    await world.parse()

    assert found_in(world.dump(), [gone]) == set()
    assert await world.rows("SELECT delivery::text FROM message WHERE row = $1", stays.index + 1) == [("sent",)]


@pytest.mark.parametrize("field", ["messages", "something_new"])
async def test_a_body_that_nobody_understands_is_emptied_if_it_names_the_person(world: World, field: str) -> None:
    who, stays = GONE[0], STAY[0]
    await world.erase(who)
    for each in (who, stays):
        await world.hear(envelope({"statuses": [{"to": each.wa_id, "name": each.name}]}, field), each)
        await world.parse()

    assert await world.rows("SELECT body = '' FROM webhook ORDER BY id") == [(True,), (False,)]


async def test_a_body_that_names_nobody_is_found_by_the_message_id_it_is_about(world: World) -> None:
    """As of somebody whom WhatsApp names by a business-scoped id; slashes in JSON are escaped, as Meta does."""
    who = GONE[0]
    await world.pool.execute("UPDATE message SET message_id = 'wamid.a/b+c==' WHERE row = 1")
    said = world.status(who, "delivered", recipient_id="US.13491208655302741918")
    await world.hear(envelope({"statuses": [{**said, "id": "wamid.a/b+c=="}]}), who)
    await world.parse()

    assert (await world.erase(who)).bodies == 1
    assert await world.rows("SELECT count(*)::int FROM fact") == [(0,)]


async def test_a_plan_that_began_before_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rows are hidden until it commits; they would bring the number back."""
    who = PEOPLE[0]
    opened = await world.ledger.runs.open(replace(NEW, key="under way"))
    source = _Held((who.e164, who.name))
    planning = asyncio.create_task(world.ledger.fill(opened.id, source))
    await source.reached.wait()
    monkeypatch.setattr(erasing, "PATIENCE_SECONDS", 0.3)

    with pytest.raises(AlreadyRunning, match="a plan or an import is being written"):
        await world.erase(who)
    monkeypatch.undo()
    erasure = asyncio.create_task(world.erase(who))
    source.go_on.set()

    assert (await erasure).messages == 2
    await planning
    assert await world.rows("SELECT DISTINCT number, variables FROM message WHERE person = $1", who.person) == [
        ("", {})
    ]


class _Held(Rows):
    """A source that stops after its first batch, which is written by then, until it is told to go on."""

    def __init__(self, *rows: Sequence[Any]) -> None:
        super().__init__(*rows, *[(f"+3362234{n:04}", f"Name {n}") for n in range(8)], batch=1)
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        async for batch in super().batches():
            if batch[0][0] == 5:
                self.reached.set()
                await self.go_on.wait()
            yield batch


async def test_what_its_sender_deleted_is_removed_whichever_webhook_comes_first(world: World) -> None:
    first, last = STAY[0], STAY[1]
    bodies = [wrote(each, "wrote", "my secret is 4711") for each in (first, last)]
    taken_back = [
        envelope({"statuses": [{"id": each.message_id("wrote"), "status": "deleted", "timestamp": "3"}]})
        for each in (first, last)
    ]
    await world.hear(bodies[0], first)
    await world.parse()
    await world.hear(taken_back[0], first)
    await world.parse()
    await world.hear(taken_back[1], last)
    await world.parse()
    await world.hear(bodies[1], last)
    await world.parse()

    assert await world.rows("SELECT count(*)::int FROM inbound_message") == [(0,)]
    assert "my secret is 4711" not in world.dump()
    assert b"my secret is 4711".hex() not in world.dump()
    assert await world.rows("SELECT count(*)::int FROM fact WHERE status = 'deleted'") == [(2,)]


@pytest.mark.parametrize("first", ["message", "deletion"])
async def test_of_two_receivers_that_take_a_message_and_its_deletion_at_once_neither_leaves_it(
    world: World, first: str
) -> None:
    """What the other has not committed yet, neither can see."""
    wamid = STAY[0].message_id("wrote")
    said: dict[str, Item] = {
        "message": Inbound(wamid, ADDRESS, STAY[0].e164, datetime.now(UTC), content={"text": {"body": "my secret"}}),
        "deletion": StatusFact(wamid, "deleted", datetime.now(UTC)),
    }
    second = said["deletion" if first == "message" else "message"]
    feedback = PostgresFeedback(world.pool)
    receipts = Receipts(feedback, installation=OURS, key=KEY)
    taken, commit = asyncio.Event(), asyncio.Event()

    async def slowly(batch: FeedbackBatch) -> None:
        await receipts.take(batch, [Heard(None, [said[first]])])
        taken.set()
        await commit.wait()

    async with asyncio.TaskGroup() as receivers:
        receivers.create_task(feedback.together(slowly))
        await taken.wait()
        other = receivers.create_task(receipts.apply([second]))
        await asyncio.wait({other}, timeout=0.3)
        commit.set()

    assert await world.rows("SELECT count(*)::int FROM inbound_message") == [(0,)]


async def test_a_message_and_its_deletion_in_one_batch_leave_nothing(world: World) -> None:
    who = STAY[0]
    await world.hear(wrote(who, "wrote", "my secret is 4711"), who)
    await world.hear(envelope({"statuses": [{"id": who.message_id("wrote"), "status": "deleted", "timestamp": "3"}]}))

    await world.parse()

    assert await world.rows("SELECT count(*)::int FROM inbound_message") == [(0,)]
    assert await world.rows("SELECT count(*)::int FROM webhook WHERE body = ''") == [(1,)]


async def test_nothing_is_looked_up_while_nobody_was_ever_erased(world: World) -> None:
    """Erasure costs those nothing who never used it."""
    asked: list[str] = []

    class Listening(PostgresFeedback):
        async def together(self, work: Any) -> Any:
            async def listened(batch: Any) -> Any:
                for name in ("forgotten_people", "forgotten_rows", "blank", "take_back", "taken_back"):
                    setattr(batch, name, lambda *_, name=name: asked.append(name))
                return await work(batch)

            return await super().together(listened)

    feedback = Listening(world.pool)
    await world.hear(envelope({"statuses": [world.status(STAY[0], "sent")]}), STAY[0])

    assert await ParseLoop(feedback, Receipts(feedback, installation=OURS, key=KEY)).step() == 1
    assert asked == []
