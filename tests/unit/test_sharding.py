import hashlib
from collections import Counter
from itertools import permutations

import pytest

from campaign.domain.sharding import Assigner, assign

PEOPLE = [hashlib.sha256(str(index).encode()).digest()[:16] for index in range(20_000)]
FOUR = [("lyon", 80.0), ("paris", 80.0), ("nice", 80.0), ("lille", 80.0)]


def test_people_are_shared_out_by_throughput() -> None:
    assigner = Assigner([("paris", 80), ("lyon", 20), ("nice", 300)])

    shares = Counter(map(assigner.assign, PEOPLE))

    assert {shard: shares[shard] / len(PEOPLE) for shard in shares} == pytest.approx(
        {"paris": 0.2, "lyon": 0.05, "nice": 0.75}, abs=0.01
    )


def test_the_table_itself_is_exact_to_one_slot() -> None:
    slots = Counter(Assigner([(f"shard-{index}", 250 / 32) for index in range(32)])._table)

    assert set(slots.values()) == {8192 // 32}


def test_a_person_keeps_their_shard_whatever_the_order_of_the_file() -> None:
    """Three shards do not divide the slots evenly: the odd slot must not go by order either."""
    three = FOUR[:3]

    assert {tuple(Assigner(order)._table) for order in permutations(three)} == {tuple(Assigner(three)._table)}


def test_the_assignment_of_yesterday_is_the_one_of_today() -> None:
    """A frozen example: another process, version or platform must not move people."""
    assert [assign(one, FOUR) for one in PEOPLE[:6]] == ["nice", "lyon", "nice", "paris", "lille", "paris"]


def test_a_shard_that_joins_takes_little_more_than_its_share() -> None:
    before, after = Assigner(FOUR), Assigner([*FOUR, ("brest", 80.0)])

    moved = sum(before.assign(one) != after.assign(one) for one in PEOPLE)

    assert 0.19 < moved / len(PEOPLE) < 0.24


def test_a_small_shard_that_joins_big_ones_moves_few() -> None:
    big = [("paris", 1000.0), ("lyon", 80.0), ("nice", 80.0)]
    before, after = Assigner(big), Assigner([*big, ("brest", 80.0)])

    moved = sum(before.assign(one) != after.assign(one) for one in PEOPLE)

    assert moved / len(PEOPLE) < 1.2 * 80 / 1240


@pytest.mark.parametrize("shards", [[], [("paris", 0)], [("paris", -1)], [("a", float("nan"))], [("a", float("inf"))]])
def test_shards_without_throughput_are_refused(shards: list[tuple[str, float]]) -> None:
    with pytest.raises(ValueError, match="throughput above 0"):
        Assigner(shards)


def test_one_shard_takes_everybody() -> None:
    assert {assign(one, [("paris", 80)]) for one in PEOPLE[:10]} == {"paris"}
