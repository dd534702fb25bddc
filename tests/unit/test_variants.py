"""Who gets which variant: by shares, for good, and apart from everything else that goes by the person's hash."""

from collections import Counter
from hashlib import sha256
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.domain.sharding import Assigner
from campaign.domain.variants import Variant, chooser, variants_of

PEOPLE = [sha256(n.to_bytes(4)).digest() for n in range(20_000)]
SHARES = [("short", 0.3), ("long", 0.7)]


def chi_square(counts: Counter[int], expected: dict[int, float]) -> float:
    return sum((counts[each] - wanted) ** 2 / wanted for each, wanted in expected.items())


@st.composite
def shares(draw: st.DrawFn) -> list[tuple[str, float]]:
    count = draw(st.integers(2, 10))
    cuts = sorted(draw(st.sets(st.integers(1, 99), min_size=count - 1, max_size=count - 1)))
    names = draw(st.permutations([f"v{n}" for n in range(count)]))
    return [(name, (high - low) / 100) for name, (low, high) in zip(names, pairwise([0, *cuts, 100]), strict=True)]


@given(shares(), st.text("abcdefghij-", min_size=1))
def test_everybody_gets_one_variant_in_proportion_to_the_shares(listed: list[tuple[str, float]], name: str) -> None:
    choose = chooser(name, listed)

    counts = Counter(choose(person) for person in PEOPLE[:5000])

    expected = {variant: share * 5000 for variant, (_, share) in enumerate(listed)}
    assert set(counts) <= set(expected)
    # Nine degrees of freedom at most: above 50 is once in ten million.
    assert chi_square(counts, expected) < 50


@given(shares(), st.randoms(use_true_random=False))
def test_the_order_in_the_file_moves_nobody(listed: list[tuple[str, float]], random: Random) -> None:
    shuffled = random.sample(listed, len(listed))
    one, other = chooser("spring", listed), chooser("spring", shuffled)

    assert all(listed[one(person)] == shuffled[other(person)] for person in PEOPLE[:200])


def test_the_same_person_gets_the_same_variant_every_time() -> None:
    assert [chooser("spring", SHARES)(person) for person in PEOPLE] == [
        chooser("spring", list(SHARES))(person) for person in PEOPLE
    ]


def test_each_campaign_splits_people_anew() -> None:
    spring, autumn = chooser("spring", SHARES), chooser("autumn", SHARES)
    both = Counter((spring(person), autumn(person)) for person in PEOPLE)

    assert both[0, 0] / len(PEOPLE) == pytest.approx(0.09, abs=0.01)


def test_every_shard_sends_every_variant_in_the_same_shares() -> None:
    assign, choose = Assigner([("paris", 80), ("lyon", 20)]).assign, chooser("spring", SHARES)
    both = Counter((assign(person), choose(person)) for person in PEOPLE)

    for shard in ("paris", "lyon"):
        there = both[shard, 0] + both[shard, 1]
        assert both[shard, 0] / there == pytest.approx(0.3, abs=0.03)


def test_a_run_without_variants_has_one_message_without_a_name() -> None:
    assert variants_of({"message": {"type": "text"}}) == (Variant("", 1.0, {"type": "text"}),)
    assert chooser("spring", [("", 1.0)])(PEOPLE[0]) == 0


def test_a_run_with_variants_lists_them_in_its_own_order() -> None:
    listed = [{"name": "b", "share": 0.5, "message": {"n": 1}}, {"name": "a", "share": 0.5, "message": {"n": 2}}]

    assert [each.name for each in variants_of({"variants": listed})] == ["b", "a"]
