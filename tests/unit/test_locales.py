from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain import locales
from campaign.domain.locales import Unwritable, nearest_locale

LOCALES = ("fr", "de", "en_US", "en_IN", "pt_BR", "es", "es_MX", "ar_EG", "hi", "ja", "de_CH", "pl", "he", "id", "bg")
DAYS = st.dates(min_value=date(1900, 1, 1))
AMOUNTS = st.decimals(min_value=-(10**14), max_value=10**14, places=4)


@given(AMOUNTS, st.sampled_from(["EUR", "USD", "INR", "JPY", "TND", "BRL"]), st.sampled_from(LOCALES))
def test_an_amount_is_written_as_the_library_writes_it(amount: Decimal, code: str, locale: str) -> None:
    assert locales.currency(code, locale)(format(amount, "f")) == format_currency(amount, code, locale=locale)


@given(AMOUNTS, st.sampled_from(LOCALES))
def test_a_number_is_written_as_the_library_writes_it(amount: Decimal, locale: str) -> None:
    assert locales.number(locale)(amount) == format_decimal(amount, locale=locale)


@given(DAYS, st.sampled_from(["short", "medium", "long", "full", "EEEE d MMMM"]), st.sampled_from(LOCALES))
def test_a_day_is_written_as_the_library_writes_it(day: date, style: str, locale: str) -> None:
    assert locales.date(style, locale)(day.isoformat()) == format_date(day, style, locale=locale)


@given(st.times(), st.sampled_from(["short", "medium", "HH:mm"]), st.sampled_from(LOCALES))
def test_a_time_is_written_as_the_library_writes_it(clock: time, style: str, locale: str) -> None:
    assert locales.time(style, locale)(clock.isoformat()) == format_time(clock, style, locale=locale)


@pytest.mark.parametrize(
    ("writer", "value", "expected"),
    [
        (locales.currency("EUR", "fr"), "1234.5", "1\u202f234,50\xa0€"),
        (locales.currency("EUR", "fr"), Decimal("1234.50"), "1\u202f234,50\xa0€"),
        (locales.currency("EUR", "fr"), 0.1, "0,10\xa0€"),
        (locales.currency("USD", "en-US"), -5, "-$5.00"),
        (locales.currency("INR", "en_IN"), "1234567", "₹12,34,567.00"),
        (locales.number("de"), "1234.50", "1.234,5"),
        (locales.number("de", 2), 3, "3,00"),
        (locales.number("fr", 0), "2.5", "2"),
        (locales.date("long", "fr"), "2026-12-01", "1 décembre 2026"),
        (locales.date("long", "fr"), date(2026, 12, 1), "1 décembre 2026"),
        (locales.date("d 'de' MMMM", "es"), "2026-12-01 23:30:00", "1 de diciembre"),
        (locales.date("long", "fr", "Europe/Paris"), "2026-12-01 23:30:00+00:00", "2 décembre 2026"),
        (locales.time("short", "fr"), "14:30:00", "14:30"),
        (locales.time("short", "fr"), datetime(2026, 12, 1, 14, 30), "14:30"),  # noqa: DTZ001 - as a column without zone
        (locales.time("short", "en_US", "America/New_York"), "2026-12-01T14:30:00Z", "9:30\u202fAM"),
    ],
)
def test_values_are_read_as_a_database_or_a_file_has_them(
    writer: Callable[[Any], str], value: object, expected: str
) -> None:
    assert writer(value) == expected


NUMBER = "the column's value is no number; let the query return it as 1234.50, nothing around it"
DATE = "the column's value is no date; let the query return it as 2026-12-31"
TIME = "the column's value is no time; let the query return it as 14:30"
OFFSET = "the column's value has a UTC offset, and the expression names no time zone"
QUERY = ", or let the query convert it"


@pytest.mark.parametrize(
    ("writer", "value", "said"),
    [
        (locales.currency("EUR", "fr"), "12,50", NUMBER),
        (locales.currency("EUR", "fr"), "€12", NUMBER),
        (locales.currency("EUR", "fr"), True, NUMBER),
        (locales.number("fr"), "1e999999999", NUMBER),
        (locales.number("fr"), Decimal("1e999999999"), NUMBER),
        (locales.number("fr"), "1" * 16, NUMBER),
        (locales.date("long", "fr"), "01/12/2026", DATE),
        (
            locales.date("long", "fr"),
            "2026-12-01 23:30+00:00",
            f"{OFFSET}; write date('long', 'fr', 'Europe/Paris'){QUERY}",
        ),
        (locales.time("short", "fr"), "14h30", TIME),
        (locales.time("short", "fr"), "25:00", TIME),
        (locales.time("short", "fr"), "2026-12-01", TIME),
        (
            locales.time("short", "fr"),
            "2026-12-01 23:30+00:00",
            f"{OFFSET}; write time('short', 'fr', 'Europe/Paris'){QUERY}",
        ),
    ],
)
def test_what_cannot_be_written_is_told_without_the_value(
    writer: Callable[[Any], str], value: object, said: str
) -> None:
    with pytest.raises(Unwritable) as raised:
        writer(value)
    assert f"{raised.value.what}; {raised.value.remedy}" == said


@pytest.mark.parametrize(
    ("code", "known"),
    [("fr", "fr"), ("pt_BR", "pt_BR"), ("es_LA", "es"), ("zh_HK", "zh_HK"), ("fil", "fil"), ("qq_FR", None)],
)
def test_the_language_of_a_template_is_found_without_its_country_too(code: str, known: str | None) -> None:
    assert nearest_locale(code) == known
