"""Where in the world a number is: E.164 -> the time zones its owner may live in, by the library's table of prefixes."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.tzdata import TIMEZONE_DATA, TIMEZONE_LONGEST_PREFIX

# Calling codes whose mobile numbers carry the code of an area. libphonenumber counts China (one zone) and Indonesia
# too, whose mobile numbers are the whole country's. Elsewhere its table gives mobile prefixes the zone of the capital:
# +614 is Sydney, though Perth has the same numbers, three hours behind.
AREA_CODED: Final = frozenset({"1", "52", "54", "55"})

# A region that shares its calling code with another, and has leading digits of its own there.
_LEADING: Final[Mapping[str, str]] = {"KZ": "77"}

# For numbers of no country, as +870 (satellites) and +800.
NOWHERE: Final = ""
_UNIVERSAL: Final = ("UTC",)

_CODES: Final = frozenset(str(code) for code in COUNTRY_CODE_TO_REGION_CODE)


def area(e164: str, region: str, *, fixed_line: bool) -> str:
    """Name the leading digits that say where a canonical number of `region` is; NOWHERE where no country has it.

    Fixed lines go by their longest known prefix. Mobile numbers do where they carry an area's code; elsewhere they may
    be anywhere in the country.
    """
    code = _calling_code(e164[1:4])
    if not fixed_line and code not in AREA_CODED:
        country = _LEADING.get(region, code)
        return country if country in TIMEZONE_DATA else NOWHERE
    for length in range(TIMEZONE_LONGEST_PREFIX + 1, 1, -1):
        prefix = e164[1:length]
        if prefix in TIMEZONE_DATA:
            return prefix
    return NOWHERE


def zones_of(digits: str) -> tuple[str, ...]:
    """Give every IANA zone of an area; UTC for NOWHERE."""
    return TIMEZONE_DATA.get(digits, _UNIVERSAL)


@cache
def _calling_code(digits: str) -> str:
    """Find the calling code that three digits begin with; it is no longer than them, and no two share a beginning."""
    return next((digits[:length] for length in (1, 2, 3) if digits[:length] in _CODES), NOWHERE)
