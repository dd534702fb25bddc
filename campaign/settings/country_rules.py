"""config/country_rules.yaml, or the file that `country_rules` of the settings names in its place."""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, PlainValidator, ValidationInfo, WithJsonSchema

from campaign.domain.countries import home
from campaign.domain.country_rules import Action, CountryRule, Reason
from campaign.settings.document import Document
from campaign.settings.quantities import Section, Whole, beside, matching, refuse, shown

LEAVE_OUT: Final = "leave these rows out"
TEXT: Final = matching(
    r"(?=\S)[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,500}", "that is no line of text", "write a few words"
)


def _region(value: object) -> str:
    region = value if isinstance(value, str) else ""
    if home(region) is None or region != region.upper():
        raise refuse(f"{shown(value)} is no country", "write its two letters, as in CU or US")
    return region


def _prefix(value: object) -> str:
    text = value if isinstance(value, str) else ""
    if not (text.startswith("+") and text[1:].isdecimal() and text.isascii() and text[1] != "0"):
        raise refuse("that does not begin a number", 'write + and digits in quotes, as in "+38065"')
    return text


def _day(value: object) -> date:
    with suppress(ValueError):
        # No other form of ISO 8601: days are compared as they are written, too.
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
            return date.fromisoformat(str(value))
    raise refuse(f"{shown(value)} is no day", "write year, month and day, as in 2026-11-21")


def _file(value: object, info: ValidationInfo) -> Path:
    return beside(value, info, "name a YAML file, relative to this one")


_DATE: Final = {"type": "string", "format": "date"}

Region = Annotated[str, PlainValidator(_region), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$"})]
Prefix = Annotated[str, PlainValidator(_prefix), WithJsonSchema({"type": "string", "pattern": "^\\+[1-9][0-9]*$"})]
Day = Annotated[date, PlainValidator(_day), WithJsonSchema(_DATE)]
Text = Annotated[str, TEXT]
RulesPath = Annotated[Path, BeforeValidator(_file)]
Category = Literal["marketing", "utility", "authentication", "service"]


class WrittenRule(Section):
    """One rule, as the file says it."""

    name: Text = Field(examples=["Cuba"])
    regions: tuple[Region, ...] = ()
    prefixes: tuple[Prefix, ...] = ()
    action: Action = Field(examples=["refuse"])
    reason: Reason = "restricted_country"
    categories: Annotated[tuple[Category, ...], Field(min_length=1)] | None = None
    messages: Literal["all", "templates"] = "all"
    since: Day | None = Field(default=None, alias="from")
    until: Day | None = None
    says: Text = Field(examples=["WhatsApp serves nobody there"])
    remedy: Text = LEAVE_OUT
    source: Text = Field(examples=["who says so"])
    read: Day = Field(examples=["2026-11-21"])

    @property
    def rule(self) -> CountryRule:
        """Give it as the plan uses it."""
        return CountryRule(
            name=self.name,
            action=self.action,
            reason=self.reason,
            says=self.says,
            remedy=self.remedy,
            source=f"{self.source}; read {self.read}",
            regions=frozenset(self.regions),
            prefixes=self.prefixes,
            categories=frozenset(self.categories or ()),
            templates_only=self.messages == "templates",
            since=self.since or date.min,
            until=self.until or date.max,
        )


class CountryRulesFile(Whole):
    """Every rule of one file."""

    written: tuple[WrittenRule, ...] = Field(alias="rules", examples=["[...]"])

    @property
    def rules(self) -> tuple[CountryRule, ...]:
        """Give them as the plan uses them."""
        return tuple(each.rule for each in self.written)


def check_country_rules(document: Document) -> None:
    """Blame what only several keys of a rule make wrong."""
    rules = document.value.get("rules")
    for index, rule in enumerate(rules if isinstance(rules, list) else ()):
        if not isinstance(rule, dict):
            continue
        if not (rule.get("regions") or rule.get("prefixes")):
            document.blame(("rules", index), "the rule is about nobody", "write regions: [CU], or prefixes", key=True)
        first, last = str(rule.get("from", "")), str(rule.get("until", ""))
        if first and last and last < first:
            document.blame(("rules", index, "until"), "the rule ends before it begins", "write a later day")
