"""Which numbers a rule is about, and when; the rules that come with the program say what Meta says."""

from datetime import date, timedelta

import pytest

from campaign.domain.country_rules import CountryRule, Sending, by_region, detail_of, holding, regions_of_prefix
from campaign.domain.numbers import Number, normalise
from campaign.settings import bundled_country_rules

TODAY = date(2026, 11, 21)
MARKETING = Sending("marketing", template=True, on=TODAY)
RULE = CountryRule(
    name="Utopia",
    action="refuse",
    reason="restricted_country",
    says="nobody is served there",
    remedy="leave these rows out",
    source="a page",
    regions=frozenset({"CU"}),
    prefixes=("+38065",),
)


def told(number: str, sending: Sending = MARKETING) -> list[tuple[str, str]]:
    """Give action and reason of every bundled rule about a number."""
    known = normalise(number, country=None)
    assert isinstance(known, Number)
    rules = bundled_country_rules()
    sorted_out = [rule for action in ("refuse", "warn") for rule in holding(rules, action, sending)]  # type: ignore[arg-type] # they are the two there are
    looked_at = by_region(sorted_out).get(known.region, ())
    return [(rule.action, rule.reason) for rule in looked_at if rule.covers(known.region, known.e164)]


@pytest.mark.parametrize("number", ["+5352000000", "+989122000000", "+8501922000000", "+963942000000"])
def test_nobody_is_written_to_where_whatsapp_serves_nobody(number: str) -> None:
    for category in ("marketing", "utility", "authentication", "service"):
        assert told(number, Sending(category, template=False, on=TODAY)) == [("refuse", "restricted_country")]


@pytest.mark.parametrize(
    ("sending", "refused"),
    [
        (MARKETING, True),
        (MARKETING._replace(template=False), False),
        (MARKETING._replace(category="utility"), False),
        (MARKETING._replace(on=date(2025, 3, 31)), False),
        (MARKETING._replace(on=date(2025, 4, 1)), True),
    ],
)
def test_a_number_of_the_united_states_gets_no_marketing_template_since_april_2025(
    sending: Sending, refused: object
) -> None:
    assert (told("+12122000000", sending) == [("refuse", "us_marketing")]) is refused
    assert told("+14162000000", sending) == []


@pytest.mark.parametrize("number", ["+17872000000", "+16712000000", "+13402000000", "+16705551234", "+16846331234"])
def test_a_territory_of_the_united_states_is_written_to_and_told_of(number: str) -> None:
    assert [action for action, _ in told(number)] == ["warn"]


@pytest.mark.parametrize("number", ["+380652000000", "+380692200000", "+380622000000", "+380642000000", "+79782000000"])
def test_a_number_that_may_be_in_crimea_or_the_donbas_is_written_to_and_told_of(number: str) -> None:
    assert [action for action, _ in told(number)] == ["warn"]


@pytest.mark.parametrize("number", ["+380501234567", "+79161234567", "+33612345678", "+77011234567"])
def test_nothing_is_told_of_anybody_else(number: str) -> None:
    assert told(number) == []


def test_every_bundled_rule_says_who_says_so_and_when_that_was_read() -> None:
    for rule in bundled_country_rules():
        assert "Meta" in rule.source
        assert "; read 20" in rule.source
        assert rule.remedy


def test_a_rule_holds_on_its_first_and_its_last_day() -> None:
    rule = CountryRule(**{**_members(RULE), "since": TODAY, "until": TODAY})

    days = [TODAY + timedelta(days=each) for each in (-1, 0, 1)]

    assert [rule.holds(MARKETING._replace(on=day)) for day in days] == [False, True, False]


def test_a_rule_is_looked_up_under_every_region_its_numbers_may_have() -> None:
    assert by_region([RULE]) == {"CU": (RULE,), "UA": (RULE,)}
    assert regions_of_prefix("+7") == {"RU", "KZ"}
    assert regions_of_prefix("+38065") == {"UA"}
    assert {"US", "CA", "PR"} < regions_of_prefix("+1787")
    # Shorter than a calling code: all that begin with it.
    assert {"UA", "RS"} < regions_of_prefix("+38")


def test_a_rule_is_about_its_regions_and_its_prefixes_alone() -> None:
    assert RULE.covers("CU", "+5352000000")
    assert RULE.covers("UA", "+380652000000")
    assert not RULE.covers("UA", "+380502000000")


def test_a_refusal_says_why_and_what_to_do_without_the_number() -> None:
    assert detail_of(RULE, "+5352001234") == "+53…1234: nobody is served there; leave these rows out"


def _members(rule: CountryRule) -> dict[str, object]:
    return {name: getattr(rule, name) for name in CountryRule.__slots__}
