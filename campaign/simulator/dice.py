"""Chance that can be repeated: the same seed deals the same person the same cards, whatever arrives in between."""

import hashlib
from collections import Counter
from random import Random


class Dice:
    """One generator per request, derived from the seed, the person, and how often that person was asked for."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._throws: Counter[str] = Counter()

    def throw(self, person: str) -> Random:
        self._throws[person] += 1
        key = f"{self._seed}/{person}/{self._throws[person]}"
        digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
        return Random(int.from_bytes(digest))  # noqa: S311 - chance to be repeated, nothing secret

    def clear(self) -> None:
        self._throws.clear()


def between(chance: Random, milliseconds: tuple[float, float]) -> float:
    """Draw a duration, in seconds, from a range in milliseconds."""
    low, high = milliseconds
    return (low + (high - low) * chance.random()) / 1000
