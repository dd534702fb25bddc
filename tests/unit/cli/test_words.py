"""Every name that the ledger can write has words."""

import re
from typing import get_args

import pytest

from campaign.domain.lifecycle import DeliveryState, SendState
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
    ],
)
def test_every_name_has_words(table: dict[str, words.Words], names: set[str]) -> None:
    assert set(table) == names
    assert all(known.words for known in table.values())


def test_every_reason_to_pause_says_what_to_do() -> None:
    assert all(known.remedy for known in words.RUN_REASON.values())


def test_a_name_nobody_knows_speaks_for_itself() -> None:
    assert words.of(words.REFUSED, "full_moon").words == "full moon"
