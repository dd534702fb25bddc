"""Countries with rules of their own: whom no message is sent to, and where a plan warns. The rules are data."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from campaign.domain.numbers import mask

Action = Literal["refuse", "warn"]
Reason = Literal["restricted_country", "us_marketing"]


class Sending(NamedTuple):
    """What a rule looks at besides the number: category, whether a template is sent, and on which day."""

    category: str
    template: bool
    on: date


@dataclass(frozen=True, slots=True)
class CountryRule:
    """One rule for the numbers of `regions`, and those that begin with one of `prefixes`, '+38065'.

    It holds from `since` until `until`, both included; no `categories` are all of them.
    """

    name: str
    action: Action
    reason: Reason
    says: str
    remedy: str
    source: str
    regions: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()
    templates_only: bool = False
    since: date = date.min
    until: date = date.max

    def holds(self, sending: Sending) -> bool:
        """Tell whether it is about what is sent."""
        return (
            self.since <= sending.on <= self.until
            and (not self.categories or sending.category in self.categories)
            and (sending.template or not self.templates_only)
        )

    def covers(self, region: str, e164: str) -> bool:
        """Tell whether it is about a number."""
        return region in self.regions or e164.startswith(self.prefixes)


def holding(rules: Iterable[CountryRule], action: Action, sending: Sending) -> list[CountryRule]:
    """List the rules of one kind that are about what is sent."""
    return [rule for rule in rules if rule.action == action and rule.holds(sending)]


def by_region(rules: Iterable[CountryRule]) -> dict[str, tuple[CountryRule, ...]]:
    """Sort rules by every region whose numbers they may be about."""
    found: defaultdict[str, tuple[CountryRule, ...]] = defaultdict(tuple)
    for rule in rules:
        for region in rule.regions.union(*map(regions_of_prefix, rule.prefixes)):
            found[region] += (rule,)
    return dict(found)


def regions_of_prefix(prefix: str) -> frozenset[str]:
    """Name the regions that have numbers with a prefix, as far as its calling code tells: +1 is 25 of them."""
    digits = prefix[1:]
    codes = {str(code): regions for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()}
    within = (regions for code, regions in codes.items() if code.startswith(digits) or digits.startswith(code))
    return frozenset(region for regions in within for region in regions)


def detail_of(rule: CountryRule, e164: str) -> str:
    """Say why a number gets no message, and what to do; never the number in full."""
    return f"{mask(e164)}: {rule.says}; {rule.remedy}"
