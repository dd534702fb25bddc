"""Numbering plans: the library's own metadata, compiled once per country so that one match validates a number.

`phonenumbers` needs 17-30 µs to parse and validate one number; a plan needs two. What a plan cannot decide by itself
is left to the library, so a plan may know less than the library but never something else.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import cache
from typing import NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata
from phonenumbers.phonemetadata import PhoneNumberDesc

Matcher = Callable[[str], re.Match[str] | None]


# One person, two spellings: (how the number is written, how WhatsApp and this program write it).
#
# +55 Brazil: mobiles got a ninth digit between 2012 and 2016. WhatsApp ids made before lack it, outside the area codes
#     11-19, 21, 22, 24, 27 and 28 even for good; the Cloud API takes both spellings and answers with its own `wa_id`.
#     Ours always has it: fixed lines begin with 2-5, so what begins with 6-9 is a mobile.
# +52 Mexico: the 1 of mobiles was abolished in August 2019; WhatsApp ids made before still carry it.
# +54 Argentina: "all phone numbers in Argentina should have a 9 between the country code and area code"
#     (faq.whatsapp.com/1294841057948784, read in 2026). Fixed and mobile lines share one flat plan (a mobile is called
#     from another mobile by its ten digits, without 15 or 9), so both spellings are one line. Uncertain: whether a
#     fixed line with a WhatsApp Business account is found under its number with the 9.
REWRITES: dict[str, tuple[re.Pattern[str], str]] = {
    "+55": (re.compile(r"\+55(\d\d)([6-9]\d{7})"), r"+55\g<1>9\2"),
    "+52": (re.compile(r"\+521(\d{10})"), r"+52\1"),
    "+54": (re.compile(r"\+54([1236]\d{9})"), r"+549\1"),
}


class Kind(IntEnum):
    """What sort of line a number is; the value is a group of the compiled pattern, and a lower one wins.

    Mobile before fixed, so that where both share their numbers (+1) nothing counts as a fixed line.
    """

    PREMIUM = 1
    SPECIAL = 2
    MOBILE = 3
    FIXED = 4


class Line(NamedTuple):
    """A valid number's region and kind."""

    region: str
    kind: int


class Region(NamedTuple):
    """One region of a calling code: `leading` names it at once, else a match of `kinds` does."""

    id: str
    leading: Matcher | None
    kinds: Matcher


class Plan(NamedTuple):
    """A calling code: its regions, and the prefix some people write after it."""

    code: str
    regions: tuple[Region, ...]
    prefix: Matcher | None

    def line(self, national: str) -> Line | None:
        """Name region and kind of a national significant number, or None where it is not valid."""
        for region in self.regions:
            if region.leading is not None and region.leading(national) is None:
                continue
            found = region.kinds(national)
            if found is not None:
                return Line(region.id, found.lastindex or 0)
            if region.leading is not None:
                return None
        return None


class Home(NamedTuple):
    """The country whose national numbers an audience holds."""

    id: str
    plan: Plan
    prefix: Matcher | None
    abroad: Matcher | None  # the prefix of international calls
    abroad_is_00: bool
    longest: int


@cache
def plan(code: str) -> Plan | None:
    """Compile the plan of a calling code, '33', once; None where there is no such code."""
    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()) if code[:1] != "0" else ()
    known = [(region, _metadata(region, int(code))) for region in regions]
    compiled = tuple(
        Region(region, _matcher(data.leading_digits), re.compile(_kinds(data)).fullmatch)
        for region, data in known
        if data is not None
    )
    return Plan(code, compiled, _prefix(known[0][1])) if compiled else None


@cache
def home(country: str) -> Home | None:
    """Compile what national numbers of a region look like, once; None where the region is unknown."""
    region = country.upper()
    data = PhoneMetadata.metadata_for_region(region, None) if region in SUPPORTED_REGIONS else None
    whole = plan(str(data.country_code)) if data is not None else None
    if data is None or whole is None:
        return None
    abroad = data.international_prefix
    longest = max(data.general_desc.possible_length) if data.general_desc is not None else 0
    return Home(region, whole, _prefix(data), _matcher(abroad), abroad == "00", longest)


def _metadata(region: str, code: int) -> PhoneMetadata | None:
    return PhoneMetadata.metadata_for_region_or_calling_code(code, region)


def _prefix(data: PhoneMetadata | None) -> Matcher | None:
    return _matcher(data.national_prefix_for_parsing) if data is not None else None


def _matcher(pattern: str | None) -> Matcher | None:
    return re.compile(pattern).match if pattern else None


def _kinds(data: PhoneMetadata) -> str:
    """Put a region's kinds of numbers into one pattern whose last group says which."""
    special = (data.toll_free, data.shared_cost, data.voip, data.personal_number, data.pager, data.uan, data.voicemail)
    groups = (
        _pattern(data.premium_rate),
        "|".join(map(_pattern, special)),
        *map(_pattern, (data.mobile, data.fixed_line)),
    )
    return rf"(?={_pattern(data.general_desc)}\Z)(?:" + "|".join(f"({group})" for group in groups) + ")"


def _pattern(desc: PhoneNumberDesc | None) -> str:
    if desc is None or not desc.national_number_pattern:
        return _NEVER
    lengths = "|".join(rf"\d{{{length}}}" for length in desc.possible_length if length > 0)
    if desc.possible_length and not lengths:
        return _NEVER
    return (rf"(?=(?:{lengths})\Z)" if lengths else "") + f"(?:{desc.national_number_pattern})"


_NEVER = "(?!)"
