"""A downloaded table: notes, a line of headings, rows; each cell knows where it stands in its file."""

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Final

from campaign.adapters.files import open_regular
from campaign.domain.errors import ConfigurationError

_LARGEST: Final = 1 << 20
_DELIMITERS: Final = ",;\t"
_NOTES_AT_MOST: Final = 30
_SAVE_AS: Final = "save it as CSV UTF-8"

# How the heading of the one column is written that all of these tables have.
_MARKET: Final = frozenset({"market", "market per rate card", "country or region", "country region"})

_NO_RATE: Final = frozenset({"", "n/a", "na", "-", "\N{EN DASH}", "\N{EM DASH}", "--", "none", "null"})
# What people keep thousands apart with, besides comma and point; \s has the narrow and the hard space.
_GAPS: Final = re.compile("[\\s'_\N{RIGHT SINGLE QUOTATION MARK}]")
_WRITTEN_DATES: Final = (
    (re.compile(r"\d{4}-\d{2}-\d{2}"), "%Y-%m-%d"),
    (re.compile(r"\d{4}_\d{2}_\d{2}"), "%Y_%m_%d"),
    # The comma is gone where it parted two cells.
    (re.compile(r"[A-Z][a-z]+ \d{1,2},? +\d{4}"), "%B %d %Y"),
    (re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}"), "%d %B %Y"),
)
_SIGNS: Final[Mapping[str, str]] = {
    "$US": "USD", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "₹": "INR", "RP": "IDR", "R$": "BRL",
    "$AU": "AUD", "AU$": "AUD", "A$": "AUD", "$MX": "MXN", "MX$": "MXN", "$SG": "SGD", "S$": "SGD", "RM": "MYR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell's text, and where it stands."""

    text: str
    where: str

    @property
    def shown(self) -> str:
        """Quote it in a message, unless it might be a phone number: somebody may name an audience as a rate card."""
        return "this" if re.search(r"\d{7}", _GAPS.sub("", self.text)) else f"'{self.text[:32]}'"

    def wrong(self, what: str, remedy: str) -> ConfigurationError:
        """Make the error that names it."""
        return ConfigurationError(what, where=self.where, remedy=remedy)


Rows = Sequence[Mapping[str, Cell]]
Records = Sequence[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's notes and its rows by heading: small letters, signs as spaces, the market's always 'market'."""

    path: Path
    notes: str
    headings: Sequence[str]
    rows: Rows
    decimal_comma: bool


def read_table(path: Path) -> Table:
    """Read one file; raises ConfigurationError with file:line:column."""
    text = _text(path)
    for delimiter in _DELIMITERS:
        beginning = islice(_records(path, text, delimiter, strict=False), _NOTES_AT_MOST)
        for place, (_, cells) in enumerate(beginning):
            headings = [_heading(cell) for cell in cells]
            if "market" in headings and len(headings) > 1:
                # Strict: after a quote that is never closed the rest of the file would be one name.
                records = list(_records(path, text, delimiter, strict=True))
                notes = " ".join(" ".join(filter(None, cells)) for _, cells in records[:place])
                rows = _rows(path, headings, records[place + 1 :], delimiter, list(StringIO(text, newline="")))
                return Table(path, notes, headings, rows, delimiter == ";")
    raise ConfigurationError(
        "no line of it has the headings of a rate card: Market, Currency, Marketing, Utility ...",
        where=f"{path}:1:1",
        remedy="put the file there as it was downloaded, or take it out of the folder",
    )


def rate_of(cell: Cell, *, decimal_comma: bool) -> Decimal | None:
    """Read an amount of money with its currency's sign or without; None for n/a."""
    text = _GAPS.sub("", cell.text.casefold())
    if text in _NO_RATE:
        return None
    plain = _plain(re.sub(r"^(?:[^\d.,-]{1,3})|[^\d.,]{1,3}$", "", text), decimal_comma=decimal_comma)
    if not re.fullmatch(r"\d{1,12}(?:\.\d{1,12})?", plain):
        raise cell.wrong(f"{cell.shown} is no rate", "write an amount, as in 0.0712, or n/a")
    return Decimal(plain)


def whole_of(cell: Cell) -> int:
    """Read a number of messages, however its thousands are kept apart."""
    digits = _GAPS.sub("", cell.text).replace(",", "").replace(".", "")
    if not re.fullmatch(r"\d{1,12}", digits):
        raise cell.wrong(f"{cell.shown} is no number of messages", "write it in digits")
    return int(digits)


def currency_of(cell: Cell) -> str:
    """Read a currency: three letters, or a sign as rate cards have them."""
    text = cell.text.strip().upper()
    known = _SIGNS.get(text, text)
    if not re.fullmatch("[A-Z]{3}", known):
        raise cell.wrong(f"{cell.shown} is no currency", "write its three letters, as in EUR")
    return known


def date_in(text: str) -> date | None:
    """Find the first date in a text, as Meta's files or a person writes it."""
    for pattern, form in _WRITTEN_DATES:
        for found in pattern.findall(text):
            try:
                return datetime.strptime(" ".join(found.replace(",", " ").split()), form).date()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
    return None


def _plain(text: str, *, decimal_comma: bool) -> str:
    """Write a number with a point for its fraction and nothing between thousands."""
    if "," in text and "." in text:
        thousands = "," if text.rindex(".") > text.rindex(",") else "."
        return text.replace(thousands, "").replace(",", ".")
    if decimal_comma or not re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", text):
        return text.replace(",", ".")
    return text.replace(",", "")


def _text(path: Path) -> str:
    with open_regular(path) as file:
        size, content = os.fstat(file.fileno()).st_size, file.read(_LARGEST)
    if size > _LARGEST:
        message = f"the file has {size:,} bytes; a rate card has a few thousand"
        raise ConfigurationError(message, where=str(path), remedy="take it out of the folder")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        message = f"byte {error.start + 1} is not UTF-8"
        raise ConfigurationError(message, where=f"{path}:{line}:{column}", remedy=_SAVE_AS) from error


def _records(path: Path, text: str, delimiter: str, *, strict: bool) -> Iterator[tuple[int, list[str]]]:
    """Yield each record that holds anything, with the line it begins on."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    begins = 1
    try:
        for record in reader:
            if any(map(str.strip, record)):
                yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ConfigurationError(f"no CSV: {error}", where=f"{path}:{begins}:1", remedy="download it again") from error


def _heading(cell: str) -> str:
    name = " ".join(re.sub(r"[^0-9a-z]+", " ", cell.casefold()).split())
    return "market" if name in _MARKET else name


def _rows(path: Path, headings: Sequence[str], records: Records, delimiter: str, lines: Sequence[str]) -> Rows:
    """Name the cells; where a quoted one goes over several lines, those after it stand where the line begins."""
    rows = []
    for line, cells in records:
        columns = [*_columns(lines[line - 1], delimiter), *[1] * len(cells)]
        named = zip(headings, cells, columns, strict=False)
        rows.append({name: Cell(cell.strip(), f"{path}:{line}:{column}") for name, cell, column in named if name})
    return [row for row in rows if "market" in row]


def _columns(line: str, delimiter: str) -> Iterator[int]:
    """Yield the column, counted from 1, that each cell of a line begins in."""
    yield 1
    quoted = False
    for place, character in enumerate(line, start=1):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            yield place + 1
