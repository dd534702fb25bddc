"""Whom a plan leaves out, as the ledger tells it: in the plan's own transaction, and afterwards."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from campaign.adapters.postgres.exclusions import PostgresExclusions, exclusions_of
from campaign.ports import Excluded, PlanWriting, SentBefore
from tests.integration.planning import NEW, Ledger, Rows, open_ledger, people


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


async def listed(exclusions: PostgresExclusions) -> list[Excluded]:
    return [each async for each in exclusions.rows()]


async def sent(ledger: Ledger, campaign: str, *rows: Any) -> int:
    """Let a run have sent what it was planned to send, as far as later plans can tell."""
    run, _ = await ledger.plan(*rows, campaign=campaign)
    await ledger.do(
        "INSERT INTO content_claim (person, content, campaign, run, row, until) "
        "SELECT person, content, $2, run, row, now() + interval '1 day' FROM message WHERE run = $1",
        run,
        campaign,
    )
    return run


async def suppressed(ledger: Ledger, run: int, row: int) -> None:
    await ledger.do(
        "INSERT INTO suppression (person, scope, reason, source) "
        "SELECT person, 'all', 'they said so', 'stop_word' FROM message WHERE run = $1 AND row = $2",
        run,
        row,
    )


async def test_everybody_who_gets_no_message_is_listed_in_the_order_of_the_audience(ledger: Ledger) -> None:
    a, b, c, d = people(4)
    first = await sent(ledger, "winter", a, b)
    await suppressed(ledger, first, 2)

    run, _ = await ledger.plan(c, ("0612", "Nobody"), b, a, c, d)

    async with exclusions_of(ledger.pool, run) as exclusions:
        found = await listed(exclusions)
    assert [(each.row, each.reason, each.number, each.told) for each in found] == [
        (2, "invalid", "", None),
        (3, "suppressed", b[0], "stop_word"),
        (4, "already_sent", a[0], "winter@once"),
        (5, "duplicate", c[0], None),
    ]
    assert [bool(each.detail) for each in found] == [True, False, False, True]


async def test_a_plan_that_is_rolled_back_can_be_read_before_it_is(ledger: Ledger) -> None:
    (a, b) = people(2)
    seen: list[Excluded] = []

    async def examine(writing: PlanWriting) -> None:
        seen.extend([each async for each in writing.exclusions.rows()])

    opened = await ledger.runs.open(NEW)
    await ledger.fill(opened.id, Rows(a, ("0612", "Nobody"), b, a), examine=examine)

    assert [(each.row, each.reason) for each in seen] == [(2, "invalid"), (4, "duplicate")]


async def test_whoever_was_erased_has_no_number_left(ledger: Ledger) -> None:
    (a, b) = people(2)
    first, _ = await ledger.plan(a, b, campaign="winter")
    await ledger.do(
        "INSERT INTO suppression (person, scope, reason, source) "
        "SELECT person, 'all', 'asked', 'erased' FROM message WHERE run = $1 AND row = 1",
        first,
    )

    run, _ = await ledger.plan(a, b)

    async with exclusions_of(ledger.pool, run) as exclusions:
        assert await listed(exclusions) == [Excluded(1, "suppressed", "", "", "erased")]


async def test_the_runs_that_sent_the_same_before_are_named_the_largest_first(ledger: Ledger) -> None:
    a, b, c, d = people(4)
    await sent(ledger, "autumn", a)
    await sent(ledger, "winter", b, c)

    run, _ = await ledger.plan(a, b, c, d)

    async with exclusions_of(ledger.pool, run) as exclusions:
        assert await exclusions.sent_before() == [SentBefore("winter@once", 2), SentBefore("autumn@once", 1)]


async def test_numbers_are_counted_by_how_they_begin_among_those_to_be_written_to(ledger: Ledger) -> None:
    crimea, kyiv = ("+380652000000", "A"), ("+380442000000", "B")
    (paris,) = people(1)
    first, _ = await ledger.plan(("+380652000001", "C"), campaign="winter")
    await suppressed(ledger, first, 1)

    run, _ = await ledger.plan(crimea, kyiv, paris, ("+380652000001", "C"))

    async with exclusions_of(ledger.pool, run) as exclusions:
        assert await exclusions.prefixed(["UA"], ["+38065", "+380692"]) == 1
        assert await exclusions.prefixed(["UA", "FR"], ["+38065", "+336", "+38044"]) == 3
        assert await exclusions.prefixed(["RU"], ["+38065"]) == 0


async def test_a_list_of_many_rows_is_read_few_at_a_time_and_complete(ledger: Ledger) -> None:
    rows = [(f"06{row}", "Nobody") for row in range(5_000)]

    run, _ = await ledger.plan(*people(1), *rows)

    async with exclusions_of(ledger.pool, run) as exclusions:
        assert [each.row for each in await listed(exclusions)] == list(range(2, 5_002))
