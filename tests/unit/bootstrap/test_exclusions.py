"""Whom a plan refuses by country, what it only tells of, and when too many have it already."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from campaign.audience import Recipient
from campaign.bootstrap.exclusions import nobody, refuser, remarks
from campaign.domain.country_rules import CountryRule
from campaign.domain.outlook import PlanFinding
from campaign.plan import Planned
from campaign.ports import Excluded, Group, SentBefore

WARNING = CountryRule(
    name="Utopia",
    action="warn",
    reason="restricted_country",
    says="nobody knows",
    remedy="try a few first",
    source="a page; read 2026-11-21",
    regions=frozenset({"TR"}),
    prefixes=("+38065",),
)
TEMPLATE = {"type": "template"}


def intent(
    *rules: CountryRule, message: dict[str, Any] | None = None, consent: object = None, category: str = "marketing"
) -> Any:
    campaign = SimpleNamespace(category=category, consent=consent, where=lambda key: f"spring.yaml:{key}")
    settings = SimpleNamespace(own_country_rules=rules or None, country_rules=Path("rules.yaml") if rules else None)
    return SimpleNamespace(
        campaign=campaign, settings=settings, wordings=[SimpleNamespace(message=message or TEMPLATE)]
    )


def recipient(e164: str, region: str) -> Recipient:
    return Recipient(7, e164, region, b"p" * 16, {}, canonical_changed=False, fixed_line=False)


class Writing:
    """An open plan whose exclusions are given."""

    def __init__(self, *runs: SentBefore, prefixed: int = 0) -> None:
        self.exclusions = self
        self.asked: list[tuple[set[str], set[str]]] = []
        self._runs = runs
        self._prefixed = prefixed

    async def rows(self) -> AsyncIterator[Excluded]:
        for each in ():
            yield each

    async def sent_before(self) -> Sequence[SentBefore]:
        return self._runs

    async def prefixed(self, regions: Collection[str], prefixes: Collection[str]) -> int:
        self.asked.append((set(regions), set(prefixes)))
        return self._prefixed


def planned(*, already_sent: int = 0, messages: int = 100, regions: dict[str, int] | None = None) -> Planned:
    return Planned(
        audience=messages,
        planned=messages,
        refused={},
        skipped={"already_sent": already_sent} if already_sent else {},
        canonicalised=0,
        fixed_lines=0,
        digest=b"",
        groups={Group("paris", 0, 0, None, region): count for region, count in (regions or {}).items()},
    )


@pytest.mark.parametrize(
    ("e164", "region", "reason"),
    [
        ("+5352001234", "CU", "restricted_country"),
        ("+12122001234", "US", "us_marketing"),
        ("+33612345678", "FR", None),
        ("+17872001234", "PR", None),
    ],
)
def test_people_are_refused_by_the_region_of_their_number(e164: str, region: str, reason: str | None) -> None:
    refused = refuser(intent())(recipient(e164, region))

    assert (refused.reason if refused else None) == reason
    if refused is not None:
        assert (refused.row, refused.person) == (7, b"p" * 16)
        assert refused.detail.startswith(f"{e164[:3]}…1234: ")


def test_a_free_form_message_may_go_to_the_united_states() -> None:
    assert refuser(intent(message={"type": "text"}))(recipient("+12122001234", "US")) is None


def test_one_template_among_several_messages_is_enough() -> None:
    two = intent()
    two.wordings = [SimpleNamespace(message={"type": "text"}), SimpleNamespace(message=TEMPLATE)]

    assert refuser(two)(recipient("+12122001234", "US")) is not None


def test_own_rules_take_the_place_of_the_bundled_ones() -> None:
    assert refuser(intent(WARNING))(recipient("+5352001234", "CU")) is None


def test_a_rule_that_is_over_refuses_nobody() -> None:
    over = CountryRule("Utopia", "refuse", "restricted_country", "", "", "", frozenset({"CU"}), until=date(2020, 1, 1))

    assert refuser(intent(over))(recipient("+5352001234", "CU")) is None


async def test_a_warning_counts_the_messages_it_is_about() -> None:
    writing = Writing(prefixed=3)

    (found,) = await remarks(intent(WARNING), planned(regions={"TR": 40, "UA": 5, "FR": 55}), writing)  # type: ignore[arg-type] # a fake

    assert found.what == "Utopia, 43 people: nobody knows (a page; read 2026-11-21)"
    assert (found.where, found.remedy, found.blocks) == ("rules.yaml", "try a few first", False)
    assert writing.asked == [({"UA"}, {"+38065"})]


async def test_where_nobody_has_such_a_number_nothing_is_counted_and_nothing_told() -> None:
    writing = Writing(prefixed=3)

    assert await remarks(intent(WARNING), planned(regions={"FR": 55}), writing) == []  # type: ignore[arg-type] # a fake
    assert writing.asked == []


@pytest.mark.parametrize(("sent", "blocks"), [(49, False), (50, True), (100, True)])
async def test_half_of_the_people_having_it_already_is_a_no_go_that_names_the_runs(sent: int, blocks: object) -> None:
    runs = [SentBefore(f"winter@{number}", 40 - number) for number in range(5)]

    found = await remarks(intent(WARNING), planned(already_sent=sent), Writing(*runs))  # type: ignore[arg-type] # a fake

    assert [each.blocks for each in found] == ([True] if blocks else [])
    if found:
        told = "winter@0 (40), winter@1 (39), winter@2 (38) and 2 more"
        assert found[0].what == f"{sent} of 100 people got the same content already, from {told}"
        assert found[0].where == "spring.yaml:duplicates"


async def test_consent_that_is_recorded_elsewhere_is_told_and_stops_nothing() -> None:
    (found,) = await remarks(intent(consent="recorded_elsewhere"), planned(), Writing())  # type: ignore[arg-type] # a fake

    assert "nobody was left out for want of it" in found.what
    assert (found.where, found.blocks) == ("spring.yaml:consent", False)
    assert await remarks(intent(category="utility", consent="recorded_elsewhere"), planned(), Writing()) == []  # type: ignore[arg-type] # a fake


def test_a_plan_that_reaches_nobody_is_told_once_with_the_reasons() -> None:
    all_of_them = Planned(5, 5, {}, {"frequency_cap": 4, "suppressed": 1}, 0, 0, b"", {})
    some = Planned(5, 5, {}, {"frequency_cap": 4}, 0, 0, b"", {Group("paris", 0, 0, 0, "FR"): 1})
    spring = SimpleNamespace(path=Path("spring.yaml"))

    (told,) = nobody(spring, all_of_them, [])  # type: ignore[arg-type] # like an intent
    assert told.what == "nobody would get a message: 4 frequency_cap, 1 suppressed. The run would be over at once"
    assert nobody(spring, some, []) == []  # type: ignore[arg-type] # see above
    assert nobody(spring, all_of_them, [PlanFinding("expired", blocks=True)]) == []  # type: ignore[arg-type] # see above
