"""Drawing people into parts: by a hash that is another one for each campaign and each purpose."""

from collections import Counter
from hashlib import sha256

import pytest

from campaign.domain.drawing import drawn

PEOPLE = [sha256(n.to_bytes(4)).digest() for n in range(20_000)]
HALVES = (0.5, 1.0)


def test_a_single_part_holds_everybody() -> None:
    assert {drawn("spring", "variant", (1.0,))(person) for person in PEOPLE} == {0}


@pytest.mark.parametrize("other", [("autumn", "variant"), ("spring", "ramp")])
def test_another_campaign_and_another_purpose_draw_anew(other: tuple[str, str]) -> None:
    first, second = drawn("spring", "variant", HALVES), drawn(*other, HALVES)

    both = Counter((first(person), second(person)) for person in PEOPLE)

    assert min(both.values()) > 4_500
