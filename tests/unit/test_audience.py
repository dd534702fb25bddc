import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from campaign.audience import Cleaner, Columns, Recipient, Refused, consented
from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import person

KEY = b"k" * 32
HEADER = ("first_name", "phone", "opt_in")


def clean(*rows: tuple[Any, ...], **columns: Any) -> tuple[list[Recipient], list[Refused]]:
    cleaner = Cleaner(HEADER, Columns(**{"phone": "phone", "country": "FR"} | columns), key=KEY, where="people.csv:1")
    return cleaner.clean(enumerate(rows, 1))


def test_every_row_ends_as_exactly_one_recipient_or_one_refusal() -> None:
    recipients, refused = clean(
        ("Ana", "06 12 34 56 78", "yes"), ("Bo", "123", "yes"), ("Cy", "+4915123456789", "no"), consent="opt_in"
    )

    assert [(one.row, one.e164, one.region) for one in recipients] == [(1, "+33612345678", "FR")]
    assert [(one.row, one.reason) for one in refused] == [(2, "invalid"), (3, "no_consent")]


def test_a_recipient_carries_the_other_columns_and_the_persons_name() -> None:
    (one,), _ = clean(("Ana", "+33612345678", "yes"))

    assert one.variables == {"first_name": "Ana", "opt_in": "yes"}
    assert one.person == person("+33612345678", KEY)


def test_a_blank_cell_is_a_missing_variable_so_that_defaults_fill_it() -> None:
    (one,), _ = clean(("", "+33612345678", " \u00a0"))

    assert one.variables == {}


def test_what_a_query_returns_becomes_what_json_can_hold() -> None:
    day = dt.datetime(2026, 12, 1, 9, tzinfo=dt.UTC)
    header = ("phone", "day", "price", "count", "member", "none", "blank")
    cleaner = Cleaner(header, Columns("phone", "FR"), key=KEY, where="audience.query")

    (one,), _ = cleaner.clean([(1, (612345678, day, Decimal("1E+2"), 3, True, None, ""))])

    assert one.e164 == "+33612345678"
    assert one.variables == {"day": "2026-12-01 09:00:00+00:00", "price": "100", "count": 3, "member": True}


def test_respelled_numbers_and_landlines_are_marked() -> None:
    recipients, _ = clean(("Ana", "+551181234567", ""), ("Bo", "0142345678", ""), ("Cy", "0612345678", ""))

    assert [(one.canonical_changed, one.fixed_line) for one in recipients] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_whom_a_row_without_consent_meant_is_known() -> None:
    header = ("phone", "ok")
    cleaner = Cleaner(header, Columns("phone", "FR", consent="ok"), key=KEY, where="audience.query")

    _, refused = cleaner.clean([(1, ("0612345678", "no")), (2, ("12", "no"))])

    assert [(each.reason, each.person) for each in refused] == [
        ("no_consent", person("+33612345678", KEY)),
        ("invalid", None),
    ]


def test_international_columns_read_bare_digits_with_their_country_code() -> None:
    (one,), refused = clean(("Ana", "4915123456789", ""), ("Bo", "0612345678", ""), numbers="international")

    assert one.e164 == "+4915123456789"
    assert "does not begin with a country code" in refused[0].detail


@pytest.mark.parametrize("cell", ["TRUE", " Yes ", "y", "t", "1", "on", "Oui", "si", "sí", "sim", "JA", True, 1])
def test_a_clear_yes_is_consent(cell: object) -> None:
    assert consented(cell)


@pytest.mark.parametrize("cell", ["", None, "no", "false", False, 0, "0", "unknown", "yes?", 2, "off"])
def test_everything_else_is_not(cell: object) -> None:
    assert not consented(cell)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            Columns("telephone"),
            "there is no column 'telephone'; the columns are: first_name, phone, opt_in; did you mean 'phone'",
        ),
        (Columns("Phone"), "did you mean 'phone'?"),
        (Columns("phone", consent="optin"), "did you mean 'opt_in'?"),
        (Columns("xyz"), "name one of them"),
        (Columns("phone", country="UK"), "audience.country: 'UK' is no country"),
    ],
)
def test_a_column_or_country_that_is_not_there_is_named_with_the_nearest(columns: Columns, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Cleaner(HEADER, columns, key=KEY, where="people.csv:1")

    assert says in str(caught.value)
    assert caught.value.exit_code == 2
