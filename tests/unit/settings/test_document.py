from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.settings import ConfigurationErrors, load_campaign

FILE = "config/campaigns/spring.yaml"
UNREADABLE = {
    "a tab": ("a:\n\t- x", ":2:1: not YAML: a tab cannot indent YAML; indent with spaces"),
    "nothing": ("", ":1:1: the file holds no keys; start from the sample in config/"),
    "a list": ("- 1", ":1:1: the file holds no keys; start from the sample in config/"),
    "a NUL": ("a: 1\nb: \0", ":2:1: not YAML: a character that text cannot hold; save the file as plain text"),
    "Latin-1": (b"a: 1\nb: \xe9t\xe9", ":2:1: byte 9 is not UTF-8; save the file as UTF-8"),
    "a thousand brackets": ("[" * 1000, ": the file is nested too deeply; a handful of levels is expected"),
    "a second colon": (
        "a: b: c",
        (
            ":1:5: not YAML: a colon is not expected here; look at the quotes, colons and indentation here; "
            "texts with ': ', '{' or '#' need quotes"
        ),
    ),
    "two megabytes": (
        "#" * 2_000_000,
        ": the file has 2,000,000 bytes; a file of at most 1 MiB is expected; recipients go elsewhere",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_yaml_is_refused_at_its_line(files: Any, case: str) -> None:
    text, sentence = UNREADABLE[case]
    assert files.blamed(files.campaign, text) == [FILE + sentence]


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors, match=r"nowhere\.yaml: there is no such file; check the path"):
        load_campaign(tmp_path / "nowhere.yaml", {}, None)
    with pytest.raises(ConfigurationErrors, match="that is a folder; name the file in it"):
        load_campaign(tmp_path, {}, None)


AMISS = {
    "repeated key": ("rate: 1\nrate: 2", ":6:1: 'rate' is here twice, first in line 5; keep one of them"),
    "no value": ("rate:", ":5:1: 'rate' has no value; write one after the colon, or leave the key out"),
    "alias": (
        "quality: &q {settle: 1m}\nduplicates: *q",
        ":6:1: an alias (*name) is not supported; write the value out",
    ),
    "tag": ("rate: !fast 1", ":5:7: the tag !fast is not supported; write the plain value"),
    "expression without quotes": (
        "category: {{ kind }}",
        ':5:12: an expression needs quotes; write "{{ column }}"',
    ),
    "merge": ("<<: {rate: 1}", ":5:1: that is no key; write a plain word before the colon"),
    "undefined name": ("rate: ${RATE}", ":5:7: RATE is not in the environment; export RATE=... and run again"),
    "no name": (
        "rate: ${ RATE }",
        ":5:7: that is no name of the environment; write ${NAME}, or $${...} for the text itself",
    ),
}


@pytest.mark.parametrize("case", AMISS)
def test_what_yaml_allows_and_we_do_not_is_refused_at_its_place(files: Any, case: str) -> None:
    more, sentence = AMISS[case]
    text = files.CAMPAIGN + more
    assert FILE + sentence in files.blamed(files.campaign, text)


def test_names_of_the_environment_are_filled_in_anywhere(files: Any) -> None:
    text = files.CAMPAIGN.replace("{{ offer }}", "${SHOP}: {{ offer }} $${SHOP}")
    campaign = files.campaign(text + "rate: ${RATE}\n", environ={"SHOP": "Ours", "RATE": "12.5"})
    assert campaign.message["text"]["body"] == "Ours: {{ offer }} ${SHOP}"
    assert campaign.rate == 12.5


def test_a_byte_order_mark_is_taken_off(files: Any) -> None:
    assert files.campaign(b"\xef\xbb\xbf" + files.CAMPAIGN.encode()).campaign == "spring-sale"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), st.text("abc:{}[]-'\"#&*!|>%@ \n\t$0.", max_size=80).map(str.encode)))
def test_no_file_raises_anything_but_configuration_errors(files: Any, content: bytes) -> None:
    with pytest.raises(ConfigurationErrors):
        files.campaign(content)
