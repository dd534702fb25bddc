"""What webhooks say of prices, kept with the messages and billed by the report."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.domain.markets import Market
from campaign.domain.pricing import RateCard, Step, tariff_of
from campaign.domain.receipt import StatusFact
from campaign.receipts import Receipts
from campaign.report import report
from tests.integration.planning import KEY, Ledger, open_ledger, people

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MARKETING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
FREE = {"billable": False, "pricing_model": "PMP", "type": "free_entry_point", "category": "marketing"}
CARD = RateCard("EUR", "eur.csv", {"france": {"marketing": (Step(0, Decimal("0.0712")),)}}, dated=date(2026, 10, 1))
OUTLOOK = {"tariff": tariff_of(CARD, {"FR": Market("France")}).kept(), "cost": {"total": 0.8544}}


@pytest.fixture
async def ledger(ledger_dsn: str) -> AsyncIterator[Ledger]:
    async with open_ledger(ledger_dsn) as found:
        yield found


async def accepted(ledger: Ledger, count: int) -> int:
    """Plan a run whose messages WhatsApp has all taken."""
    run, _ = await ledger.plan(*people(count))
    await ledger.do("UPDATE run SET outlook = $2 WHERE id = $1", run, OUTLOOK)
    await ledger.do("UPDATE message SET state = 'in_flight', attempt = 1, marked_by = 1, marked_at = now()")
    await ledger.do("UPDATE message SET state = 'accepted', message_id = 'm' || row, settled_at = now()")
    return run


async def hear(ledger: Ledger, *said: tuple[int, str, Any]) -> None:
    receipts = Receipts(PostgresFeedback(ledger.pool), installation="0123abcd", key=KEY)
    await receipts.apply([StatusFact(f"m{row}", status, AT, pricing=pricing) for row, status, pricing in said])


async def charged_as(ledger: Ledger, row: int) -> str | None:
    found: str | None = await ledger.value("SELECT charged_as FROM message WHERE row = $1", row)
    return found


async def test_what_reached_a_phone_is_billed_by_what_its_statuses_say(ledger: Ledger) -> None:
    await accepted(ledger, 12)
    for row in range(1, 7):
        await hear(ledger, (row, "sent", MARKETING))
    await hear(ledger, *((row, "delivered", MARKETING) for row in range(1, 5)), (1, "read", None))
    await hear(ledger, (8, "delivered", FREE), (9, "delivered", None), (10, "failed", None))

    cost = (await report(ledger.reports, "spring")).cost

    assert cost is not None
    assert cost.as_json() == {
        "currency": "EUR",
        "estimated": 0.8544,
        "charged": 0.2848,
        "by_category": {"marketing": {"messages": 4, "amount": 0.2848}},
        "by_market": {"France": {"messages": 4, "amount": 0.2848}},
        "free": 1,
        # Sent and not delivered, delivered without a price, without any news; not the one that failed.
        "awaited": 6,
        "unrated": 0,
        "by": "by the rate card of 2026-10-01",
    }


@pytest.mark.parametrize("together", [True, False])
async def test_a_price_that_comes_after_the_news_still_counts(ledger: Ledger, together: bool) -> None:  # noqa: FBT001 - a table
    """Statuses come in any order, and only sent and delivered carry a price."""
    await accepted(ledger, 1)
    said = [(1, "read", None), (1, "delivered", MARKETING), (1, "sent", MARKETING)]
    for batch in [said] if together else [[each] for each in said]:
        await hear(ledger, *batch)

    assert await charged_as(ledger, 1) == "marketing"


async def test_what_was_told_on_delivery_outweighs_what_was_told_before(ledger: Ledger) -> None:
    await accepted(ledger, 2)
    await hear(ledger, (1, "sent", MARKETING), (1, "delivered", FREE), (2, "delivered", FREE), (2, "sent", MARKETING))

    assert [await charged_as(ledger, row) for row in (1, 2)] == ["", ""]


async def test_a_price_that_makes_no_sense_is_no_price(ledger: Ledger) -> None:
    await accepted(ledger, 3)
    await hear(ledger, (1, "delivered", "cheap"), (2, "delivered", [1]), (3, "delivered", {"category": {"a": 1}}))

    assert [await charged_as(ledger, row) for row in (1, 2, 3)] == [None] * 3
    assert (await report(ledger.reports, "spring")).delivery["delivered"] == 3


async def test_a_run_without_a_plan_of_prices_counts_categories(ledger: Ledger) -> None:
    run = await accepted(ledger, 2)
    await ledger.do("UPDATE run SET outlook = '{}' WHERE id = $1", run)
    await hear(ledger, (1, "delivered", MARKETING))

    told = (await report(ledger.reports, "spring")).as_json()["cost"]

    assert (told["charged"], told["by_category"]) == (None, {"marketing": {"messages": 1, "amount": None}})
