"""Every name that the ledger can write has words."""

import re
from typing import get_args

import pytest

from campaign.domain.lifecycle import DeliveryState, SendState
from campaign.domain.resending import WhyNot
from campaign.entrypoints import words
from campaign.resources import resource

SCHEMA = resource("sql", "migrations", "0001_ledger.sql").read_text()


def _listed(constraint: str) -> set[str]:
    found = re.search(rf"{constraint} CHECK \([^']*((?:'[a-z_]+'[,\s]*)+)", SCHEMA)
    assert found is not None
    return set(re.findall(r"'([a-z_]+)'", found[1]))


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (words.SEND, set(get_args(SendState))),
        (words.DELIVERY, set(get_args(DeliveryState))),
        (words.RUN_REASON, _listed("run_reason_is_a_known_one")),
        (words.REFUSED, _listed("refusal_reason_is_a_known_one")),
        (words.LEFT_OUT, {each.value for each in WhyNot}),
    ],
)
def test_every_name_has_words(table: dict[str, words.Words], names: set[str]) -> None:
    assert set(table) == names
    assert all(known.words for known in table.values())


def test_every_state_of_one_message_and_every_source_of_a_suppression_has_words() -> None:
    later = resource("sql", "migrations", "0003_what_whatsapp_says_back.sql").read_text()
    sources = later.split("suppression_source_is_a_known_one CHECK (source IN (")[1].split(")")[0]

    assert set(words.MESSAGE) == set(get_args(SendState))
    assert set(words.SUPPRESSED_BY) == set(re.findall(r"'([a-z_]+)'", sources))


def test_every_reason_to_pause_says_what_to_do() -> None:
    assert all(known.remedy for known in words.RUN_REASON.values())


def test_a_name_nobody_knows_speaks_for_itself() -> None:
    assert words.of(words.REFUSED, "full_moon").words == "full moon"
