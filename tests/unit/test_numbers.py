import re
from functools import cache

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from campaign.domain import numbers
from campaign.domain.countries import home, plan
from campaign.domain.numbers import Number, Refusal, canonical, mask, normalise, person

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
RESPELLED = ("+55", "+52", "+54")
KEY = b"k" * 32


def by_the_library(text: str, region: str | None) -> Number | None:
    """Read digits with parse, is_valid_number, region_code_for_number and number_type; premium numbers are refused."""
    try:
        written = _e164(text, region)
    except NumberParseException:
        return None
    for spelling in (canonical(written), written):
        parsed = phonenumbers.parse(spelling)
        if phonenumbers.is_valid_number(parsed):
            kind = phonenumbers.number_type(parsed)
            where = phonenumbers.region_code_for_number(parsed) or "001"
            read = Number(_e164(spelling, None), where, spelling != written, kind == PhoneNumberType.FIXED_LINE)
            return None if kind == PhoneNumberType.PREMIUM_RATE else read
    return None


def _e164(text: str, region: str | None) -> str:
    return phonenumbers.format_number(phonenumbers.parse(text, region), PhoneNumberFormat.E164)


@cache
def examples(region: str) -> list[str]:
    """List national significant numbers of every type a region has."""
    found = (phonenumbers.example_number_for_type(region, kind) for kind in PhoneNumberType.values())
    return [phonenumbers.national_significant_number(number) for number in found if number is not None]


def code(region: str) -> str:
    return str(phonenumbers.country_code_for_region(region))


@st.composite
def near_numbers(draw: st.DrawFn) -> tuple[str, str]:
    """Draw a region and digits that look like one of its numbers, with prefixes, wrong ends and wrong lengths."""
    region = draw(st.sampled_from(REGIONS))
    example = draw(st.sampled_from(examples(region)))
    kept = example[: draw(st.integers(1, len(example)))]
    end = draw(st.text("0123456789", min_size=0, max_size=len(example) - len(kept) + 1))
    prefix = draw(st.sampled_from(["", "0", "1", "8", "06", "015", code(region), "00" + code(region)]))
    return region, prefix + kept + end


def expect(raw: str, country: str | None = None, *, international: bool = False) -> str:
    found = normalise(raw, country=country, international=international)
    return found.e164 if isinstance(found, Number) else found.detail


@pytest.mark.parametrize("region", REGIONS)
def test_example_numbers_of_every_type_are_read_as_the_library_reads_them(region: str) -> None:
    for national in examples(region):
        for text, country in ((f"+{code(region)}{national}", None), (national, region), (f"0{national}", region)):
            found = normalise(text, country=country)
            assert (found if isinstance(found, Number) else None) == by_the_library(text, country), text


@given(near_numbers())
def test_the_fast_path_never_says_anything_the_library_does_not(near: tuple[str, str]) -> None:
    region, digits = near
    for text, country in (("+" + digits, None), (f"+{code(region)}{digits}", None), (digits, region)):
        if (fast := numbers._known(text, home(country) if country else None)) is not None and text[:2] != "00":
            assert fast == by_the_library(text, country), (text, country)


@pytest.mark.parametrize("region", ["FR", "US", "DE", "BR", "GB", "IN", "IT", "CA"])
def test_the_fast_path_decides_the_usual_numbers_alone(region: str) -> None:
    parsed = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assert parsed is not None
    national = re.sub(r"\D", "", phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))

    assert numbers._known(phonenumbers.format_number(parsed, PhoneNumberFormat.E164), None) is not None
    assert numbers._known(national, home(region)) is not None
    assert numbers._known("33612345678", home("FR")) is not None


@given(near_numbers())
def test_a_valid_number_stays_what_it_is_outside_the_three_countries(near: tuple[str, str]) -> None:
    """So two valid numbers are never merged into one person."""
    region, digits = near
    try:
        written = _e164(_e164(digits, region), None)
    except NumberParseException:
        return
    if phonenumbers.is_valid_number(phonenumbers.parse(written)) and not written.startswith(RESPELLED):
        found = normalise(written, country=None)
        assert found.e164 == written if isinstance(found, Number) else "premium-rate" in found.detail


@given(near_numbers())
def test_reading_is_idempotent(near: tuple[str, str]) -> None:
    region, digits = near
    found = normalise(digits, country=region)
    if isinstance(found, Number):
        assert normalise(found.e164, country=None) == found._replace(canonical_changed=False)


@given(st.text(max_size=40) | st.text("+0123456789-./() 'eExX\u0663\uff13\u200e\u00a0", max_size=24), st.booleans())
def test_no_cell_raises_and_no_refusal_shows_a_number(raw: str, international: bool) -> None:  # noqa: FBT001 - drawn
    for country in (None, "FR", "BR", "IT", "XX", ""):
        found = normalise(raw, country=country, international=international)
        if isinstance(found, Refusal):
            assert not re.search(r"\d{6}", found.detail)


@pytest.mark.parametrize(
    "raw",
    [
        "+33612345678",
        "+33 6 12 34 56 78",
        "+33 (0)6 12 34 56 78",
        "(+33) 6-12-34-56-78",
        "0033612345678",
        "'+33612345678",
        "+33612345678.0",
        "\u202a+33\u00a06\u00a012\u202f34\u00a056\u00a078\u202c",
        "\u200e+33612345678",
        "\uff0b\uff13\uff13\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18",
        "\u0660\u0660\u0663\u0663\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
        "+33 6 12 34 56\u201178",
    ],
)
def test_what_has_one_meaning_is_read(raw: str) -> None:
    assert expect(raw) == "+33612345678"


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("0612345678", "FR", "+33612345678"),
        ("612345678", "FR", "+33612345678"),
        ("612345678.0", "FR", "+33612345678"),
        ("33612345678", "FR", "+33612345678"),
        ("0049 151 23456789", "FR", "+4915123456789"),
        ("011 33 6 12 34 56 78", "US", "+33612345678"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("1-416-555-0123", "us", "+14165550123"),
        ("0171/1234567", "DE", "+491711234567"),
        ("011 98765-4321", "BR", "+5511987654321"),
        ("+39 (0)6 1234 5678", None, "+390612345678"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("7 (912) 345-67-89", "RU", "+79123456789"),
        ("0800731728", "JE", "+44800731728"),
    ],
)
def test_national_habits_are_read(raw: str, country: str | None, e164: str) -> None:
    assert expect(raw, country) == e164


@pytest.mark.parametrize(
    ("raw", "country", "says"),
    [
        ("", "FR", "no number in this row"),
        (" \u00a0", "FR", "no number in this row"),
        ("4.91512E+11", "DE", "export the column as text"),
        ("4,91512e+11", "DE", "export the column as text"),
        ("0612345678 ext 4", "FR", "remove letters"),
        ("0612345678#4", "FR", "remove letters"),
        ("+33612345678/+33612345679", None, "more than one number"),
        ("0612345678 / 0612345679", "FR", "no valid number of FR"),
        ("n/a", "FR", "remove letters"),
        ("²12345678", "FR", "remove letters"),
        ("US.13491208655302741918", None, "business-scoped user id"),
        ("US.ENT.11815799212886844830", None, "business-scoped user id"),
        ("0612345678", None, "set audience.country"),
        ("0612345678", "XX", "set audience.country"),
        ("4915123456789", "FR", "audience.numbers: international"),
        ("+336123", None, "no valid number"),
        ("+0612345678", None, "no valid number"),
        ("+999612345678", None, "no valid number"),
        ("+33899123456", None, "premium-rate"),
        ("06 12 34 56 78 " * 20, "FR", "too long"),
    ],
)
def test_what_is_damaged_or_ambiguous_is_refused_with_the_remedy(raw: str, country: str | None, says: str) -> None:
    assert says in expect(raw, country)


@pytest.mark.parametrize(("raw", "country"), [("0056632170546", "KR"), ("+39 (0)324092584", None)])
def test_a_cell_with_two_valid_readings_is_refused(raw: str, country: str | None) -> None:
    """00566 is a Korean way to dial abroad, and 0056 Chile; in Italy a number may begin with the zero in brackets."""
    assert "two different numbers" in expect(raw, country)


def test_bare_digits_are_international_when_the_file_says_so() -> None:
    assert expect("33612345678", international=True) == "+33612345678"
    assert expect("0033612345678", international=True) == "+33612345678"
    assert "set audience.country" in expect("0612345678", "FR", international=True)


@pytest.mark.parametrize(
    ("raw", "country", "e164"),
    [
        ("+551181234567", None, "+5511981234567"),
        ("+555581234567", None, "+5555981234567"),
        ("(11) 8123-4567", "BR", "+5511981234567"),
        ("+5215512345678", None, "+525512345678"),
        ("5215512345678", "MX", "+525512345678"),
        ("+541158749895", None, "+5491158749895"),
    ],
)
def test_one_person_has_one_spelling(raw: str, country: str | None, e164: str) -> None:
    found = normalise(raw, country=country)

    assert isinstance(found, Number)
    assert (found.e164, found.canonical_changed) == (e164, True)
    assert normalise(e164, country=None) == found._replace(canonical_changed=False)
    assert person(found.e164, KEY) == person(e164, KEY)


def test_a_brazilian_landline_and_an_argentine_free_number_are_left_alone() -> None:
    assert normalise("+551131234567", country=None) == Number("+551131234567", "BR", False, True)
    assert normalise("+548001234567", country=None) == Number("+548001234567", "AR", False, False)


def test_the_fifteen_of_an_argentine_mobile_becomes_its_nine() -> None:
    assert expect("011 15 5874-9895", "AR") == "+5491158749895"


def test_landlines_are_accepted_and_told_apart() -> None:
    assert normalise("+33142345678", country=None) == Number("+33142345678", "FR", False, True)
    assert normalise("+12125550123", country=None) == Number("+12125550123", "US", False, False)


def test_regions_of_a_shared_calling_code_are_told_apart() -> None:
    regions = [
        found.region
        for raw in ("+14165550123", "+17872345678", "+77012345678", "+447781123456")
        if isinstance(found := normalise(raw, country=None), Number)
    ]

    assert regions == ["CA", "PR", "KZ", "GG"]


def test_a_person_has_one_name_in_both_spellings_and_another_under_another_key() -> None:
    assert len(person("+33612345678", KEY)) == 16
    assert person("+551181234567", KEY) == person("+5511981234567", KEY)
    assert person("+33612345678", KEY) != person("+33612345679", KEY)
    assert person("+33612345678", KEY) != person("+33612345678", b"x" * 32)


def test_a_mask_keeps_both_ends_of_a_number_and_nothing_of_a_short_one() -> None:
    assert mask("+33612345678") == "+33…5678"
    assert mask("1234567") == "…"


def test_there_is_no_plan_for_a_code_that_does_not_exist() -> None:
    assert [plan(digits) for digits in ("0", "01", "2", "999")] == [None] * 4
    assert home("XX") is None
