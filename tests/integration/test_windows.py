"""Free-form messages: who wrote, until when they may be answered, and over which number the plan does it."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.domain.numbers import person
from campaign.domain.receipt import Inbound
from campaign.plan import Terms
from campaign.receipts import Receipts
from tests.integration.planning import KEY, NEW, Ledger, Rows, open_ledger, people

BOTH = ("lyon", "paris")
STATES = "SELECT row, state::text, reason, shard FROM message WHERE run = $1 ORDER BY row"
WINDOWS = "SELECT address, until FROM customer_window ORDER BY address"
_IDS = itertools.count(1)


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        shards = PostgresLedger(found.pool, process=found.process)
        await shards.introduce_shards(
            {"paris": "106", "lyon": "107", "shard-01": "on-premises", "shard-02": "on-premises"}
        )
        yield found


def ago(**spans: float) -> datetime:
    return (datetime.now(UTC) - timedelta(**spans)).replace(microsecond=0)


def wrote(row: int, address: str = "106", at: datetime | None = None, **more: Any) -> Inbound:
    """Say that the person of a row of `people` wrote."""
    inbound = Inbound(f"wamid.in{next(_IDS)}", address, people(row + 1)[row][0], at or ago(minutes=5))
    return inbound._replace(**more)


async def hear(ledger: Ledger, *inbound: Inbound) -> None:
    receipts = Receipts(PostgresFeedback(ledger.pool), installation="0123abcd", key=KEY)
    assert (await receipts.apply(inbound)).inbound == len({each.message_id for each in inbound})


async def test_only_those_who_wrote_within_a_day_are_planned_to_get_a_free_form_message(ledger: Ledger) -> None:
    await hear(ledger, wrote(0), wrote(1, at=ago(hours=23, minutes=59)), wrote(2, at=ago(hours=24, seconds=1)))

    run, done = await ledger.plan(*people(4), free_form=True)

    assert (done.planned, done.skipped) == (4, {"window_closed": 2})
    assert await ledger.rows(STATES, run) == [
        (1, "pending", None, "paris"),
        (2, "pending", None, "paris"),
        (3, "skipped", "window_closed", "paris"),
        (4, "skipped", "window_closed", "paris"),
    ]


async def test_a_window_that_has_closed_since_is_closed(ledger: Ledger) -> None:
    await hear(ledger, wrote(0), wrote(1))
    await ledger.do("UPDATE customer_window SET until = now() WHERE person = $1", person(people(1)[0][0], KEY))

    run, _ = await ledger.plan(*people(2), free_form=True)

    assert [state for _, state, *_ in await ledger.rows(STATES, run)] == ["skipped", "pending"]


async def test_a_template_needs_no_window_and_follows_none(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, "107"))

    run, done = await ledger.plan(*people(2), shards=BOTH)

    assert done.skipped == {}
    assert [shard for *_, shard in await ledger.rows(STATES, run)] == ["paris", "paris"]


async def test_the_number_they_wrote_to_answers_and_of_two_the_one_open_longest(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, "107"), wrote(1, "106", at=ago(hours=3)), wrote(1, "107", at=ago(hours=2)))
    await hear(ledger, wrote(2, "106", at=ago(hours=2)), wrote(2, "107", at=ago(hours=3)), wrote(3, "106"))

    run, _ = await ledger.plan(*people(4), free_form=True, shards=BOTH)

    assert [shard for *_, shard in await ledger.rows(STATES, run)] == ["lyon", "lyon", "paris", "paris"]


async def test_a_window_with_a_number_the_run_does_not_use_is_closed(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, "107"), wrote(1, "999"))

    _, done = await ledger.plan(*people(2), free_form=True, shards=("paris",))

    assert done.skipped == {"window_closed": 2}


async def test_on_premises_shards_share_a_window_and_keep_their_people(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, "on-premises"), wrote(1, "on-premises"))
    run = (await ledger.runs.open(replace(NEW, free_form=True, shards=("shard-01", "shard-02")))).id
    shards = {person(number, KEY): f"shard-0{2 - row}" for row, (number, _) in enumerate(people(2))}

    await ledger.fill(run, Rows(*people(2)), terms=Terms(shards.__getitem__))

    assert [shard for *_, shard in await ledger.rows(STATES, run)] == ["shard-02", "shard-01"]


async def test_who_is_suppressed_is_told_as_suppressed_first(ledger: Ledger) -> None:
    await ledger.do(
        "INSERT INTO suppression (person, scope, reason) VALUES ($1, 'all', 'opt_out')", person(people(1)[0][0], KEY)
    )

    _, done = await ledger.plan(*people(1), free_form=True)

    assert done.skipped == {"suppressed": 1}


async def test_a_rehearsed_plan_looks_at_windows_too(ledger: Ledger) -> None:
    await hear(ledger, wrote(1))

    done = await ledger.rehearse(*people(3), free_form=True)

    assert done.skipped == {"window_closed": 2}


async def test_a_window_only_ever_grows(ledger: Ledger) -> None:
    """Webhooks come late, repeated and in any order."""
    late, early = ago(hours=1), ago(hours=5)
    first = wrote(0, at=late)

    await hear(ledger, first, wrote(0, at=early), first)
    await hear(ledger, first)
    await hear(ledger, wrote(0, at=early))

    assert await ledger.rows(WINDOWS) == [("106", late + timedelta(hours=24))]


async def test_a_time_to_come_counts_as_now(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, at=datetime(2100, 1, 1, tzinfo=UTC)))

    ((_, until),) = await ledger.rows(WINDOWS)
    assert abs(until - datetime.now(UTC) - timedelta(hours=24)) < timedelta(minutes=10)


async def test_who_wrote_longer_ago_leaves_no_row(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, at=ago(hours=25)))

    assert await ledger.rows(WINDOWS) == []


async def test_another_spelling_of_a_number_is_the_same_person(ledger: Ledger) -> None:
    """WhatsApp still spells older Brazilian mobiles without their 9."""
    await hear(ledger, Inbound("wamid.br", "106", "+551187654321", ago(minutes=1)))

    _, done = await ledger.plan(("+5511987654321", "Ana"), free_form=True)

    assert done.skipped == {}


MINUTES = "SELECT address, minute, messages FROM inbound_minute ORDER BY address, minute"


async def test_what_a_number_receives_is_counted_by_the_minute(ledger: Ledger) -> None:
    minute = ago(minutes=10).replace(second=0)
    again = wrote(2, at=minute)

    await hear(ledger, wrote(0, at=minute), wrote(1, at=minute + timedelta(seconds=59)), again, again)
    await hear(ledger, wrote(0, "107", at=minute), wrote(0, at=minute + timedelta(minutes=1)))
    await hear(ledger, wrote(3, at=minute, number=None))

    assert await ledger.rows(MINUTES) == [
        ("106", minute, 4),
        ("106", minute + timedelta(minutes=1), 1),
        ("107", minute, 1),
    ]


async def test_what_was_sent_long_ago_is_not_counted(ledger: Ledger) -> None:
    await hear(ledger, wrote(0, at=ago(hours=2)))

    assert await ledger.rows(MINUTES) == []
