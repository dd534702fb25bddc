"""What messages cost, and what WhatsApp says it charges."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from campaign.domain.charges import charges_of
from campaign.domain.markets import Market
from campaign.domain.pricing import Counted, RateCard, Share, Step, Tariff, charged_as, graded, tariff_of

FLAT = {
    "france": {"marketing": (Step(0, Decimal("0.0712")),), "utility": (Step(0, Decimal("0.0248")),)},
    "rest of asia pacific": {"marketing": (Step(0, Decimal("0.0606")),)},
}
CARD = RateCard("EUR", "eur.csv", FLAT, dated=date(2026, 10, 1))
REGIONS = {"FR": Market("France"), "NP": Market("Nepal", "Rest of Asia Pacific"), "TV": Market("Tuvalu")}
TARIFF = tariff_of(CARD, REGIONS)


def test_messages_cost_the_rate_of_their_market_and_category() -> None:
    bill = TARIFF.bill([Counted("FR", "marketing", 1000), Counted("FR", "utility", 10), Counted("NP", "marketing", 1)])

    assert bill.total == Decimal("71.5086")
    assert bill.by_market == {"France": Share(1010, Decimal("71.4480")), "Nepal": Share(1, Decimal("0.0606"))}
    assert bill.by_category["marketing"] == Share(1001, Decimal("71.2606"))
    assert bill.unrated == []


def test_money_is_not_rounded_on_the_way() -> None:
    """Binary fractions would make it 0.30000000000000004 of something."""
    tariff = tariff_of(RateCard("EUR", "x", {"france": {"marketing": (Step(0, Decimal("0.1")),)}}), REGIONS)

    assert tariff.bill([Counted("FR", "marketing", 3)]).total == Decimal("0.3")


def test_what_has_no_rate_is_named_and_counted_apart() -> None:
    bill = TARIFF.bill([Counted("TV", "marketing", 7), Counted("FR", "authentication", 2), Counted("??", "utility", 1)])

    assert (bill.total, len(bill.unrated)) == (0, 3)
    assert bill.by_category["marketing"] == Share(7, None)


def test_marketing_by_its_own_endpoint_costs_what_marketing_costs() -> None:
    assert TARIFF.bill([Counted("FR", "marketing_lite", 2)]).by_category == {
        "marketing_lite": Share(2, Decimal("0.1424"))
    }


@pytest.mark.parametrize(
    ("messages", "amount"), [(0, "0"), (1, "0.10"), (100, "10.00"), (101, "10.08"), (300, "26.00"), (301, "26.05")]
)
def test_each_step_holds_for_the_messages_beyond_it(messages: int, amount: str) -> None:
    steps = (Step(0, Decimal("0.10")), Step(100, Decimal("0.08")), Step(300, Decimal("0.05")))

    assert graded(messages, steps) == Decimal(amount)


def test_regions_of_one_market_share_its_steps() -> None:
    rates = {"france": {"utility": (Step(0, Decimal(2)), Step(10, Decimal(1)))}}
    tariff = tariff_of(RateCard("EUR", "x", rates), {"FR": Market("France"), "MC": Market("France")})

    assert tariff.bill([Counted("FR", "utility", 8), Counted("MC", "utility", 8)]).total == 26


def test_what_a_run_keeps_is_the_tariff_it_was_planned_with() -> None:
    assert Tariff.from_kept(TARIFF.kept()) == TARIFF


def test_a_sample_says_that_it_is_one() -> None:
    sample = tariff_of(RateCard("EUR", "x", {}, dated=date(2026, 7, 1), is_sample=True), {})

    assert sample.by == "by the sample rate card of 2026-07-01: bring your own"
    assert TARIFF.by == "by the rate card of 2026-10-01"


@pytest.mark.parametrize(
    ("pricing", "category"),
    [
        ({"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}, "marketing"),
        ({"pricing_model": "PMP", "type": "regular", "category": "utility"}, "utility"),
        ({"category": "Marketing_Lite"}, "marketing_lite"),
        ({"billable": False, "pricing_model": "PMP", "category": "utility"}, ""),
        ({"billable": True, "type": "free_customer_service", "category": "service"}, ""),
        ({"type": "free_entry_point", "category": "referral_conversion"}, ""),
        ({"billable": True, "pricing_model": "CBP", "category": "marketing"}, None),
        ({"billable": True}, None),
        ({"category": 7}, None),
        (["marketing"], None),
        ("marketing", None),
        (None, None),
    ],
)
def test_what_a_status_says_is_read_as_what_is_charged(pricing: Any, category: str | None) -> None:
    assert charged_as(pricing) == category


OUTLOOK = {"tariff": TARIFF.kept(), "cost": {"total": 142.4}}


def test_what_was_charged_stands_beside_the_estimate() -> None:
    charges = charges_of(OUTLOOK, [Counted("FR", "marketing", 1000), Counted("TV", "utility", 2)], free=3, awaited=4)

    assert charges is not None
    assert charges.as_json() == {
        "currency": "EUR",
        "estimated": 142.4,
        "charged": 71.2,
        "by_category": {
            "marketing": {"messages": 1000, "amount": 71.2},
            "utility": {"messages": 2, "amount": None},
        },
        "by_market": {"France": {"messages": 1000, "amount": 71.2}},
        "free": 3,
        "awaited": 4,
        "unrated": 2,
        "by": "by the rate card of 2026-10-01",
    }


def test_without_a_rate_card_categories_are_counted_all_the_same() -> None:
    charges = charges_of({}, [Counted("FR", "marketing", 5), Counted("DE", "marketing", 5)], free=0, awaited=1)

    assert charges is not None
    assert (charges.charged, charges.by_category) == (None, {"marketing": Share(10, None)})


def test_a_run_of_which_no_price_is_known_tells_none() -> None:
    assert charges_of({}, [], free=0, awaited=100) is None
