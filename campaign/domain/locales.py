"""Amounts, numbers, dates and times, written as people of a language write them."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import DateTimePattern, parse_pattern
from babel.localedata import locale_identifiers
from babel.numbers import (
    NumberPattern,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    list_currencies,
)

Writer = Callable[[Any], str]

NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
LARGEST: Final = Decimal(10**15)
DECIMALS: Final = 9
# The letters of a pattern that need nothing but a day, and nothing but a time of day.
# Source: Unicode, UTS #35 part 4, "Date Field Symbol Table".
DAY_FIELDS: Final = frozenset("GyYQqMLwWdDEec")
TIME_FIELDS: Final = frozenset("ahHKkmsS")
QUOTED: Final = re.compile(r"'[^']*'")
LONGEST_PATTERN: Final = 60
# The longer ones of a time name its zone, which a column does not.
DAY_STYLES: Final = ("short", "medium", "long", "full")
TIME_STYLES: Final = ("short", "medium")


class Unwritable(ValueError):  # noqa: N818 - it says what the value or the argument is
    """A value or an argument that cannot be written: what, and what to do now. Never holds a column's value."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@lru_cache(maxsize=256)
def currency(code: str, locale: str = "") -> Writer:
    """Write amounts of a currency, with as many decimals as it has; raise Unwritable for an unknown one."""
    spoken = _locale(locale)
    known, wanted = list_currencies(), str(code)
    if wanted not in known:
        near = [each for each in [wanted.upper()] if each in known]
        raise Unwritable("there is no such currency", _hint(near, "write its three letters, as in 'EUR' or 'USD'"))
    decimals = get_currency_precision(code)
    return _Numbers(
        spoken, spoken.currency_formats["standard"], (decimals, decimals), get_currency_symbol(code, spoken)
    )


@lru_cache(maxsize=256)
def number(locale: str = "", decimals: int | None = None) -> Writer:
    """Write numbers, with so many decimals, or as many as there are up to three."""
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= DECIMALS):
        raise Unwritable("the number of decimals is not possible", f"write 0 to {DECIMALS}")
    spoken = _locale(locale)
    pattern = spoken.decimal_formats[None]
    return _Numbers(spoken, pattern, pattern.frac_prec if decimals is None else (decimals, decimals))


@lru_cache(maxsize=256)
def date(style: str = "long", locale: str = "", timezone: str | None = None) -> Writer:
    """Write the day of a date or of a moment; a moment with an offset needs the zone it is told in."""
    spoken = _locale(locale)
    pattern = _pattern(style, {word: spoken.date_formats[word] for word in DAY_STYLES}, DAY_FIELDS, "'EEEE d MMMM'")
    zone = _zone(timezone)
    apply = lru_cache(maxsize=4096)(lambda day: pattern.apply(day, spoken))
    return lambda value: str(apply(_day(value, zone)))


@lru_cache(maxsize=256)
def time(style: str = "short", locale: str = "", timezone: str | None = None) -> Writer:
    """Write the time of day of a time or of a moment; a moment with an offset needs the zone it is told in."""
    spoken = _locale(locale)
    pattern = _pattern(style, {word: spoken.time_formats[word] for word in TIME_STYLES}, TIME_FIELDS, "'HH:mm'")
    zone = _zone(timezone)
    apply = lru_cache(maxsize=4096)(lambda clock: pattern.apply(clock, spoken))
    return lambda value: str(apply(_clock(value, zone)))


# What a filter prepares once for its arguments, and how it is written.
PREPARED: Final[Mapping[str, tuple[Callable[..., Writer], str]]] = {
    "currency": (currency, "{{ amount | currency('EUR', 'fr') }}"),
    "number": (number, "{{ points | number('fr') }}"),
    "date": (date, "{{ day | date('long', 'fr') }}"),
    "time": (time, "{{ starts_at | time('short', 'fr') }}"),
}


class _Numbers:
    """A pattern of the library, taken apart once: its own `apply` costs more than the rest of a message."""

    __slots__ = ("_decimals", "_format", "_group", "_groups", "_point", "_sides")

    def __init__(self, locale: Locale, pattern: NumberPattern, decimals: tuple[int, int], symbol: str = "") -> None:
        self._sides = [
            (_unquoted(before.replace("¤", symbol)), _unquoted(after.replace("¤", symbol)))
            for before, after in zip(pattern.prefix, pattern.suffix, strict=True)
        ]
        self._decimals = decimals
        self._format = f",.{decimals[1]}f" if pattern.grouping == (3, 3) else f".{decimals[1]}f"
        self._group = get_group_symbol(locale)
        self._groups = pattern.grouping
        self._point = get_decimal_symbol(locale)

    def __call__(self, value: object) -> str:
        amount = _decimal(value)
        before, after = self._sides[amount.is_signed()]
        whole, _, fraction = format(abs(amount), self._format).partition(".")
        if self._decimals[0] != self._decimals[1]:
            fraction = fraction[: self._decimals[0]] + fraction[self._decimals[0] :].rstrip("0")
        whole = whole.replace(",", self._group) if self._groups == (3, 3) else self._grouped(whole)
        return f"{before}{whole}{self._point}{fraction}{after}" if fraction else f"{before}{whole}{after}"

    def _grouped(self, whole: str) -> str:
        """Group as India does, 12,34,567, or not at all."""
        size, further = self._groups
        groups: list[str] = []
        while len(whole) > size:
            groups.insert(0, whole[-size:])
            whole, size = whole[:-size], further
        return self._group.join([whole, *groups])


def _unquoted(affix: str) -> str:
    return QUOTED.sub(lambda quoted: quoted[0][1:-1] or "'", affix)


def _decimal(value: object) -> Decimal:
    """Read a number as a database or a CSV file has it."""
    if isinstance(value, (float, Decimal)):
        read = Decimal(str(value))
        if -LARGEST < read < LARGEST:
            return read
    elif not isinstance(value, bool) and NUMBER.fullmatch(text := str(value)):
        return Decimal(text)
    raise Unwritable("the column's value is no number", "let the query return it as 1234.50, nothing around it")


def _day(value: object, zone: ZoneInfo | None) -> dt.date:
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise Unwritable("the column's value is no date", "let the query return it as 2026-12-31") from None
    return _told_in(zone, moment, "date('long', 'fr', 'Europe/Paris')").date()


def _clock(value: object, zone: ZoneInfo | None) -> dt.time:
    text = str(value)
    try:
        if text[2:3] == ":":
            return dt.time.fromisoformat(text).replace(tzinfo=None)
        # A day alone would be read as its midnight.
        moment = dt.datetime.fromisoformat(text if ":" in text else "")
    except ValueError:
        raise Unwritable("the column's value is no time", "let the query return it as 14:30") from None
    return _told_in(zone, moment, "time('short', 'fr', 'Europe/Paris')").time()


def _told_in(zone: ZoneInfo | None, moment: dt.datetime, usage: str) -> dt.datetime:
    """Return a moment as the clocks of a zone show it; one without an offset is what it is everywhere."""
    if moment.tzinfo is None:
        return moment
    if zone is None:
        remedy = f"write {usage}, or let the query convert it"
        raise Unwritable("the column's value has a UTC offset, and the expression names no time zone", remedy)
    return moment.astimezone(zone)


def _locale(code: str) -> Locale:
    try:
        return Locale.parse(str(code).replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        near = get_close_matches(str(code), locale_identifiers(), n=1)
        raise Unwritable("there is no such language", _hint(near, "write 'fr', or 'pt_BR'")) from None


def nearest_locale(code: str) -> str | None:
    """Return a template's language as the library knows it: in full, else without its country."""
    for spelling in (code, code.partition("_")[0]):
        try:
            _locale(spelling)
        except Unwritable:
            continue
        return spelling
    return None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(str(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise Unwritable("there is no such time zone", "write a city's, as in 'Europe/Paris'") from None


def _pattern(style: str, known: Mapping[str, DateTimePattern], fields: frozenset[str], sample: str) -> DateTimePattern:
    """Return what a word stands for, or read a pattern of Unicode's letters."""
    if style in known:
        return known[style]
    letters = {each for each in QUOTED.sub("", str(style)) if each.isalpha()}
    if not letters or not letters <= fields or len(style) > LONGEST_PATTERN:
        remedy = f"write one of {', '.join(known)}, or a pattern as {sample}"
        raise Unwritable("there is no such style", _hint(get_close_matches(str(style), known, n=1), remedy))
    try:
        return parse_pattern(style)
    except ValueError:
        remedy = f"repeat its letters as Unicode's table of date fields says, as in {sample}"
        raise Unwritable("that pattern cannot be written", remedy) from None


def _hint(near: Iterable[str], otherwise: str) -> str:
    return next((f"did you mean '{each}'?" for each in near), otherwise)
