"""A file of country rules is held to its lines, and replaces the one that comes with the program."""

from datetime import date
from typing import Any

import pytest

from campaign.domain.country_rules import CountryRule
from campaign.settings import bundled_country_rules

RULES = """\
rules:
  - name: Utopia
    regions: [CU]
    action: refuse
    says: nobody is served there
    source: a page
    read: 2026-11-21
"""
FILE = "config/rules.yaml"
SETTINGS = "country_rules: rules.yaml\n"


def rules_of(files: Any, text: str = RULES) -> Any:
    files.write(FILE, text)
    return files.settings(SETTINGS + files.SETTINGS).own_country_rules


def blamed(files: Any, text: str) -> list[str]:
    files.write(FILE, text)
    return [line.removeprefix(FILE) for line in files.blamed(files.settings, SETTINGS + files.SETTINGS)]


def test_a_rule_is_read_as_it_is_written(files: Any) -> None:
    written = RULES + 'INDENTprefixes: ["+38065"]\nINDENTcategories: [marketing]\nINDENTmessages: templates\n'
    written += "INDENTfrom: 2025-04-01\nINDENTuntil: 2026-12-31\nINDENTreason: us_marketing\nINDENTremedy: ask them\n"

    assert rules_of(files, written.replace("INDENT", "    ")) == (
        CountryRule(
            name="Utopia",
            action="refuse",
            reason="us_marketing",
            says="nobody is served there",
            remedy="ask them",
            source="a page; read 2026-11-21",
            regions=frozenset({"CU"}),
            prefixes=("+38065",),
            categories=frozenset({"marketing"}),
            templates_only=True,
            since=date(2025, 4, 1),
            until=date(2026, 12, 31),
        ),
    )


def test_without_the_key_the_rules_are_those_that_come_with_the_program(files: Any) -> None:
    assert files.settings().own_country_rules is None
    assert len(bundled_country_rules()) > 4


def test_an_empty_list_switches_every_rule_off(files: Any) -> None:
    assert rules_of(files, "rules: []\n") == ()


BAD = {
    "country": ("[CU]", "[Cuba]", ":3:15: regions: 'Cuba' is no country; write its two letters, as in CU or US"),
    "small letters": ("[CU]", "[cu]", ":3:15: regions: 'cu' is no country; write its two letters, as in CU or US"),
    "action": ("refuse", "forbid", ":4:13: action: 'forbid' is not possible here; write refuse or warn"),
    "day": (
        "2026-11-21",
        "21 Nov 2026",
        ":7:11: read: '21 Nov 2026' is no day; write year, month and day, as in 2026-11-21",
    ),
    "bare prefix": (
        "regions: [CU]",
        "prefixes: [+38065]",
        ':3:16: prefixes: that does not begin a number; write + and digits in quotes, as in "+38065"',
    ),
    "no source": ("    source: a page\n", "", ":2:5: 'source' is missing; write 'source: who says so'"),
    "typo": ("regions", "region", ":3:5: unknown key 'region'; did you mean 'regions'?"),
    "nothing said": ("nobody is served there", '" "', ":5:11: says: that is no line of text; write a few words"),
    "ends first": (
        "    read:",
        "    from: 2026-02-01\n    until: 2026-01-01\n    read:",
        ":8:12: the rule ends before it begins; write a later day",
    ),
    "about nobody": (
        "    regions: [CU]\n",
        "",
        ":2:5: the rule is about nobody; write regions: [CU], or prefixes",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_mistake_is_told_with_its_line_in_the_file_of_rules(files: Any, case: str) -> None:
    before, after, expected = BAD[case]
    assert expected in blamed(files, RULES.replace(before, after))


def test_a_file_that_is_not_there_is_named(files: Any) -> None:
    assert files.blamed(files.settings, SETTINGS + files.SETTINGS) == [f"{FILE}: there is no such file; check the path"]
