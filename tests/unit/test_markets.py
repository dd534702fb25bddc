"""Which market a number, and a region, pays."""

from itertools import product

import phonenumbers
import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberFormat, PhoneNumberType

from campaign.adapters.rate_cards import read_markets
from campaign.domain.markets import OTHER, Market, Markets, market_key
from campaign.domain.numbers import Number, normalise
from campaign.resources import resource

TABLE = read_markets(resource("config", "rates", "calling-codes.csv"))  # type: ignore[arg-type] # a checkout's path


@pytest.mark.parametrize(
    ("number", "market"),
    [
        ("+33612345678", "France"),
        ("+14155550100", "North America"),
        ("+16135550100", "North America"),
        ("+18095550100", "Rest of Latin America"),
        ("+12425550100", "Rest of Latin America"),
        ("+77012345678", "Kazakhstan"),
        ("+79161234567", "Russia"),
        ("+4915123456789", "Germany"),
        ("+3545551234", OTHER),
        ("+80012345678", OTHER),
    ],
)
def test_the_longest_prefix_decides(number: str, market: str) -> None:
    assert TABLE.of_number(number).name == market


def examples() -> list[str]:
    """Give numbers of every kind of every region, and of every area code where regions share a calling code."""
    found = [
        phonenumbers.format_number(number, PhoneNumberFormat.E164)
        for region, kind in product(sorted(SUPPORTED_REGIONS), PhoneNumberType.values())
        if (number := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    shared = [f"+{code}{area}{rest}" for code, area, rest in product("17", range(200, 1000), ("2345678", "5551234"))]
    return found + shared


def test_a_region_pays_what_all_of_its_numbers_pay() -> None:
    """A plan counts by region alone; that must be the same as looking at each number."""
    read = [number for each in examples() if isinstance(number := normalise(each, country=None), Number)]
    apart = {number.region for number in read if TABLE.of_region(number.region) != TABLE.of_number(number.e164)}

    assert apart == set()
    assert len({number.region for number in read}) > 235


def test_who_belongs_to_no_country_pays_others_rates() -> None:
    assert [TABLE.of_region(region).name for region in ("001", "", "ZZ")] == [OTHER] * 3


def test_a_market_is_found_however_it_is_written() -> None:
    assert market_key(" Rest of Central & Eastern  EUROPE") == market_key("rest of central and eastern europe")
    assert market_key("Türkiye") == market_key("Turkey")


def test_a_table_of_ones_own_may_know_less() -> None:
    own = Markets({"33": Market("Home")})

    assert (own.of_region("FR").name, own.of_region("DE").name) == ("Home", OTHER)
