"""What tells a ledger from another life of it."""

from dataclasses import replace
from itertools import permutations

import pytest

from campaign.domain.identity import Difference, Identity, Sighting, compare, in_words, judge, newest

OURS = Identity("0123abcd", server=7, timeline=1, position=1_000, folder=42)
USED = Sighting(OURS, used=True)

CHANGES = {
    "another installation": ({"installation": "ffffffff"}, [Difference.OTHER_INSTALLATION]),
    "another server": ({"server": 8}, [Difference.OTHER_SERVER]),
    "a clone somewhere else": (
        {"installation": "ffffffff", "server": 8},
        [Difference.OTHER_INSTALLATION, Difference.OTHER_SERVER],
    ),
    "another timeline": ({"timeline": 2}, [Difference.OTHER_TIMELINE]),
    "one byte older": ({"position": 999}, [Difference.OLDER]),
    "a copied folder": ({"folder": 43}, [Difference.COPIED]),
    "an old copy": ({"folder": 43, "position": 0}, [Difference.OLDER, Difference.COPIED]),
    "the position of another server": ({"server": 8, "timeline": 3, "position": 1}, [Difference.OTHER_SERVER]),
}


@pytest.mark.parametrize(("change", "differences"), CHANGES.values(), ids=CHANGES)
def test_each_change_is_told_by_its_name(change: dict[str, object], differences: list[Difference]) -> None:
    found = replace(OURS, **change)  # type: ignore[arg-type]

    assert compare(OURS, found) == differences
    assert judge(USED, Sighting(found, used=True), vouched=False) == differences
    assert len(in_words(differences)) == len(differences)


def test_a_ledger_that_went_on_is_the_same() -> None:
    assert not compare(OURS, OURS)
    assert not compare(OURS, replace(OURS, position=5_000))


@pytest.mark.parametrize("untold", ["server", "timeline", "position", "folder"])
def test_what_a_server_does_not_tell_is_not_compared(untold: str) -> None:
    silent = replace(OURS, **{untold: None})

    assert not compare(OURS, silent)
    assert not compare(silent, OURS)


@pytest.mark.parametrize(
    ("known", "found"), [(True, True), (True, False), (False, True)], ids=["both", "known to be", "found to be"]
)
def test_a_ledger_that_was_used_is_judged_on_either_side(*, known: bool, found: bool) -> None:
    """An empty database in the place of one that had sent is the worst of them: it would send to everybody."""
    other = Sighting(replace(OURS, server=8), used=found)

    assert judge(Sighting(OURS, used=known), other, vouched=True) == [Difference.OTHER_SERVER]


def test_before_anything_was_sent_any_ledger_will_do() -> None:
    fresh = Sighting(replace(OURS, installation="ffffffff", server=8), used=False)

    assert not judge(None, fresh, vouched=False)
    assert not judge(Sighting(OURS, used=False), fresh, vouched=False)


def test_a_used_ledger_nobody_here_knows_needs_somebody_who_works_with_it() -> None:
    assert list(judge(None, USED, vouched=False)) == [Difference.NEVER_SEEN]
    assert not judge(None, USED, vouched=True)


def test_sightings_in_any_order_leave_the_newest_position() -> None:
    positions = [None, 10, 2_000, 1_500]
    for order in permutations(positions):
        known: Sighting | None = None
        for position in order:
            known = newest(known, Sighting(replace(OURS, position=position), used=position == 10))

        assert known == Sighting(replace(OURS, position=2_000), used=True)


def test_a_sighting_of_another_ledger_leaves_the_known_one() -> None:
    assert newest(USED, Sighting(replace(OURS, timeline=2, position=9_000), used=True)) == USED
