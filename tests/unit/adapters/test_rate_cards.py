"""Rate cards as they come: other headings, other delimiters, other numbers."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from campaign.adapters.rate_cards import read_rates
from campaign.adapters.rate_tables import date_in
from campaign.domain.errors import ConfigurationError
from campaign.domain.pricing import RateCard, Step
from campaign.resources import resource

PLAIN = """\
"Cost per message in EUR, effective July 1, 2026",,,,,,
Market,Currency,Marketing,Utility,Authentication,Authentication-International,Service
France,EUR,0.0712,0.0248,0.0248,n/a,n/a
"Rest of Central & Eastern Europe",EUR,0.0712,0.0175,0.0175,0.0300,n/a
"""


def write(folder: Path, text: str | bytes, name: str = "eur.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def only(folder: Path) -> RateCard:
    (card,) = read_rates(folder).cards
    return card


def rate(card: RateCard, market: str, category: str) -> Decimal:
    ((after, found),) = card.rates[market][category]
    assert after == 0
    return found


def test_a_card_as_meta_writes_it_is_read_with_its_notes(tmp_path: Path) -> None:
    card = only(write(tmp_path, PLAIN))

    assert (card.currency, card.dated, card.is_sample, card.of) == ("EUR", date(2026, 7, 1), False, "2026-07-01")
    assert rate(card, "france", "marketing") == Decimal("0.0712")
    assert rate(card, "rest of central and eastern europe", "authentication-international") == Decimal("0.0300")
    assert set(card.rates["france"]) == {"marketing", "utility", "authentication"}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffMARKET , currency, Marketing ,UTILITY\r\nFrance,€,€0.0712,0.0248\r\n",
        "market;marketing;utility;currency\nFrance;0,0712;0,0248;EUR\n",
        "Market (per rate card)\tCurrency\tMarketing\tUtility\nfrance\t€\t0.0712\t0.0248\n",
        '\n\nMarket,Currency,Marketing,Utility\n"France","EUR","0,0712"," 0.0248 "\n,,,\n',
        "Rates in EUR\nMarket,Marketing,Utility\nFrance,0.0712,0.0248\n",
    ],
    ids=["signs and BOM", "semicolons and commas", "tabs", "quotes", "currency in the notes"],
)
def test_however_it_is_written_it_says_the_same(tmp_path: Path, text: str) -> None:
    card = only(write(tmp_path, text))

    assert (card.currency, rate(card, "france", "marketing"), rate(card, "france", "utility")) == (
        "EUR",
        Decimal("0.0712"),
        Decimal("0.0248"),
    )


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("586.33", "586.33"),
        ("1,234.50", "1234.50"),
        ('"1.234,50"', "1234.50"),
        ('"1,234"', "1234"),
        ("Rp 1'234.5", "1234.5"),
    ],
)
def test_thousands_are_told_from_fractions(tmp_path: Path, cell: str, amount: str) -> None:
    quoted = cell if cell.startswith('"') else f'"{cell}"'
    card = only(write(tmp_path, f"Market,Currency,Marketing\nIndonesia,IDR,{quoted}\n"))

    assert rate(card, "indonesia", "marketing") == Decimal(amount)


def test_several_currencies_in_one_file_are_several_cards(tmp_path: Path) -> None:
    path = write(tmp_path, "Market,Currency,Marketing\nFrance,EUR,0.07\nFrance,$US,0.08\nPeru,$US,0.07\n")

    assert [(card.currency, len(card.rates)) for card in read_rates(path).cards] == [("EUR", 1), ("USD", 2)]


def test_a_folder_may_hold_tiers_and_calling_codes_too(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)
    tiers = """\
Market (per rate card),Currency,Message type,From,To,Rate type,Rate
France,EUR,Utility,1,"100,000",List rate,0.0248
,EUR,Utility,"100,001",,Tier rate,0.0200
France,USD,Utility,"100,001",,Tier rate,0.0001
"""
    write(tmp_path, tiers, "tiers.csv")
    write(tmp_path, "Country calling code,Market\n+33,France\n48,Rest of Central & Eastern Europe\n", "codes.csv")
    write(tmp_path, "no CSV, and not looked at", "notes.txt")

    found = read_rates(tmp_path)

    (card,) = found.cards
    assert card.rates["france"]["utility"] == (Step(0, Decimal("0.0248")), Step(100_000, Decimal("0.0200")))
    assert rate(card, "france", "authentication") == Decimal("0.0248")
    assert found.markets is not None
    assert found.markets.of_number("+48600000000").name == "Rest of Central & Eastern Europe"


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("Market,Currency,Marketing\nFrance,EUR,cheap\n", "2:12", "'cheap' is no rate"),
        ('Market,Currency,Marketing\n"France, all",EUR,-0.1\n', "2:19", "'-0.1' is no rate"),
        ("Market,Currency,Marketing\n\nFrance,euros,0.1\n", "3:8", "'euros' is no currency"),
        ("Market,Currency,Marketing\nFrance,EUR,1\nFRANCE,EUR,2\n", "3:1", "'FRANCE' is listed twice"),
        ("Market,Marketing\nFrance,0.1\n", "2:1", "does not say its currency"),
        ("phone,first_name\n1,Ada\n", "1:1", "no line of it has the headings of a rate card"),
        ("", "1:1", "no line of it has the headings of a rate card"),
        ("Market,Country\nFrance,FR\n", "1:1", "it has markets and no rates"),
        ("Calling code,Market\nthirty,France\n", "2:1", "'thirty' is no calling code"),
        (b"Market,Currency,Marketing\nFrance,\x80,0.1\n", "2:8", "byte 34 is not UTF-8"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, text: str | bytes, where: str, what: str) -> None:
    path = write(tmp_path, text, "rates.csv")

    with pytest.raises(ConfigurationError) as refused:
        read_rates(path)

    assert refused.value.where == f"{path}:{where}"
    assert what in refused.value.message
    assert refused.value.remedy


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="a rate card has a few thousand"):
        read_rates(write(tmp_path, b"x" * (1 << 21)))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("effective October 1, 2026", date(2026, 10, 1)),
        ("rate-card-USD-2026-04-01.csv", date(2026, 4, 1)),
        ("as of 1 January 2026", date(2026, 1, 1)),
        ("effective Smarch 1, 2026", None),
        ("", None),
    ],
)
def test_a_date_is_found_where_people_write_it(text: str, day: date | None) -> None:
    assert date_in(text) == day


def test_the_bundled_sample_says_that_it_is_one_and_has_every_market_of_its_time() -> None:
    found = read_rates(resource("config", "rates"))  # type: ignore[arg-type] # a checkout's path

    (card,) = found.cards
    assert (card.is_sample, card.currency, card.dated) == (True, "EUR", date(2026, 7, 1))
    assert found.markets is not None
    assert all(card.row(market) for market in found.markets.listed)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (PLAIN + '"Germany,EUR,0.1131,0.0456\nItaly,EUR,0.06,0.03\n', "eur.csv:5:1: no CSV"),
        ("Market,Currency,Marketing\n", "eur.csv:1:1: it has headings and no market"),
        ("Calling code,Market\n33,France\n33,Spain\n", "eur.csv:3:1: 33 belongs to another market already"),
        ("Market,Currency,Marketing\nFrance,+33 6 12 34 56 78,1\n", "eur.csv:2:8: this is no currency"),
    ],
    ids=["a quote never closed", "headings alone", "a calling code twice", "a number as a currency"],
)
def test_what_would_be_priced_wrongly_without_a_word_is_refused(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_rates(write(tmp_path, text))

    assert what in str(refused.value)


def test_a_pipe_or_a_film_in_the_folder_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(ConfigurationError, match="no regular file"):
        read_rates(tmp_path)

    (tmp_path / "pipe.csv").unlink()
    with (tmp_path / "film.csv").open("wb") as film:
        film.truncate(3_000_000_000)
    with pytest.raises(ConfigurationError, match="3,000,000,000 bytes"):
        read_rates(tmp_path)


def test_a_date_that_its_comma_cut_in_two_is_still_a_date(tmp_path: Path) -> None:
    card = only(
        write(tmp_path, PLAIN.replace('"Cost per message in EUR, effective July 1, 2026"', "from July 1, 2026"))
    )

    assert card.dated == date(2026, 7, 1)
