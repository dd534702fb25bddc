"""News of templates, numbers and the account, applied to a real ledger: only what is touched stops, and once."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.whatsapp.webhooks import parse_webhook
from campaign.domain.receipt import AccountEvent, Heard, Item, OurNumber, StatusFact, Unstorable
from campaign.ports import Because, FeedbackBatch
from campaign.receipts import Findings, Ours, Receipts
from tests.integration.rows import Rows

WABA = "102"
AT = datetime(2026, 11, 20, 12, 4, tzinfo=UTC)
STATUS = "message_template_status_update"
QUALITY = "message_template_quality_update"
CATEGORY = "template_category_update"
NUMBER = "phone_number_quality_update"
ACCOUNT = "account_update"
PARIS, LYON = "15550100001", "15550100002"


class World(Rows):
    """A ledger with two shards, and somebody who listens for one account."""

    async def begin(self) -> "World":
        await self.start()
        self.receipts = self.listener()
        return self

    def listener(self, **ours: Any) -> Receipts:
        known = Ours(**{"account": WABA, "portfolio": "main", **ours})
        return Receipts(PostgresFeedback(self.pool), installation="0123abcd", key=b"k" * 32, ours=known)

    async def sends(self, name: str = "sale", language: str | None = "fr", **more: Any) -> int:
        """Put a running run there that sends a template."""
        code = {"language": {"code": language}} if language else {}
        message = {"type": "template", "template": {"name": name, **code}}
        definition = {"message": message, "category": more.pop("category", "marketing")}
        return await self.run(template=name, definition=definition, **more)

    async def hear(self, *items: Item) -> Findings:
        return await self.receipts.apply(items)

    async def states(self, *runs: int) -> list[tuple[str, str | None]]:  # type: ignore[override] # of runs, not messages
        return [await self.run_state(run) for run in runs]

    async def resume(self, run: int) -> None:
        await self.pool.execute("UPDATE run SET state = 'running', reason = NULL WHERE id = $1", run)

    async def gate(self, run: int) -> None:
        await self.pool.execute(
            "INSERT INTO quality_gate (portfolio, template, run) SELECT portfolio, template, id FROM run WHERE id = $1",
            run,
        )

    async def gates(self) -> list[int]:
        return [row["run"] for row in await self.pool.fetch("SELECT run FROM quality_gate ORDER BY run")]

    async def kept(self) -> list[tuple[str, bool]]:
        rows = await self.pool.fetch("SELECT event, ours FROM account_event ORDER BY received_at, event")
        return [(row["event"], row["ours"]) for row in rows]

    async def pause_details(self) -> list[dict[str, Any]]:
        return [row["detail"] for row in await self.pool.fetch("SELECT detail FROM event WHERE name = 'run.paused'")]


@pytest.fixture
async def world(pool: asyncpg.Pool) -> World:
    return await World(pool).begin()


GOES_ON = ("running", None)


def template(event: str = "PAUSED", field: str = STATUS, **more: Any) -> AccountEvent:
    return AccountEvent(field, event, "sale", "fr", AT, WABA, {})._replace(**more)


def account(event: str, field: str = ACCOUNT, **more: Any) -> AccountEvent:
    return AccountEvent(field, event, None, None, AT, WABA, {})._replace(**more)


def number(event: str = "FLAGGED", subject: str | None = PARIS) -> AccountEvent:
    return AccountEvent(NUMBER, event, subject, None, AT, WABA, {})


async def test_a_template_stops_its_own_runs_in_its_own_language(world: World) -> None:
    named = [await world.sends(), await world.sends(language="FR")]
    unsaid = [await world.sends(language=None), await world.sends(language="{{ language }}")]
    others = [await world.sends(language="en_US"), await world.sends("news"), await world.sends(portfolio="other")]

    findings = await world.hear(template())

    assert await world.states(*named, *unsaid) == [("paused", "template")] * 4
    assert await world.states(*others) == [GOES_ON] * 3
    assert sorted(run for run, *_ in findings.paused) == sorted(named + unsaid)


async def test_a_language_is_one_however_it_is_spelled(world: World) -> None:
    run = await world.sends(language="en-US")

    await world.hear(template(language="en_US"))

    assert await world.run_state(run) == ("paused", "template")


async def test_an_event_without_a_language_is_about_all_of_them(world: World) -> None:
    runs = [await world.sends(language="fr"), await world.sends(language="de")]

    await world.hear(template(language=None))

    assert await world.states(*runs) == [("paused", "template")] * 2


async def test_said_twice_is_said_once_so_that_a_resume_stays(world: World) -> None:
    run = await world.sends()
    await world.hear(template(), template())
    await world.resume(run)

    await world.hear(template())
    assert await world.run_state(run) == GOES_ON
    assert await world.kept() == [("PAUSED", True)]

    await world.hear(template(at=AT + timedelta(hours=3)))
    assert await world.run_state(run) == ("paused", "template")


async def test_what_bears_no_time_is_news_each_time(world: World) -> None:
    run = await world.sends()
    await world.hear(template(at=None))
    await world.resume(run)

    await world.hear(template(at=None))

    assert await world.run_state(run) == ("paused", "template")
    assert await world.kept() == [("PAUSED", True)]


@pytest.mark.parametrize("event", ["APPROVED", "REINSTATED", "FLAGGED", "SOMETHING_NEW"])
async def test_good_news_is_kept_and_resumes_nothing(world: World, event: str) -> None:
    stopped, running = await world.sends(), await world.sends()
    await world.pool.execute("UPDATE run SET state = 'paused', reason = 'template' WHERE id = $1", stopped)

    await world.hear(template(event))

    assert await world.states(stopped, running) == [("paused", "template"), GOES_ON]
    assert await world.kept() == [(event, True)]


async def test_the_gate_of_a_stopped_template_goes_and_that_of_another_language_stays(world: World) -> None:
    french, english = await world.sends(), await world.sends("other", "en")
    await world.pool.execute("UPDATE run SET template = 'sale', templates = '{sale}' WHERE id = $1", english)
    await world.gate(english)
    await world.hear(template())
    assert await world.gates() == [english]

    await world.pool.execute("UPDATE quality_gate SET run = $1", french)
    await world.hear(template(at=AT + timedelta(hours=1)))

    assert await world.gates() == []


async def test_a_drop_stops_its_template_in_its_language_alone(world: World) -> None:
    dropped = await world.sends(language="fr-FR")
    same = await world.sends(language="FR_fr")
    unsaid = [await world.sends(language=None), await world.sends(language="{{ language }}")]
    others = [await world.sends(language="en"), await world.sends("news", "fr_FR"), await world.sends(portfolio="else")]
    row = await world.message(dropped, "accepted", message_id="wamid.dropped")
    await world.gate(others[0])

    await world.hear(StatusFact("wamid.dropped", "failed", AT, 132015))

    assert (await world.at(dropped, row))["delivery"] == "dropped"
    assert await world.states(dropped, same, *unsaid) == [("paused", "dropped")] * 4
    assert await world.states(*others) == [GOES_ON] * 3
    assert await world.gates() == [others[0]]


async def test_green_opens_the_gate_in_its_language_alone(world: World) -> None:
    french, english = await world.sends(), await world.sends(portfolio="main", language="en")
    await world.gate(english)

    other = await world.hear(template("GREEN", QUALITY))
    own = await world.hear(template("GREEN", QUALITY, language="en"))

    assert (other.released, own.released) == ([], [english])
    assert await world.states(french, english) == [GOES_ON] * 2


async def test_a_stricter_category_stops_what_was_planned_for_a_milder_one(world: World) -> None:
    runs = {
        category: await world.sends(category=category)
        for category in ("service", "authentication", "utility", "marketing")
    }
    unsaid = await world.run(template="sale", definition={})

    change = {"previous_category": "UTILITY", "new_category": "MARKETING"}
    await world.hear(
        template("IMPENDING", CATEGORY, detail={"new_category": "UTILITY", "correct_category": "MARKETING"})
    )
    assert await world.states(*runs.values(), unsaid) == [GOES_ON] * 5
    await world.hear(template("DONE", CATEGORY, detail=change))

    assert (
        await world.states(runs["service"], runs["authentication"], runs["utility"], unsaid)
        == [("paused", "template")] * 4
    )
    assert await world.run_state(runs["marketing"]) == GOES_ON


async def test_a_milder_category_stops_nothing(world: World) -> None:
    run = await world.sends(category="utility")

    await world.hear(template("DONE", CATEGORY, detail={"previous_category": "MARKETING", "new_category": "UTILITY"}))

    assert await world.run_state(run) == GOES_ON


async def learn(world: World) -> None:
    await world.hear(OurNumber("address of paris", PARIS), OurNumber("address of lyon", LYON))


async def test_a_flagged_number_stops_the_runs_that_send_over_it(world: World) -> None:
    await learn(world)
    over = [await world.sends(shards=["paris"]), await world.sends("news", shards=["lyon", "paris"])]
    beside = [await world.sends(shards=["lyon"]), await world.sends(portfolio="other")]

    await world.hear(number())

    assert await world.states(*over) == [("paused", "quality")] * 2
    assert await world.states(*beside) == [GOES_ON] * 2
    (said, _) = await world.pause_details()
    assert (said["subject"], said["because"]) == (
        "paris",
        "WhatsApp flagged the number of shard paris: its quality is low",
    )
    assert PARIS not in json.dumps(said)


@pytest.mark.parametrize("subject", ["15550100009", None])
async def test_a_number_that_nobody_knows_may_be_any(world: World, subject: str | None) -> None:
    await learn(world)
    runs = [await world.sends(shards=["paris"]), await world.sends(shards=["lyon"])]

    await world.hear(number(subject=subject))

    assert await world.states(*runs) == [("paused", "quality")] * 2


async def test_a_number_is_learnt_once_and_again_when_it_changes(world: World) -> None:
    async def displays() -> list[str | None]:
        return [row["display"] for row in await world.pool.fetch("SELECT display FROM shard ORDER BY id DESC")]

    await learn(world)
    assert await displays() == [PARIS, LYON]
    await world.pool.execute("UPDATE shard SET display = NULL")
    await learn(world)
    assert await displays() == [PARIS, LYON]

    await learn(world)
    await world.pool.execute("UPDATE shard SET display = NULL")
    await learn(world)
    assert await displays() == [None, None]
    await world.hear(OurNumber("address of paris", "15550100003"), OurNumber("nobody's", "1"))
    assert await displays() == ["15550100003", None]


async def test_what_a_transaction_learnt_that_was_rolled_back_is_learnt_again(world: World) -> None:
    async def lose(batch: FeedbackBatch) -> None:
        await world.receipts.take(batch, [Heard(None, [OurNumber("address of paris", PARIS)])])
        raise Unstorable("lost")

    with pytest.raises(Unstorable):
        await PostgresFeedback(world.pool).together(lose)
    await learn(world)

    assert await world.pool.fetchval("SELECT display FROM shard WHERE id = 'paris'") == PARIS


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ("ACCOUNT_RESTRICTION", {}),
        ("ACCOUNT_VIOLATION", {}),
        ("ACCOUNT_DELETED", {}),
        ("DISABLED_UPDATE", {"ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}),
    ],
)
async def test_news_that_ends_the_account_stops_every_run_of_its_portfolio(
    world: World, event: str, detail: dict[str, Any]
) -> None:
    runs, other = [await world.sends(), await world.sends("news")], await world.sends(portfolio="other")
    gated = await world.sends("waits")
    await world.gate(gated)

    await world.hear(account(event, detail=detail))

    assert await world.states(*runs, gated) == [("paused", "account")] * 3
    assert await world.run_state(other) == GOES_ON
    assert await world.gates() == [gated]


async def test_another_accounts_news_is_kept_and_does_nothing(world: World) -> None:
    run = await world.sends()
    await world.gate(run)

    findings = await world.hear(
        account("ACCOUNT_DELETED", account="999"),
        template(account="999"),
        template("GREEN", QUALITY, account="999"),
        number()._replace(account="999"),
    )

    assert await world.run_state(run) == GOES_ON
    assert await world.gates() == [run]
    assert {ours for _, ours in await world.kept()} == {False}
    assert {said for _, said in findings.news} == {None}


@pytest.mark.parametrize(("known", "said"), [(WABA, None), (None, "999")], ids=["not said", "no name of our own"])
async def test_whose_account_cannot_be_told_is_taken_for_ours(
    world: World, known: str | None, said: str | None
) -> None:
    run = await world.sends()

    await world.listener(account=known).apply([account("ACCOUNT_DELETED", account=said)])

    assert await world.run_state(run) == ("paused", "account")


async def test_errors_of_a_number_stop_what_its_code_stops(world: World) -> None:
    over, beside = await world.sends(shards=["paris"]), await world.sends(shards=["lyon"])

    def error(code: int, subject: str | None) -> AccountEvent:
        return AccountEvent("messages", "error", subject, None, AT, WABA, {"code": code})

    await world.hear(error(131000, "address of paris"), error(131048, "a number that nobody sends over"))
    assert await world.states(over, beside) == [GOES_ON] * 2
    await world.hear(error(131048, "address of paris"))
    assert await world.states(over, beside) == [("paused", "account"), GOES_ON]
    await world.hear(error(190, "address of paris"))

    assert await world.states(over, beside) == [("paused", "account"), ("paused", "token")]
    assert (await PostgresReports(world.pool).facts(beside)).code == 190


async def test_a_drop_after_the_templates_pause_says_more(world: World) -> None:
    run = await world.sends()
    await world.message(run, "accepted", message_id="m1", delivery="held", was_held=True)
    await world.hear(template())
    assert await world.run_state(run) == ("paused", "template")

    await world.hear(StatusFact("m1", "failed", AT, 132015))

    assert await world.run_state(run) == ("paused", "dropped")
    assert (await PostgresReports(world.pool).facts(run)).because is None


async def test_why_a_run_is_paused_is_kept_and_told_while_it_is(world: World) -> None:
    run = await world.sends()

    await world.hear(template(detail={"other_info": {"title": "SECOND_PAUSE"}}))

    words = "WhatsApp paused the template sale (fr): SECOND_PAUSE"
    (detail,) = await world.pause_details()
    assert detail == {
        "reason": "template",
        "field": STATUS,
        "event": "PAUSED",
        "subject": "sale",
        "said_at": AT.isoformat(),
        "because": words,
        "remedy": detail["remedy"],
    }
    reports = PostgresReports(world.pool)
    assert (await reports.facts(run)).because == Because(words, AT, detail["remedy"])
    await world.resume(run)
    assert (await reports.facts(run)).because is None


async def test_a_body_as_meta_sends_it_goes_all_the_way(world: World) -> None:
    run = await world.sends(language="en_US")
    value = {"event": "PAUSED", "message_template_name": "sale", "message_template_language": "en-US", "odd": ["a\0b"]}
    entry = {"id": WABA, "time": 1790000000, "changes": [{"field": STATUS, "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()

    await world.hear(*parse_webhook(body).items)

    assert await world.run_state(run) == ("paused", "template")
    kept = await world.pool.fetchrow("SELECT subject, language, account, said_at, detail FROM account_event")
    assert tuple(kept)[:4] == ("sale", "en_US", WABA, datetime.fromtimestamp(1790000000, UTC))
    assert kept["detail"]["odd"] == ["a�b"]


async def test_two_who_hear_the_same_do_it_once_and_wait_for_nobody_in_a_circle(world: World) -> None:
    runs = [await world.sends() for _ in range(4)]
    news: Sequence[AccountEvent] = [template(at=AT + timedelta(minutes=minute)) for minute in range(20)]

    await asyncio.gather(*[world.listener().apply(news if turn % 2 else news[::-1]) for turn in range(8)])

    assert await world.states(*runs) == [("paused", "template")] * 4
    assert len(await world.pause_details()) == 4
    assert len(await world.kept()) == 20
