"""Where numbers are: no zone is named that its owner may not live in, and none is missing."""

import phonenumbers
import pytest
from phonenumbers.timezone import time_zones_for_number

from campaign.domain.numbers import Number, normalise
from campaign.domain.zones import NOWHERE, area, zones_of

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)


def zones(e164: str) -> set[str]:
    number = normalise(e164, country=None)
    assert isinstance(number, Number), number
    return set(zones_of(area(number.e164, number.region, fixed_line=number.fixed_line)))


@pytest.mark.parametrize("kind", KINDS, ids=["mobile", "fixed line"])
def test_no_zone_is_missing_that_the_library_has_for_a_number(kind: int) -> None:
    for region in REGIONS:
        example = phonenumbers.example_number_for_type(region, kind)
        e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164) if example is not None else ""
        number = normalise(e164, country=None)
        if isinstance(number, Number):
            library = set(time_zones_for_number(phonenumbers.parse(number.e164))) - {"Etc/Unknown"}
            found = zones(number.e164)
            # Where several countries share a calling code, its mobiles are not in all of them, as the library has it.
            assert library <= found or (number.e164[:2] in {"+1", "+7"} and found < library), region


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        ("+33612345678", {"Europe/Paris"}),
        ("+34612345678", {"Europe/Madrid", "Atlantic/Canary"}),
        ("+12125550123", {"America/New_York"}),
        ("+13105550123", {"America/Los_Angeles"}),
        ("+5511961234567", {"America/Sao_Paulo"}),
        ("+77710009998", {"Asia/Almaty", "Asia/Aqtobe"}),
        ("+819012345678", {"Asia/Tokyo"}),
    ],
)
def test_a_number_is_in_the_zones_of_its_area_or_country(e164: str, expected: set[str]) -> None:
    assert zones(e164) == expected


@pytest.mark.parametrize(
    ("e164", "far"),
    [("+61412345678", "Australia/Perth"), ("+79123456789", "Asia/Vladivostok"), ("+6281234567890", "Asia/Jayapura")],
)
def test_a_mobile_number_may_be_anywhere_in_its_country(e164: str, far: str) -> None:
    assert far in zones(e164)


def test_a_fixed_line_stays_where_it_is() -> None:
    assert zones("+498912345678") == {"Europe/Berlin"}
    assert zones("+61261234567") == {"Australia/Sydney"}


def test_a_number_of_no_country_is_nowhere_and_goes_by_universal_time() -> None:
    assert area("+870773111632", "001", fixed_line=False) == NOWHERE
    assert zones_of(NOWHERE) == ("UTC",)
