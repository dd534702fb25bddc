"""Whatever stands behind the keys of a plan is read, or refused at its line with what to do; nothing else happens."""

import itertools
import os
import re
from pathlib import Path
from typing import Any

import pytest

from campaign.settings import ConfigurationErrors, load_campaign

NUMBER = "33612345678"

RUBBISH = [
    "", "~", "no", "0", "-1", "1.5", ".nan", "-.inf", "1e9", "0x10", "9" * 5000, "[]", "{}", "[[]]", "[~]", '""', '" "',
    r'"\0"', r'"\e[31m"', r'"\uD800"', "1:30", "21:00-08:00", "00:00-24:00", '"21:00\u201308:00"', "2026-12-01",
    "0001-01-01T00:00", "9999-12-31T23:59-14:00", "2027-03-28T02:30", "101%", '"٣%"', "99.9%", "0s", "999999d", '"٣d"',
    "500", "-1 EUR", "1e9 EUR", "5 €", "[100%, 10%]", "[1%, ~]", "[1%, 99%]", "&a [*a]", "!!binary aGk=", "x: y",
    "localtime", f"+{NUMBER}", f"{{{NUMBER}: 1}}", "x" * 70_000,
]  # fmt: skip

MESSAGE = "{type: text, text: {body: hi}}"
CAMPAIGN = {
    "schedule": "{}",
    "schedule: {at": "{}, timezone: UTC}",
    "schedule: {until": "{}, timezone: recipient}",
    "schedule: {timezone": "{}, quiet_hours: 21:00-08:00}",
    "schedule: {quiet_hours": "{}, timezone: UTC}",
    "quality": "{}",
    "quality: {ramp": "{}}",
    "quality: {when_limited": "{}}",
    "quality: {stop_if": "{}}",
    "quality: {stop_if: {rejected": "{}}}",
    "quality: {stop_if: {held: 5%, after": "{}}}",
    "frequency": "{}",
    "frequency: {at_most": "{}, per: 7d}",
    "frequency: {at_most: 2, per": "{}}",
    "budget": "{}",
    "variants": "{}",
    "variants: [{name": f"{{}}, share: 50%, message: {MESSAGE}}}, {{name: b, share: 50%, message: {MESSAGE}}}]",
    "variants: [{share": f"{{}}, name: a, message: {MESSAGE}}}, {{name: b, share: 50%, message: {MESSAGE}}}]",
    "variants: [{message": f"{{}}, name: a, share: 50%}}, {{name: b, share: 50%, message: {MESSAGE}}}]",
}
SETTINGS = ("portfolio_window", "country_rules", "rates")
RULE = {
    "name": "A",
    "regions": "[CU]",
    "action": "refuse",
    "says": "x",
    "source": "y",
    "read": "2026-11-21",
    "prefixes": '["+1"]',
    "from": "2026-11-21",
    "until": "2026-11-21",
    "categories": "[marketing]",
    "remedy": "x",
}


def holds(load: Any, text: str) -> None:
    """Load a file that may be refused, and in no other way."""
    try:
        load(text)
    except ConfigurationErrors as refused:
        for each in refused.findings:
            assert each.remedy, each
            assert re.search(r"\.yaml(:\d+:\d+)?$|/[^/]*$", each.where or ""), each
        said = str(refused)
        assert NUMBER not in said
        assert "pydantic" not in said


@pytest.mark.parametrize("key", CAMPAIGN)
def test_rubbish_in_a_campaigns_file_is_refused_in_words(files: Any, key: str) -> None:
    base = files.CAMPAIGN if not key.startswith("variants") else files.CAMPAIGN.rpartition("message:")[0]
    for rubbish in RUBBISH:
        holds(files.campaign, f"{base}{key}: {CAMPAIGN[key].replace('{}', rubbish, 1)}\n")


@pytest.mark.parametrize("key", SETTINGS)
def test_rubbish_in_the_settings_is_refused_in_words(files: Any, key: str) -> None:
    for rubbish in RUBBISH:
        holds(files.settings, f"{key}: {rubbish}\n{files.SETTINGS}")


def test_a_portfolio_limit_is_a_number_of_people_auto_or_unlimited(files: Any) -> None:
    for rubbish in RUBBISH:
        written = files.SETTINGS.replace("account:\n", f"account:\n  portfolio_limit: {rubbish}\n")
        holds(files.settings, written)


@pytest.mark.parametrize("key", RULE)
def test_rubbish_in_country_rules_is_refused_in_words(files: Any, key: str) -> None:
    for rubbish in RUBBISH:
        rule = ", ".join(f"{name}: {rubbish if name == key else value}" for name, value in RULE.items())
        files.write("config/rules.yaml", f"rules:\n  - {{{rule}}}\n")
        holds(files.settings, f"country_rules: rules.yaml\n{files.SETTINGS}")


@pytest.mark.parametrize("key", ["country_rules", "rates"])
def test_what_no_system_takes_as_a_path_is_no_path(files: Any, key: str) -> None:
    (told,) = files.blamed(files.settings, f"{key}: {'x' * 300}\n{files.SETTINGS}")

    assert told.startswith(f"config/settings.yaml:1:{len(key) + 3}: {key}: that is no path")


def test_what_no_text_can_hold_is_refused_and_an_emoji_in_two_halves_is_none_of_it(files: Any) -> None:
    for letter in (r"\0", r"\uD800"):
        (told,) = files.blamed(files.campaign, files.CAMPAIGN.replace("{{ offer }}", f"hi {letter}"))
        assert told.endswith(":4:36: a character that text cannot hold; write the text as people read it")

    written = files.campaign(files.CAMPAIGN.replace("{{ offer }}", r"\ud83d\ude00"))

    assert written.message["text"]["body"] == "\N{GRINNING FACE}"


def test_a_pipe_in_a_files_place_is_refused_and_not_waited_for(files: Any, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(ConfigurationErrors, match="that is no regular file; save it as a file, and name that"):
        load_campaign(pipe, {}, None)

    os.mkfifo(tmp_path / "config.pdf")
    (told,) = files.blamed(
        files.campaign,
        files.CAMPAIGN.replace(
            '{type: text, text: {body: "{{ offer }}"}}', "{type: document, document: {file: ../../config.pdf}}"
        ),
    )
    assert "no regular file" in told


def test_a_number_is_not_said_back_where_a_key_belongs(files: Any) -> None:
    text = f"{files.CAMPAIGN}+{NUMBER}: 1\n+{NUMBER}:\n"

    said = "\n".join(files.blamed(files.campaign, text))

    assert NUMBER not in said
    assert "unknown key; use one of" in said
    assert "this key is here twice" in said


def test_a_rules_words_are_one_line_that_a_ledger_can_hold(files: Any) -> None:
    for key, word in itertools.product(("name", "says", "remedy", "source"), (r'"\0"', r'"a\nb"', r'"\e[2J"')):
        rule = ", ".join(f"{name}: {word if name == key else value}" for name, value in RULE.items())
        files.write("config/rules.yaml", f"rules:\n  - {{{rule}}}\n")
        (told,) = files.blamed(files.settings, f"country_rules: rules.yaml\n{files.SETTINGS}")
        assert "that is no line of text" in told or "a character that text cannot hold" in told


@pytest.mark.parametrize("day", ["20260101", "2026-W01-4"])
def test_a_day_of_a_rule_is_written_one_way(files: Any, day: str) -> None:
    files.write(
        "config/rules.yaml", "rules:\n  - {" + ", ".join(f"{k}: {v}" for k, v in (RULE | {"until": day}).items()) + "}"
    )

    (told,) = files.blamed(files.settings, f"country_rules: rules.yaml\n{files.SETTINGS}")

    assert "is no day; write year, month and day" in told
