"""The portfolio limit on a real ledger: who pays, who gets it back, and what no two shards can do to it together."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.plans import PostgresPlanWriting
from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.reports import PostgresReports
from campaign.domain.outcome import Settlement
from campaign.domain.portfolio import Limit, counts_for
from campaign.domain.receipt import AccountEvent
from campaign.ports import Asked
from campaign.receipts import Ours, Receipts
from campaign.report import summed
from tests.integration.rows import SHARD, Rows, somebody_waits

ADA = b"ada"


class Limited(Rows):
    """A ledger whose portfolio has a limit."""

    async def limit(self, people: int | None, span: timedelta = timedelta(hours=24)) -> None:
        await PostgresPortfolios(self.pool).keep("main", Limit(people, span, "settings"))

    async def people(self, run: int, count: int, **more: Any) -> list[int]:
        return await self.messages(run, count, **more)

    async def counted(self) -> int:
        return await self._number(
            """SELECT count(DISTINCT c.person)::int FROM content_claim AS c, portfolio AS p
                WHERE p.portfolio = 'main' AND c.counted_at > now() - p.counts_for"""
        )

    async def leased(self) -> int:
        return await self._number("SELECT sum(allowance)::int FROM shard")

    async def age(self, by: str) -> None:
        """Let so much time pass since everybody was counted."""
        await self.pool.execute("UPDATE content_claim SET counted_at = counted_at - $1::text::interval", by)

    async def anew(self) -> None:
        """Ask as a process that does not know of full portfolios yet."""
        self.ledger = PostgresLedger(self.pool, process=self.process)


@pytest.fixture
async def rows(pool: asyncpg.Pool) -> Limited:
    started = Limited(pool)
    await started.start()
    return started


async def test_no_more_people_are_marked_than_the_limit_allows_and_the_rest_stays_pending(rows: Limited) -> None:
    await rows.limit(3)
    run = await rows.run()
    numbers = await rows.people(run, 5)

    verdicts = await rows.mark(run, *numbers)

    assert sorted(verdicts) == ["limited", "limited", "marked", "marked", "marked"]
    assert sorted(await rows.states(run)) == ["in_flight"] * 3 + ["pending"] * 2
    assert (await rows.counted(), await rows.leased()) == (3, 0)


async def test_a_limited_message_claims_no_content(rows: Limited) -> None:
    await rows.limit(1)
    run = await rows.run()

    await rows.mark(run, *await rows.people(run, 3))

    assert len(await rows.claims()) == 1


async def test_people_who_fell_out_of_the_window_make_room(rows: Limited) -> None:
    await rows.limit(2, timedelta(hours=1))
    run = await rows.run()
    numbers = await rows.people(run, 4)
    await rows.mark(run, *numbers[:2])
    await rows.age("60 min")
    # WhatsApp may have taken them a minute after the mark.
    await rows.anew()
    assert await rows.mark(run, *numbers[2:]) == ["limited", "limited"]

    await rows.age("65 s")
    await rows.anew()

    assert await rows.mark(run, *numbers[2:]) == ["marked", "marked"]


async def test_whoever_counts_already_costs_nothing_and_counts_for_longer(rows: Limited) -> None:
    await rows.limit(1)
    first, second = await rows.run(), await rows.run()
    one, other = await rows.message(first, person=ADA), await rows.message(second, person=ADA)
    await rows.mark(first, one)
    # It might yet be refused, and give the place back.
    assert await rows.mark(second, other) == ["limited"]
    await rows.record(first, one, Settlement("accepted", message_id="wamid.1"))
    await rows.age("23 h")

    assert await rows.mark(second, other) == ["marked"]

    await rows.age("2 h")
    assert await rows.counted() == 1


async def test_whoever_is_about_to_fall_out_pays_again(rows: Limited) -> None:
    """A lease elsewhere may be giving their place away in this very moment."""
    await rows.limit(1, timedelta(hours=1))
    first, second = await rows.run(), await rows.run()
    one, other = await rows.message(first, person=ADA), await rows.message(second, person=ADA)
    await rows.mark(first, one)
    await rows.record(first, one, Settlement("accepted", message_id="wamid.1"))
    await rows.age("3605 s")

    assert await rows.mark(second, other) == ["limited"]


async def test_who_was_paid_for_twice_comes_back_when_all_are_counted_anew(rows: Limited) -> None:
    await rows.limit(4)
    for _ in range(4):
        run = await rows.run()
        row = await rows.message(run, person=ADA)
        await rows.mark(run, row)
        await rows.record(run, row, Settlement("accepted", message_id=f"wamid.{row}"))
    run = await rows.run()

    assert sorted(await rows.mark(run, *await rows.people(run, 5))) == ["limited", "limited"] + ["marked"] * 3
    assert await rows.counted() == 4


async def test_a_run_that_claims_no_content_counts_too_and_gives_back(rows: Limited) -> None:
    await rows.limit(1)
    run = await rows.run(duplicate_window=None)
    row, next_one = await rows.people(run, 2)

    assert await rows.mark(run, row, next_one) in (["marked", "limited"], ["limited", "marked"])
    marked, other = (row, next_one) if await rows.state(run, row) == "in_flight" else (next_one, row)
    await rows.record(run, marked, Settlement("rejected", code=131026))

    assert await rows.counted() == 0
    await rows.anew()
    assert await rows.mark(run, other) == ["marked"]


async def test_what_keeps_its_claim_may_go_again_though_nothing_is_left(rows: Limited) -> None:
    """Content repeated by a later run of its campaign stays claimed when it comes back, and so does its place."""
    await rows.limit(1)
    first, second = await rows.run(campaign="weekly", key="1"), await rows.run(campaign="weekly", key="2")
    one = await rows.message(first, person=ADA, content=b"hello")
    other = await rows.message(second, person=ADA, content=b"hello")
    await rows.mark(first, one)
    await rows.record(first, one, Settlement("accepted", message_id="wamid.1"))
    await rows.mark(second, other)
    await rows.record(second, other, Settlement("pending", why="no connection"))

    assert await rows.mark(second, other, attempt=1) == ["marked"]


async def test_an_open_customer_service_window_of_the_same_number_costs_nothing(rows: Limited) -> None:
    await rows.limit(1)
    run = await rows.run()
    answers, elsewhere, closing, new = await rows.people(run, 4)
    await rows.open_window(answers, "address of paris", "1 h")
    await rows.open_window(elsewhere, "address of lyon", "1 h")
    # It may be over when WhatsApp takes the message.
    await rows.open_window(closing, "address of paris", "30 s")
    await rows.mark(run, new)

    assert await rows.mark(run, answers, elsewhere, closing) == ["marked", "limited", "limited"]
    assert await rows.counted() == 1


async def test_who_is_left_out_costs_nothing(rows: Limited) -> None:
    await rows.limit(1)
    run = await rows.run()
    suppressed, wanted = await rows.people(run, 2)
    await rows.suppress(suppressed)

    assert await rows.mark(run, suppressed, wanted) == ["skipped", "marked"]


async def test_content_that_somebody_has_already_costs_nothing(rows: Limited) -> None:
    await rows.limit(2)
    first, second = await rows.run(), await rows.run()
    one = await rows.message(first, person=ADA, content=b"hello")
    other = await rows.message(second, person=ADA, content=b"hello")
    await rows.mark(first, one)
    await rows.age("25 h")

    assert await rows.mark(second, other) == ["skipped"]
    assert (await rows.counted(), await rows.leased()) == (0, 2 - 1)


async def test_two_messages_to_one_person_in_one_mark_cost_one(rows: Limited) -> None:
    await rows.limit(1)
    first, second = await rows.run(), await rows.run()
    one, other = await rows.message(first, person=ADA), await rows.message(second, person=ADA)
    asked = [Asked(first, one, 0), Asked(second, other, 0)]

    assert list(await rows.ledger.mark(SHARD, rows.epoch, asked)) == ["marked", "marked"]

    await rows.record(first, one, Settlement("rejected", code=131026))
    assert await rows.counted() == 1


@pytest.mark.parametrize(
    ("settlement", "counted"),
    [
        (Settlement("rejected", code=131026), 0),
        (Settlement("pending", why="no connection"), 0),
        (Settlement("pending", code=130429, wait_seconds=1.0), 0),
        (Settlement("unknown", why="timeout"), 1),
        (Settlement("accepted", message_id="wamid.1"), 1),
        (Settlement("accepted", message_id="wamid.1", held=True), 1),
    ],
    ids=lambda value: str(value.state) if isinstance(value, Settlement) else str(value),
)
async def test_only_what_whatsapp_surely_did_not_take_gives_its_place_back(
    rows: Limited, settlement: Settlement, counted: int
) -> None:
    await rows.limit(1)
    run = await rows.run()
    row, next_one = await rows.people(run, 2)
    await rows.mark(run, row)

    await rows.record(run, row, settlement)

    assert await rows.counted() == counted
    await rows.anew()
    assert await rows.mark(run, next_one) == [["marked"], ["limited"]][counted]


async def test_an_unknown_that_a_late_answer_proves_refused_gives_its_place_back(rows: Limited) -> None:
    await rows.limit(1)
    run = await rows.run()
    row = await rows.message(run)
    await rows.mark(run, row)
    await rows.record(run, row, Settlement("unknown", why="timeout"))

    await rows.record(run, row, Settlement("rejected", code=131026))

    assert await rows.counted() == 0


async def test_a_refusal_takes_nobody_out_whom_an_earlier_message_counts(rows: Limited) -> None:
    await rows.limit(1)
    first, second = await rows.run(), await rows.run()
    one, other = await rows.message(first, person=ADA), await rows.message(second, person=ADA)
    await rows.mark(first, one)
    await rows.record(first, one, Settlement("accepted", message_id="wamid.1"))
    await rows.mark(second, other)

    await rows.record(second, other, Settlement("rejected", code=131026))

    assert await rows.counted() == 1


async def test_a_refusal_leaves_what_an_earlier_run_of_the_campaign_counts_for_the_same_content(rows: Limited) -> None:
    """Its claim passed to the later run, whose refusal must not take the earlier person out with it."""
    await rows.limit(1)
    first = await rows.run(campaign="weekly", key="1", duplicate_window="0 s")
    second = await rows.run(campaign="weekly", key="2", duplicate_window="0 s")
    one = await rows.message(first, person=ADA, content=b"hello")
    other = await rows.message(second, person=ADA, content=b"hello")
    await rows.mark(first, one)
    await rows.record(first, one, Settlement("accepted", message_id="wamid.1"))
    assert await rows.mark(second, other) == ["marked"]

    await rows.record(second, other, Settlement("rejected", code=131026))

    assert await rows.counted() == 1


async def test_what_comes_back_in_a_cancelled_run_gives_its_place_back(rows: Limited) -> None:
    await rows.limit(1)
    run = await rows.run()
    row = await rows.message(run)
    await rows.mark(run, row)
    await rows.pool.execute("UPDATE run SET state = 'cancelled' WHERE id = $1", run)

    await rows.record(run, row, Settlement("pending", why="no connection"))

    assert (await rows.state(run, row), await rows.counted()) == ("cancelled", 0)


async def test_without_a_limit_nobody_is_counted_and_the_shard_is_not_written(rows: Limited) -> None:
    await rows.limit(None)
    run = await rows.run()
    row = await rows.message(run)
    before = await rows.pool.fetchval("SELECT xmin::text FROM shard WHERE id = $1", SHARD)

    assert await rows.mark(run, row) == ["marked"]
    await rows.record(run, row, Settlement("rejected", code=131026))

    assert await rows.pool.fetchval("SELECT xmin::text FROM shard WHERE id = $1", SHARD) == before
    assert await rows.counted() == 0
    # Two marks of one shard do not wait for each other either.
    async with rows.pool.acquire() as other, other.transaction():
        await other.execute("SELECT FROM shard FOR SHARE")
        async with asyncio.timeout(10):
            assert await rows.mark(run, await rows.message(run)) == ["marked"]


async def test_a_shard_leases_a_hundredth_of_the_limit_at_a_time(rows: Limited) -> None:
    await rows.limit(2000)
    run = await rows.run()

    await rows.mark(run, await rows.message(run))

    assert (await rows.counted(), await rows.leased()) == (1, 19)


async def test_what_lies_idle_on_lease_goes_back_and_the_shard_goes_on_with_a_new_lease(rows: Limited) -> None:
    await rows.limit(2000)
    portfolios = PostgresPortfolios(rows.pool)
    run = await rows.run()
    await rows.mark(run, await rows.message(run))
    await portfolios.return_idle(after_seconds=60)
    assert await rows.leased() == 19

    await portfolios.return_idle(after_seconds=0)

    assert await rows.leased() == 0
    assert await rows.mark(run, await rows.message(run)) == ["marked"]
    assert (await rows.counted(), await rows.leased()) == (2, 19)


async def test_a_lease_survives_its_shards_owner_and_is_nobody_elses_meanwhile(rows: Limited) -> None:
    await rows.limit(3)
    taken = await rows.ledger.take("lyon", ceiling=80.0)
    assert taken is not None
    run, other = await rows.run(), await rows.run(shards=["lyon"])
    await rows.pool.execute("UPDATE shard SET allowance = 2, allowance_of = 'main' WHERE id = $1", SHARD)
    await rows.pool.execute("UPDATE portfolio SET used = 2")
    theirs = await rows.people(other, 3, shard="lyon")

    verdicts = await rows.ledger.mark("lyon", taken.epoch, [Asked(other, row, 0) for row in theirs])

    assert sorted(verdicts) == ["limited", "limited", "marked"]
    again = await rows.ledger.take(SHARD, ceiling=80.0)
    assert again is not None
    mine = [Asked(run, row, 0) for row in await rows.people(run, 3)]
    assert sorted(await rows.ledger.mark(SHARD, again.epoch, mine)) == ["limited", "marked", "marked"]


async def test_two_shards_that_write_to_the_same_new_people_at_once_never_exceed_the_limit_nor_wait_in_a_circle(
    rows: Limited,
) -> None:
    taken = await rows.ledger.take("lyon", ceiling=80.0)
    assert taken is not None
    await rows.limit(12)
    for _ in range(30):
        first, second = await rows.run(), await rows.run(shards=["lyon"])
        names = [b"%d" % number for number in range(9)]
        mine = [Asked(first, await rows.message(first, person=name), 0) for name in names]
        theirs = [Asked(second, await rows.message(second, person=name, shard="lyon"), 0) for name in reversed(names)]
        one, other = await asyncio.gather(
            rows.ledger.mark(SHARD, rows.epoch, mine), rows.ledger.mark("lyon", taken.epoch, theirs)
        )

        assert {*one, *other} <= {"marked", "limited"}
        assert await rows.counted() + await rows.leased() <= 12
        await rows.pool.execute("DELETE FROM content_claim")
        await rows.pool.execute("UPDATE shard SET allowance = 0")
        await rows.anew()

    assert await rows.pool.fetchval("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0


async def test_refusals_and_marks_of_the_same_people_at_once_never_exceed_the_limit(rows: Limited) -> None:
    """What a refusal gives back somebody else may lease at once; whoever relied on it must have paid or kept it."""
    taken = await rows.ledger.take("lyon", ceiling=80.0)
    assert taken is not None
    await rows.limit(6)
    for _ in range(30):
        first, second = await rows.run(), await rows.run(shards=["lyon"])
        names = [b"%d" % number for number in range(4)]
        mine = [await rows.message(first, person=name) for name in names]
        theirs = [Asked(second, await rows.message(second, person=name, shard="lyon"), 0) for name in names]
        new = [Asked(first, row, 0) for row in await rows.people(first, 6)]
        assert await rows.mark(first, *mine) == ["marked"] * 4

        await asyncio.gather(
            *(rows.record(first, row, Settlement("rejected", code=131026)) for row in mine),
            rows.ledger.mark("lyon", taken.epoch, theirs),
            rows.ledger.mark(SHARD, rows.epoch, new),
        )

        assert await rows.counted() + await rows.leased() <= 6
        sent_to = await rows.pool.fetchval("SELECT count(DISTINCT person) FROM message WHERE state = 'in_flight'")
        assert sent_to <= 6
        await rows.pool.execute("UPDATE message SET state = 'unknown' WHERE state = 'in_flight'")
        await rows.pool.execute("DELETE FROM content_claim")
        await rows.pool.execute("UPDATE shard SET allowance = 0")
        await rows.anew()


async def test_thirty_two_shards_together_use_the_whole_limit_and_no_more(rows: Limited) -> None:
    await rows.limit(500)
    shards = {f"shard-{number:02}": "one number" for number in range(32)}
    await rows.ledger.introduce_shards(shards)
    run = await rows.run(shards=list(shards))

    async def send(shard: str) -> int:
        taken = await rows.ledger.take(shard, ceiling=80.0)
        assert taken is not None
        asked = [Asked(run, row, 0) for row in await rows.people(run, 20, shard=shard)]
        verdicts = [
            verdict
            for start in range(0, len(asked), 7)
            for verdict in await rows.ledger.mark(shard, taken.epoch, asked[start : start + 7])
        ]
        return verdicts.count("marked")

    marked = sum(await asyncio.gather(*(send(shard) for shard in shards)))

    assert marked + await rows.leased() == 500 == await rows.counted() + await rows.leased()
    assert marked >= 500 - 32 * 7


async def test_a_limit_lowered_while_shards_have_leases_holds_at_once(rows: Limited) -> None:
    await rows.limit(2000)
    run = await rows.run()
    numbers = await rows.people(run, 5)
    await rows.mark(run, *numbers[:3])

    await rows.limit(4)

    assert sorted(await rows.mark(run, *numbers[3:])) == ["limited", "marked"]
    await rows.limit(None)
    await rows.anew()
    assert set(await rows.mark(run, *await rows.people(run, 9))) == {"marked"}


async def test_who_was_written_to_without_a_limit_counts_when_there_is_one(rows: Limited) -> None:
    await rows.limit(None)
    run = await rows.run()
    await rows.mark(run, *await rows.people(run, 3))

    await rows.limit(4)

    assert sorted(await rows.mark(run, *await rows.people(run, 3))) == ["limited", "limited", "marked"]


async def test_a_mark_fenced_in_the_middle_of_a_lease_leases_nothing(rows: Limited) -> None:
    await rows.limit(2000)
    run = await rows.run()
    row = await rows.message(run)
    await rows.pool.execute("UPDATE shard SET epoch = epoch + 1 WHERE id = $1", SHARD)

    assert await rows.mark(run, row) == ["fenced"]
    assert await rows.leased() == 0


async def test_who_waits_is_told_for_how_long_and_asks_no_more_than_once_a_second(rows: Limited) -> None:
    await rows.limit(1, timedelta(hours=1))
    run = await rows.run()
    one, other = await rows.people(run, 2)
    await rows.mark(run, one)
    assert rows.ledger.rest(run) == 0

    assert await rows.mark(run, other) == ["limited"]

    assert 4 < rows.ledger.rest(run) <= 5
    usage = await PostgresPortfolios(rows.pool).usage("main")
    assert usage is not None
    assert (usage.limit.people, usage.counted) == (1, 1)
    assert usage.full_until is not None
    await rows.age("3664 s")
    await rows.anew()
    await rows.mark(run, other)
    assert 0.5 < rows.ledger.rest(run) <= 1


async def test_two_portfolios_over_one_shard_do_not_pay_for_each_other(rows: Limited) -> None:
    await rows.limit(1)
    await PostgresPortfolios(rows.pool).keep("other", Limit(1, source="settings"))
    first, second = await rows.run(), await rows.run(portfolio="other")
    asked = [Asked(first, row, 0) for row in await rows.people(first, 2)]
    asked += [Asked(second, row, 0) for row in await rows.people(second, 2)]

    verdicts = list(await rows.ledger.mark(SHARD, rows.epoch, asked))

    assert sorted(verdicts[:2]) == sorted(verdicts[2:]) == ["limited", "marked"]


# What WhatsApp says of it.


def capability(limit: object, *, field: str = "business_capability_update", account: str = "102") -> AccountEvent:
    detail = {"max_daily_conversations_per_business": limit}
    return AccountEvent(field, "LIMITS", account=account, at=datetime(2026, 11, 20, tzinfo=UTC), detail=detail)


def listener(rows: Rows) -> Receipts:
    ours = Ours("102", "main", window=timedelta(hours=1))
    return Receipts(PostgresFeedback(rows.pool), installation="0123abcd", key=b"k" * 32, ours=ours)


@pytest.mark.parametrize(
    ("said", "people"), [("TIER_2K", 2000), (10000, 10000), ("TIER_UNLIMITED", None), (-1, None), ("TIER_NOT_SET", 250)]
)
async def test_a_webhook_changes_the_limit(rows: Limited, said: object, people: int | None) -> None:
    portfolios = PostgresPortfolios(rows.pool)
    await portfolios.keep("main", Limit(250, timedelta(hours=1), "default"))

    await listener(rows).apply([capability(said)])

    usage = await portfolios.usage("main")
    assert usage is not None
    assert usage.limit == Limit(people, timedelta(hours=1), "default" if said == "TIER_NOT_SET" else "whatsapp")


async def test_a_raised_limit_lets_those_go_on_who_wait(rows: Limited) -> None:
    await PostgresPortfolios(rows.pool).keep("main", Limit(1, timedelta(hours=1), "whatsapp"))
    run = await rows.run()
    one, other = await rows.people(run, 2)
    await rows.mark(run, one)
    assert await rows.mark(run, other) == ["limited"]

    await listener(rows).apply([capability(2000)])

    await rows.anew()
    assert await rows.mark(run, other) == ["marked"]


async def test_what_the_settings_say_outweighs_webhooks_and_news_of_another_account_change_nothing(
    rows: Limited,
) -> None:
    portfolios = PostgresPortfolios(rows.pool)
    await rows.limit(2000)
    await listener(rows).apply([capability("TIER_UNLIMITED")])
    assert (await portfolios.usage("main")) == (Limit(2000, source="settings"), 0, None)

    await portfolios.keep("main", Limit(250, source="whatsapp"))
    await listener(rows).apply([capability("TIER_UNLIMITED", account="999")])

    assert (await portfolios.usage("main")) == (Limit(250, source="whatsapp"), 0, None)


async def test_a_webhook_that_ends_unlimited_sending_counts_whom_it_reached(rows: Limited) -> None:
    await PostgresPortfolios(rows.pool).keep("main", Limit(None, timedelta(hours=1), "whatsapp"))
    run = await rows.run()
    await rows.mark(run, *await rows.people(run, 3))

    await listener(rows).apply([capability(3)])

    assert await rows.mark(run, await rows.message(run)) == ["limited"]


# What is told of it.


async def test_a_running_run_says_that_it_waits_for_the_limit_and_until_when(rows: Limited) -> None:
    await rows.limit(1, timedelta(hours=1))
    run = await rows.run()
    one, other = await rows.people(run, 2)
    await rows.mark(run, one)
    await rows.record(run, one, Settlement("accepted", message_id="wamid.1"))
    reports = PostgresReports(rows.pool)
    assert summed(await reports.facts(run)).reason is None

    await rows.mark(run, other)

    report = summed(await reports.facts(run))
    assert (report.state, report.reason) == ("running", "limit")
    assert report.limited is not None
    assert report.limited[:2] == (1, 3600.0)
    assert report.waits_until == report.limited.until
    ends_in = (report.limited.until - datetime.now(UTC)).total_seconds()
    assert 3600 < ends_in <= 3600 + 65
    assert report.as_json()["waits_until"] == report.limited.until.isoformat()


async def test_a_plan_counts_only_people_who_are_new_to_the_window(rows: Limited) -> None:
    await rows.limit(10)
    run = await rows.run()
    numbers = await rows.people(run, 5)
    await rows.mark(run, *numbers[:2])
    other = await rows.run()
    await rows.message(other, person=f"person {numbers[0]}".encode())
    answers = await rows.message(other)
    await rows.open_window(answers, "address of paris", "1 h")
    await rows.people(other, 2)

    async with rows.pool.acquire() as connection:
        writing = PostgresPlanWriting(connection, run=other, process=rows.process)
        assert await writing.new_people(counts_for(timedelta(hours=24))) == 2
    ((at, people),) = await PostgresPortfolios(rows.pool).counted_when("main", counts_for(timedelta(hours=24)))
    assert people == 2
    assert abs((at - datetime.now(UTC)).total_seconds()) < 24 * 3600 / 50


@pytest.mark.parametrize("span", [timedelta(seconds=5), timedelta(seconds=60), timedelta(hours=1), timedelta(days=1)])
async def test_the_ledger_and_the_forecast_count_people_for_equally_long(rows: Limited, span: timedelta) -> None:
    await rows.limit(1, span)

    assert await rows.pool.fetchval("SELECT counts_for FROM portfolio") == counts_for(span)


async def test_a_limit_that_begins_while_somebody_sends_lets_nobody_lease_before_all_are_counted(rows: Limited) -> None:
    """Whoever keeps it may die, or be slow, before it has counted whom the portfolio wrote to without one."""
    run = await rows.run()
    assert set(await rows.mark(run, *await rows.people(run, 5))) == {"marked"}
    statement = load_queries("portfolios")["set_limit"]
    await rows.pool.execute(statement, "main", 6, timedelta(hours=24), "settings", False)

    assert sorted(await rows.mark(run, *await rows.people(run, 3))) == ["limited", "limited", "marked"]


async def test_a_mark_that_saw_no_limit_and_is_committed_after_it_counts(rows: Limited) -> None:
    run = await rows.run()
    async with rows.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM shard WHERE id = $1 FOR NO KEY UPDATE", SHARD)
        limiting = asyncio.create_task(rows.limit(6))
        await somebody_waits(rows.pool)
        marking = asyncio.create_task(rows.mark(run, *await rows.people(run, 4)))
        await somebody_waits(rows.pool, sessions=2)
        await transaction.commit()
    await limiting

    assert await marking == ["marked"] * 4
    assert sorted(await rows.mark(run, *await rows.people(run, 3))) == ["limited", "marked", "marked"]


async def test_a_lease_just_granted_is_taken_back_with_the_limit_it_was_granted_under(rows: Limited) -> None:
    await rows.limit(2000)
    run = await rows.run()
    await rows.mark(run, *await rows.people(run, 1))
    await PostgresPortfolios(rows.pool).return_idle(after_seconds=0)
    await rows.pool.execute("UPDATE shard SET allowance_of = NULL")
    async with rows.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        assert await other.fetchval(load_queries("portfolios")["lease"], SHARD, rows.epoch, "main", 1, False)
        lowering = asyncio.create_task(rows.limit(1))
        await somebody_waits(rows.pool)
        await transaction.commit()
    await lowering

    assert await rows.leased() == 0


async def test_a_longer_window_counts_whom_the_shorter_one_had_forgotten(rows: Limited) -> None:
    await rows.limit(3, timedelta(seconds=60))
    run = await rows.run()
    await rows.mark(run, *await rows.people(run, 2))
    await rows.age("5 min")
    await rows.pool.execute("UPDATE message SET marked_at = marked_at - interval '5 min'")
    await rows.anew()

    await rows.limit(3, timedelta(hours=1))

    assert sorted(await rows.mark(run, *await rows.people(run, 2))) == ["limited", "marked"]


async def test_a_mark_that_waited_for_a_lease_of_its_own_shard_pays_from_it(rows: Limited) -> None:
    await rows.limit(2000)
    run = await rows.run()
    numbers = await rows.people(run, 3)
    async with rows.pool.acquire() as other:
        transaction = other.transaction()
        await transaction.start()
        await other.execute(load_queries("portfolios")["lease"], SHARD, rows.epoch, "main", 20, False)
        marking = asyncio.create_task(rows.mark(run, *numbers))
        await somebody_waits(rows.pool)
        await transaction.commit()

    assert await marking == ["marked"] * 3
    assert (await rows.counted(), await rows.leased()) == (3, 17)
