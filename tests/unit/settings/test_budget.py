"""`budget: 500 EUR`, and where the rate cards are."""

from decimal import Decimal

import pytest

from campaign.settings.budget import Amount, parse_budget
from tests.unit.settings.conftest import Files


@pytest.mark.parametrize(
    ("written", "amount"),
    [("500 EUR", "500"), ("500EUR", "500"), ("EUR 500", "500"), ("1,250.50 EUR", "1250.50"), (" 0.5  EUR ", "0.5")],
)
def test_a_budget_is_an_amount_and_a_currency(written: str, amount: str) -> None:
    assert parse_budget(written) == Amount(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ("500", "'500' is no amount of money"),
        ("0 EUR", "with a budget of nothing, nothing can be sent"),
        ("-5 EUR", "'-5 EUR' is no amount of money"),
        ("500 euros", "'500 euros' is no amount of money"),
        ("lots", "'lots' is no amount of money"),
    ],
)
def test_what_is_no_budget_is_refused_with_its_line(files: Files, written: str, what: str) -> None:
    text = f"{files.CAMPAIGN}budget: '{written}'\n"

    (told,) = files.blamed(files.campaign, text)

    assert told.startswith(f"config/campaigns/spring.yaml:5:9: budget: {what}")
    assert "500 EUR" in told


def test_a_number_alone_has_no_currency(files: Files) -> None:
    (told,) = files.blamed(files.campaign, f"{files.CAMPAIGN}budget: 500\n")

    assert "500 has no currency; write an amount and a currency, as in 500 EUR" in told


def test_a_file_without_a_budget_has_none(files: Files) -> None:
    assert files.campaign().budget is None
    assert files.campaign(f"{files.CAMPAIGN}budget: 500 EUR\n").budget == Amount(Decimal(500), "EUR")


def test_rate_cards_are_read_beside_the_settings_unless_they_say_otherwise(files: Files) -> None:
    assert files.settings().rates_path is None
    beside = files.write("config/rates/eur.csv", "Market")
    elsewhere = files.write("cards/usd.csv", "Market")

    assert files.settings().rates_path == beside.parent
    assert files.settings(f"{files.SETTINGS}rates: ../cards/usd.csv\n").rates_path == elsewhere


def test_rate_cards_that_are_not_there_are_told_with_their_line(files: Files) -> None:
    (told,) = files.blamed(files.settings, f"{files.SETTINGS}rates: nowhere\n")

    assert told.startswith("config/settings.yaml:8:8: rates: there is nothing there")
