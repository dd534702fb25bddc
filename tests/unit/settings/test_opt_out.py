"""The settings' `opt_out`."""

from pathlib import Path

import pytest

from campaign.settings import Settings, load_settings, schema
from campaign.settings.findings import ConfigurationErrors

BASE = """\
account: {base_url: https://graph.facebook.com, version: v23.0, business_account_id: "1", access_token: "${TOKEN}"}
shards: [{id: paris, phone_number_id: "106540352242922", throughput: 80}]
"""


def load(folder: Path, line: str) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(BASE + line + "\n", encoding="utf-8")
    return load_settings(path, {"TOKEN": "EAAG" + "x" * 40})


def test_without_it_the_usual_words_count_for_marketing(tmp_path: Path) -> None:
    rules = load(tmp_path, "").opt_out.rules
    assert rules.scope == "marketing"
    assert rules.asked_with("text", ["STOP"])
    assert rules.asked_with("button", ["Stop promotions"])


def test_a_language_that_is_named_replaces_its_words_and_no_others(tmp_path: Path) -> None:
    rules = load(tmp_path, "opt_out: {words: {en: [enough, '9'], no: [nok]}, scope: all}").opt_out.rules
    assert rules.scope == "all"
    assert [rules.asked_with("text", [said]) for said in ("Enough!", "9", "Nok", "unsubscribe")] == [
        "enough",
        "9",
        "nok",
        None,
    ]
    assert rules.asked_with("text", ["arrêt"])


def test_an_empty_list_takes_a_language_out(tmp_path: Path) -> None:
    rules = load(tmp_path, "opt_out: {words: {it: []}, buttons: []}").opt_out.rules
    assert rules.asked_with("text", ["cancellami"]) is None
    assert rules.asked_with("button", ["Stop promotions"]) is None
    assert rules.asked_with("button", ["Stop"]) == "stop"


BAD = {
    "opt_out: {words: {en: [9]}}": (
        ":3:24: en: 9 is no word; write a word or a few, as in 'stop'; a number needs quotes"
    ),
    "opt_out: {words: {en-US: [x]}}": (
        ":3:26: en-US: that is no language; write its two letters, as in en or fr; a region does not matter"
    ),
    "opt_out: {words: {en: stop}}": (
        ":3:23: en: a list is expected here; start each item with a dash, or write [a, b]"
    ),
    "opt_out: {buttons: ['!!']}": (
        ":3:21: buttons: '!!' has no letter or digit, or far too many; "
        "write a word or a few, as in 'stop'; a number needs quotes"
    ),
    "opt_out: {scope: everything}": ":3:18: scope: 'everything' is not possible here; write marketing or all",
    "opt_out: {word: {}}": ":3:11: unknown key 'word'; did you mean 'words'?",
    "optout: {}": ":3:1: unknown key 'optout'; did you mean 'opt_out'?",
}


@pytest.mark.parametrize("line", BAD)
def test_what_cannot_be_meant_is_refused_with_its_place(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        load(tmp_path, line)
    (finding,) = caught.value.findings
    assert f"{finding.where}: {finding.message}; {finding.remedy}" == f"{tmp_path / 'settings.yaml'}{BAD[line]}"


def test_editors_are_told_of_it() -> None:
    described = schema("settings")["$defs"]["OptOuts"]["properties"]
    assert described["words"]["propertyNames"] == {"pattern": "^[a-z]{2,3}$"}
    assert (described["scope"]["enum"], described["scope"]["default"]) == (["marketing", "all"], "marketing")
