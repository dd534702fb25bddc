"""What people write and choose, on a real ledger: whom it suppresses, what it leaves out, and what it does twice."""

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.domain.answers import Action, listed
from campaign.domain.numbers import person
from campaign.domain.opt_out import opt_out_of, unwanted_by
from campaign.domain.outcome import Settlement
from campaign.domain.receipt import Heard, Inbound, Item, Preference, StatusFact
from campaign.receipts import Findings, Receipts
from tests.integration.rows import Rows, somebody_waits

KEY = b"k" * 32
ANA, BOB = "+33612345678", "+33612345679"
NOW = datetime.now(UTC).replace(microsecond=0)
_IDS = itertools.count(1)


class Ears(Rows):
    """A ledger that hears back."""

    receipts: Receipts

    async def hear(self, *items: Item, webhook: int | None = None) -> Findings:
        feedback = PostgresFeedback(self.pool)
        findings = await feedback.together(lambda batch: self.receipts.take(batch, [Heard(webhook, items)]))
        await self.receipts.finish(findings)
        return findings

    async def waiting(self, run: int, number: str = ANA, **more: Any) -> int:
        return await self.message(run, person=person(number, KEY), **more)

    async def suppressions(self) -> list[tuple[str, str, str]]:
        found = await self.pool.fetch("SELECT source, scope, reason FROM suppression ORDER BY 1, 2, 3")
        return [tuple(each) for each in found]

    async def suppress_as(self, source: str, scope: str) -> None:
        await self.pool.execute(
            "INSERT INTO suppression (person, scope, source, reason) VALUES ($1, $2, $3, 'x')",
            person(ANA, KEY),
            scope,
            source,
        )

    async def allow(self) -> None:
        await self.pool.execute("DELETE FROM suppression WHERE source <> 'erased'")

    async def count(self, table: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {table}"))


def receipts_of(pool: asyncpg.Pool, **more: Any) -> Receipts:
    more.setdefault("unwanted", unwanted_by(listed("cloud")))
    return Receipts(PostgresFeedback(pool), installation="0123abcd", key=KEY, **more)


@pytest.fixture
async def ears(pool: asyncpg.Pool) -> Ears:
    ears = Ears(pool)
    await ears.start()
    ears.receipts = receipts_of(pool)
    return ears


def wrote(said: str, number: str | None = ANA, **more: Any) -> Inbound:
    message_id = f"wamid.in{next(_IDS)}"
    content = {"type": "text", "text": {"body": said}}
    return Inbound(message_id, "106", number, NOW, said=(said,), content=content)._replace(**more)


def failed(message_id: str, code: int) -> StatusFact:
    return StatusFact(message_id, "failed", NOW, code=code)


# Stop words


async def test_a_stop_word_leaves_its_person_out_of_marketing_and_of_nothing_else(ears: Ears) -> None:
    marketing, utility = await ears.run(), await ears.run(definition={"category": "utility"})
    row, other, wanted = (
        await ears.waiting(marketing),
        await ears.waiting(marketing, BOB),
        await ears.waiting(utility),
    )

    findings = await ears.hear(wrote("Stop!"))

    assert await ears.suppressions() == [("stop_word", "marketing", "stop")]
    found = await ears.at(marketing, row)
    assert (found["state"], found["reason"]) == ("skipped", "suppressed")
    assert await ears.state(marketing, other) == "pending"
    assert await ears.mark(utility, wanted) == ["marked"]
    assert (len(findings.unwanted), findings.left_out, findings.sources) == (1, 1, {"stop_word": 1})


async def test_the_settings_may_end_everything(ears: Ears) -> None:
    ears.receipts = receipts_of(ears.pool, opt_outs=opt_out_of({"en": ["enough"]}, scope="all"))
    utility = await ears.run(definition={"category": "utility"})
    row = await ears.waiting(utility)

    await ears.hear(wrote("stop"), wrote("Enough"))

    assert await ears.suppressions() == [("stop_word", "all", "enough")]
    assert await ears.state(utility, row) == "skipped"


async def test_a_stop_word_opens_the_window_all_the_same(ears: Ears) -> None:
    await ears.hear(wrote("stop"))

    assert await ears.count("customer_window") == 1


async def test_other_words_suppress_nobody(ears: Ears) -> None:
    run = await ears.run()
    row = await ears.waiting(run)

    await ears.hear(wrote("please stop by tomorrow"), wrote("no"))

    assert await ears.suppressions() == []
    assert await ears.state(run, row) == "pending"


async def test_a_button_that_answers_a_run_is_told_in_its_history(ears: Ears) -> None:
    run, elsewhere = await ears.run(), await ears.run()
    for number, message_id in ((ANA, "wamid.1"), (BOB, "wamid.2")):
        await ears.waiting(run, number, state="accepted", message_id=message_id)
    await ears.waiting(elsewhere, state="accepted", message_id="wamid.3")

    for number, answers in ((ANA, "wamid.1"), (BOB, "wamid.2"), (BOB, "wamid.3")):
        await ears.hear(wrote("Stop promotions", number, kind="button", answers=answers))

    told = await ears.pool.fetch("SELECT run, detail FROM event WHERE name = 'people.opted_out' ORDER BY id")
    assert [tuple(each) for each in told] == [(run, {"people": 1}), (run, {"people": 1})]


async def test_somebody_without_a_number_is_known_by_the_message_they_answer(ears: Ears) -> None:
    run, later = await ears.run(), await ears.run()
    await ears.waiting(run, state="accepted", message_id="wamid.1")
    row = await ears.waiting(later)

    await ears.hear(wrote("stop", None, answers="wamid.1"))

    assert await ears.suppressions() == [("stop_word", "marketing", "stop")]
    assert await ears.state(later, row) == "skipped"
    assert await ears.count("customer_window") == 0


async def test_a_stop_from_nobody_knows_whom_is_kept_and_suppresses_nobody(ears: Ears) -> None:
    findings = await ears.hear(wrote("stop", None, answers="wamid.nobody's"), wrote("stop", None))

    assert await ears.suppressions() == []
    assert await ears.pool.fetchval("SELECT count(*) FROM inbound_message WHERE person IS NULL") == 2
    assert not findings.unwanted


async def test_what_an_opt_out_leaves_out_frees_the_content_it_had_claimed(ears: Ears) -> None:
    run = await ears.run()
    row = await ears.waiting(run)
    await ears.mark(run, row)
    await ears.record(run, row, Settlement("pending", code=131056, wait_seconds=60))
    assert await ears.claims() == [(run, row)]

    await ears.hear(wrote("stop"))

    assert await ears.state(run, row) == "skipped"
    assert await ears.claims() == []


# Repeats


async def test_a_message_that_is_repeated_has_no_second_effect(ears: Ears) -> None:
    stop, minute = wrote("stop"), NOW
    await ears.hear(stop, stop)
    await ears.allow()
    run = await ears.run()
    row = await ears.waiting(run)
    counted = await ears.pool.fetchval("SELECT messages FROM inbound_minute")
    await ears.pool.execute("DELETE FROM customer_window")

    findings = await ears.hear(stop, stop._replace(at=minute + timedelta(minutes=1)))

    assert (findings.unwanted, await ears.suppressions()) == (set(), [])
    assert await ears.state(run, row) == "pending"
    assert (counted, await ears.pool.fetchval("SELECT sum(messages) FROM inbound_minute")) == (1, 1)
    assert await ears.count("customer_window") == 0


async def test_what_is_written_is_kept_once_with_the_body_it_came_in(ears: Ears) -> None:
    first, second = wrote("hi"), wrote("a notice", None, content=None, kind="system")

    await ears.hear(first, webhook=17)
    await ears.hear(first, second, webhook=18)

    kept = await ears.pool.fetch("SELECT * FROM inbound_message ORDER BY webhook")
    assert [(each["message_id"], each["webhook"], each["person"], each["address"], each["at"]) for each in kept] == [
        (first.message_id, 17, person(ANA, KEY), "106", NOW),
        (second.message_id, 18, None, "106", NOW),
    ]
    assert [(each["kind"], each["content"]) for each in kept] == [("text", first.content), ("system", None)]


async def test_what_its_author_deleted_is_not_kept_and_counts_all_the_same(ears: Ears) -> None:
    stop = wrote("stop")
    await ears.hear(StatusFact(stop.message_id, "deleted", NOW))

    await ears.hear(stop)

    assert await ears.count("inbound_message") == 0
    assert await ears.suppressions() == [("stop_word", "marketing", "stop")]
    assert await ears.count("customer_window") == 1


# Preferences


def chose(*, stop: bool, seconds: float = 0) -> Preference:
    return Preference(ANA, stop, NOW - timedelta(hours=1) + timedelta(seconds=seconds))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_newest_choice_counts_whatever_order_they_come_in(ears: Ears, order: tuple[int, ...]) -> None:
    choices = [chose(stop=True), chose(stop=False, seconds=10), chose(stop=True, seconds=20)]

    for index in (*order, *order):
        await ears.hear(choices[index])

    assert await ears.suppressions() == [("preference", "marketing", "stopped in WhatsApp")]
    assert tuple(await ears.pool.fetchrow("SELECT stopped, at FROM preference")) == (True, choices[2].at)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("first", [True, False])
async def test_of_two_choices_at_one_time_the_stop_counts(ears: Ears, *, together: bool, first: bool) -> None:
    both = [chose(stop=first), chose(stop=not first)]
    if together:
        await ears.hear(*both)
    else:
        for each in both:
            await ears.hear(each)

    assert [source for source, *_ in await ears.suppressions()] == ["preference"]


SAID = list(itertools.product(("whatsapp", "stop_word", "preference", "command", "import"), ("all", "marketing"), "x"))


async def test_a_resume_takes_back_what_whatsapp_said_of_marketing_and_nothing_else(ears: Ears) -> None:
    for source, scope, _ in SAID:
        await ears.suppress_as(source, scope)

    await ears.hear(chose(stop=False))

    assert set(SAID) - set(await ears.suppressions()) == {
        ("whatsapp", "marketing", "x"),
        ("preference", "marketing", "x"),
    }


async def test_who_asked_to_be_forgotten_is_never_written_to_again_whatever_they_say(ears: Ears) -> None:
    await ears.suppress_as("erased", "all")

    await ears.hear(chose(stop=False), wrote("hello again"))

    assert await ears.suppressions() == [("erased", "all", "x")]
    assert await ears.count("inbound_message") == 0


async def test_a_stop_that_is_repeated_after_a_command_took_it_back_does_nothing(ears: Ears) -> None:
    stop = chose(stop=True)
    await ears.hear(stop)
    await ears.allow()

    assert (await ears.hear(stop)).unwanted == set()
    assert await ears.suppressions() == []


async def test_a_choice_in_a_time_to_come_does_not_outlive_later_ones(ears: Ears) -> None:
    await ears.hear(Preference(ANA, stopped=True, at=datetime(2100, 1, 1, tzinfo=UTC)))
    await ears.pool.execute("UPDATE preference SET at = at - interval '1 minute'")

    await ears.hear(Preference(ANA, stopped=False, at=datetime.now(UTC)))

    assert await ears.suppressions() == []


# Codes of failed messages


async def test_a_failure_that_says_so_suppresses_its_person(ears: Ears) -> None:
    run, later = await ears.run(), await ears.run()
    await ears.waiting(run, state="accepted", message_id="wamid.1")
    await ears.waiting(run, BOB, state="accepted", message_id="wamid.2")
    row, other = await ears.waiting(later), await ears.waiting(later, BOB)

    findings = await ears.hear(failed("wamid.1", 131050), failed("wamid.2", 131049))

    assert await ears.suppressions() == [("whatsapp", "marketing", "131050")]
    assert [await ears.state(later, each) for each in (row, other)] == ["skipped", "pending"]
    assert (findings.left_out, findings.sources) == (1, {"whatsapp": 1})


async def test_the_settings_decide_which_codes_say_so(ears: Ears) -> None:
    answers = {131050: Action.REJECT, 131026: Action.SUPPRESS}
    ears.receipts = receipts_of(ears.pool, unwanted=unwanted_by(listed("cloud", answers)))
    run = await ears.run()
    await ears.waiting(run, state="accepted", message_id="wamid.1")
    await ears.waiting(run, BOB, state="accepted", message_id="wamid.2")

    await ears.hear(failed("wamid.1", 131050), failed("wamid.2", 131026))

    assert await ears.suppressions() == [("whatsapp", "all", "131026")]


async def test_a_failure_that_is_repeated_suppresses_once(ears: Ears) -> None:
    run = await ears.run()
    await ears.waiting(run, state="accepted", message_id="wamid.1")
    await ears.hear(failed("wamid.1", 131050))
    await ears.allow()

    await ears.hear(failed("wamid.1", 131050))

    assert await ears.suppressions() == []


async def test_a_failure_that_came_before_our_own_record_suppresses_when_it_is_matched(ears: Ears) -> None:
    run, later = await ears.run(), await ears.run()
    row, waits = await ears.waiting(run), await ears.waiting(later)
    await ears.mark(run, row)
    await ears.hear(failed("wamid.1", 131050))
    assert await ears.suppressions() == []
    await ears.record(run, row, Settlement("accepted", message_id="wamid.1"))

    assert await ears.receipts.sweep() == 1

    assert await ears.suppressions() == [("whatsapp", "marketing", "131050")]
    assert await ears.state(later, waits) == "skipped"


# Several sources at once


async def test_two_sources_are_one_suppression_for_whoever_sends(ears: Ears) -> None:
    run = await ears.run()
    row = await ears.waiting(run)
    for source, scope, _ in SAID:
        await ears.suppress_as(source, scope)

    assert await ears.mark(run, row) == ["skipped"]


async def test_one_source_that_goes_leaves_the_others(ears: Ears) -> None:
    await ears.hear(wrote("stop"), chose(stop=True))
    await ears.hear(chose(stop=False, seconds=10))
    run = await ears.run()
    row = await ears.waiting(run)

    assert await ears.suppressions() == [("stop_word", "marketing", "stop")]
    assert await ears.mark(run, row) == ["skipped"]


async def test_two_receivers_that_hear_the_same_stop_act_once(ears: Ears) -> None:
    stop = wrote("stop")
    run = await ears.run()
    row = await ears.waiting(run)
    async with ears.pool.acquire() as first:
        transaction = first.transaction()
        await transaction.start()
        await first.execute(
            "INSERT INTO inbound_message (message_id, address, at, kind) VALUES ($1, '106', now(), 'text')",
            stop.message_id,
        )
        second = asyncio.create_task(ears.hear(stop))
        await somebody_waits(ears.pool)
        await transaction.commit()

    assert (await second).unwanted == set()
    assert await ears.state(run, row) == "pending"
