"""Rate cards as they are downloaded: CSV files of rates, volume tiers and calling codes, told by their headings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from campaign.adapters.rate_tables import Cell, Table, currency_of, date_in, rate_of, read_table, whole_of
from campaign.domain.errors import ConfigurationError
from campaign.domain.markets import Market, Markets, market_key
from campaign.domain.pricing import CATEGORIES, RateCard, Step

_COLUMNS: Final = {category.replace("-", " "): category for category in CATEGORIES}

# Headings that tell a table of tiers or of calling codes from a rate card, the first that is there.
_FROM: Final = ("volume tier from", "tier from", "from", "tier start", "lower bound", "min", "minimum")
_RATE: Final = ("rate", "tier rate", "unit rate", "price")
_CATEGORY: Final = ("category", "message type", "template category", "type")
_CODE: Final = ("calling code", "country calling code", "calling codes", "prefix", "dialing code", "code")

# Which categories have tiers, where a file of them does not say. Source: Meta, "Pricing", 10 Dec 2025.
_TIERED: Final = ("utility", "authentication")

Rates = dict[str, dict[str, Sequence[Step]]]


@dataclass(frozen=True, slots=True)
class RateFiles:
    """What one folder, or one file, holds; `markets` None where nothing in it says who belongs to which market."""

    cards: Sequence[RateCard]
    markets: Markets | None


def read_rates(place: Path) -> RateFiles:
    """Read a rate card, or every CSV file of a folder; raises ConfigurationError with file:line:column."""
    paths = sorted(each for each in place.iterdir() if each.suffix.lower() == ".csv") if place.is_dir() else [place]
    tables = [read_table(path) for path in paths]
    tiers = [each for each in tables if _named(each, _FROM) and _named(each, _RATE)]
    codes = [each for each in tables if _named(each, _CODE) and each not in tiers]
    cards = [card for table in tables if table not in tiers and table not in codes for card in _cards(table)]
    graded = [_graded(card, tiers) for card in cards]
    return RateFiles(graded, _markets(codes) if codes else None)


def read_markets(path: Path) -> Markets:
    """Read a table of calling codes."""
    return _markets([read_table(path)])


def _cards(table: Table) -> Iterable[RateCard]:
    """Read a rate card; one with several currencies is one card for each."""
    columns = [heading for heading in table.headings if heading in _COLUMNS]
    if not columns:
        raise ConfigurationError(
            "it has markets and no rates",
            where=f"{table.path}:1:1",
            remedy="a rate card has the columns Marketing, Utility and Authentication",
        )
    by_currency: defaultdict[str, Rates] = defaultdict(dict)
    for row in table.rows:
        market = row["market"]
        if not market.text:
            continue
        rates = by_currency[_currency(table, row)]
        if market_key(market.text) in rates:
            raise market.wrong(f"'{market.text}' is listed twice", "keep one of the two lines")
        rates[market_key(market.text)] = _rates(table, row, columns)
    if not by_currency:
        where = f"{table.path}:1:1"
        raise ConfigurationError("it has headings and no market", where=where, remedy="download it again")
    return [_card(table, currency, rates) for currency, rates in sorted(by_currency.items())]


def _card(table: Table, currency: str, rates: Rates) -> RateCard:
    sample = "sample" in f"{table.notes} {table.path.name}".casefold()
    dated = date_in(table.notes) or date_in(table.path.name)
    return RateCard(currency, table.path.name, rates, dated=dated, is_sample=sample)


def _rates(table: Table, row: Mapping[str, Cell], columns: Iterable[str]) -> dict[str, Sequence[Step]]:
    read = {
        _COLUMNS[column]: rate_of(row[column], decimal_comma=table.decimal_comma) for column in columns if column in row
    }
    return {category: (Step(0, rate),) for category, rate in read.items() if rate is not None}


def _currency(table: Table, row: Mapping[str, Cell]) -> str:
    """Read a row's currency; a file without that column says it in its notes or its name."""
    if "currency" in row:
        return currency_of(row["currency"])
    words = f"{table.notes} {table.path.stem}".replace("-", " ").replace("_", " ").split()
    named = [word for word in words if len(word) == len("EUR") and word.isalpha() and word.isupper()]
    if not named:
        raise row["market"].wrong("the file does not say its currency", "add a column 'Currency'")
    return named[0]


def _graded(card: RateCard, tables: Iterable[Table]) -> RateCard:
    """Put the steps of volume tiers in the place of a card's flat rates."""
    steps: defaultdict[tuple[str, str], dict[int, Step]] = defaultdict(dict)
    for table in tables:
        for market, category, currency, step in _tiers(table):
            if currency in (None, card.currency):
                steps[market, category][step.after] = step
    rates: Rates = {market: dict(found) for market, found in card.rates.items()}
    for (market, category), found in steps.items():
        flat = {step.after: step for step in rates.get(market, {}).get(category, ())}
        ladder = flat | found
        if 0 in ladder:
            rates.setdefault(market, {})[category] = tuple(ladder[after] for after in sorted(ladder))
    return replace(card, rates=rates)


def _tiers(table: Table) -> Iterable[tuple[str, str, str | None, Step]]:
    """Read tiers; a market that is written once holds for the lines below it."""
    first, rate_column, category = _named(table, _FROM), _named(table, _RATE), _named(table, _CATEGORY)
    market = ""
    for row in table.rows:
        market = market_key(row["market"].text) or market
        rate = rate_of(row[rate_column], decimal_comma=table.decimal_comma) if rate_column in row else None
        if rate is None or not market:
            continue
        currency = currency_of(row["currency"]) if "currency" in row and row["currency"].text else None
        # 'From 100,001' begins after 100,000; 'from 0' and 'from 1' are the first message.
        begins = whole_of(row[first]) if row[first].text else 0
        step = Step(begins - 1 if begins % 10 == 1 else begins, rate)
        for each in _categories(row[category].text if category in row else ""):
            yield market, each, currency, step


def _categories(text: str) -> Sequence[str]:
    words = text.casefold()
    if "international" in words:
        return ("authentication-international",)
    return [each for each in CATEGORIES if each in words] or _TIERED


def _markets(tables: Iterable[Table]) -> Markets:
    prefixes: dict[str, Market] = {}
    for table in tables:
        column = _named(table, _CODE)
        for row in table.rows:
            formerly = row["formerly"].text if "formerly" in row else ""
            for code in row[column].text.replace("/", " ").replace(";", " ").split():
                digits = "".join(filter(str.isdigit, code))
                if not digits:
                    raise row[column].wrong(f"'{code[:32]}' is no calling code", "write its digits, as in 33 or 1809")
                market = Market(row["market"].text, formerly or None)
                if prefixes.setdefault(digits, market) != market:
                    raise row[column].wrong(f"{digits[:8]} belongs to another market already", "keep one of the two")
    return Markets(prefixes)


def _named(table: Table, names: Iterable[str]) -> str:
    """Find the heading a table has for something; '' where it has none."""
    return next((name for name in names if name in table.headings), "")
