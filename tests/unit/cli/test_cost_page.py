"""Money in words."""

from decimal import Decimal

import pytest
from rich.console import Console

from campaign.domain.charges import Charges, charges_of
from campaign.domain.markets import Market
from campaign.domain.outlook import Cost
from campaign.domain.pricing import Counted, RateCard, Share, Step, tariff_of
from campaign.entrypoints.cli.cost_page import charged, charges_part, estimate, money

RATES = {"france": {"marketing": (Step(0, Decimal("0.0712")),)}, "other": {"marketing": (Step(0, Decimal("0.05")),)}}
REGIONS = {"FR": Market("France"), "IS": Market("Other"), "MT": Market("Other")}
TARIFF = tariff_of(RateCard("EUR", "x.csv", RATES, is_sample=True), REGIONS)
COUNTED = (Counted("FR", "marketing", 1203), Counted("IS", "marketing", 20), Counted("MT", "marketing", 2))


def drawn(charges: Charges | None) -> str:
    console = Console(width=100, record=True, file=None, highlight=False)
    with console.capture() as captured:
        console.print(charges_part(charges))
    return captured.get()


def test_an_estimate_says_by_whose_rates_and_how_each_market_comes_about() -> None:
    bill = TARIFF.bill(COUNTED)
    amounts = {market: share.amount or Decimal(0) for market, share in bill.by_market.items()}

    lines = estimate(Cost("EUR", bill.total, amounts, "x.csv", COUNTED, TARIFF))

    assert lines == [
        ("at most", "86.75 EUR", "by the sample rate card of x.csv: bring your own"),
        ("France", "85.65", "1,203 marketing at 0.0712 (FR)"),
        ("Other", "1.10", "22 marketing at 0.05 (IS 20, MT 2)"),
    ]


@pytest.mark.parametrize(
    ("amount", "written"), [("1234.5", "1,234.50 EUR"), ("0.0712", "0.0712 EUR"), ("0", "0.00 EUR"), ("1", "1.00 EUR")]
)
def test_small_amounts_keep_their_digits(amount: str, written: str) -> None:
    assert money(Decimal(amount), "EUR") == written


def test_what_was_charged_stands_beside_the_estimate_in_words() -> None:
    charges = charges_of(
        {"tariff": TARIFF.kept(), "cost": {"total": 86.75}}, [Counted("FR", "marketing", 1000)], free=3, awaited=1203
    )

    assert charges is not None
    assert charged(charges) == (
        "charged so far 71.20 of 86.75 EUR estimated, by the sample rate card of x.csv: bring your own; "
        "1,203 messages have no price yet"
    )
    page = drawn(charges)
    assert "marketing" in page
    assert "free of charge" in page
    assert "3 messages" in page


def test_without_a_rate_card_only_messages_are_counted() -> None:
    charges = Charges(None, None, None, {"utility": Share(7, None)}, {}, awaited=1, unrated=7)

    assert charged(charges) == (
        "7 messages charged for; without a rate card nobody can tell how much; 1 message has no price yet"
    )
    assert "without a rate " not in drawn(charges).replace("without a rate card", "")


def test_where_no_price_is_known_nothing_is_shown() -> None:
    assert charges_part(None) is None
