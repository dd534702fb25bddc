"""Variants held against each other: how sure their shares are, and whether two of them differ or only seem to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from math import erfc, sqrt
from typing import Any, Final, NamedTuple

# What is compared, and how it reads; of all that were accepted, so that a variant cannot win by being delivered less.
MEASURES: Final[Mapping[str, str]] = {
    "delivered": "reached more phones",
    "read": "was read more often",
    "replied": "was answered more often",
}
NO_DIFFERENCE: Final = "No clear difference between the variants yet."

# The two-sided 95 % point of the normal distribution.
_Z95: Final = 1.959963984540054
# How often a difference may be named where there is none, over everything that one report compares.
_ALPHA: Final = 0.05
# Below so many expected in a cell the normal distribution is no guide. Source: Cochran 1954, "Some methods for
# strengthening the common chi-squared tests".
_FEWEST_EXPECTED: Final = 5.0


class Tally(NamedTuple):
    """How far the messages of one variant got; each count holds those that got further. `share`: of the people."""

    name: str
    share: float
    planned: int = 0
    accepted: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    replied: int = 0
    opted_out: int = 0

    def of(self, measure: str) -> int:
        """Count those that one of MEASURES holds for."""
        count: int = getattr(self, measure)
        return count


class Interval(NamedTuple):
    """A share, and the bounds it lies between in 95 of 100 cases."""

    share: float
    low: float
    high: float


class Difference(NamedTuple):
    """One variant is above another in a measure; `p`: how often chance alone would set two so far apart."""

    measure: str
    higher: Tally
    lower: Tally
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The variants of a run, and every difference that is more than chance; nothing where a run has one message."""

    variants: Sequence[Tally] = ()
    differences: Sequence[Difference] = ()

    def verdict(self) -> str:
        """Say in a sentence or two which variant did better, or that nobody can tell yet."""
        return " ".join(_sentences(self.differences)) or (NO_DIFFERENCE if self.variants else "")

    def as_json(self) -> dict[str, Any]:
        """Spell the comparison for `--json`."""
        if not self.variants:
            return {}
        return {
            "by_name": {each.name: _spelled(each) for each in self.variants},
            "differences": [
                {"in": each.measure, "higher": each.higher.name, "lower": each.lower.name, "p": each.p}
                for each in self.differences
            ],
            "verdict": self.verdict(),
        }


NOTHING_COMPARED: Final = Comparison()


def compare(variants: Sequence[Tally]) -> Comparison:
    """Test every two variants in every measure, as strictly as so many tests at once demand (Bonferroni)."""
    pairs = [(measure, *pair) for measure in MEASURES for pair in combinations(variants, 2)]
    found = (_difference(measure, one, other, at_most=_ALPHA / len(pairs)) for measure, one, other in pairs)
    return Comparison(tuple(variants), tuple(each for each in found if each is not None))


def wilson(count: int, total: int) -> Interval:
    """Give a share with its 95 % interval; it stays within 0 and 1, and holds for few and for none.

    Source: Wilson 1927; recommended over the textbook's by Brown, Cai and DasGupta 2001.
    """
    if not total:
        return Interval(0.0, 0.0, 1.0)
    share, spread = count / total, _Z95**2 / total
    middle = share + spread / 2
    reach = _Z95 * sqrt(share * (1 - share) / total + spread / (4 * total))
    low = 0.0 if count == 0 else (middle - reach) / (1 + spread)
    high = 1.0 if count == total else (middle + reach) / (1 + spread)
    return Interval(share, low, high)


def two_proportions(one: tuple[int, int], other: tuple[int, int]) -> float | None:
    """Give the two-sided p of the pooled z-test for two (count, total), or None where they are too few for it."""
    (count, total), (other_count, other_total) = one, other
    if not total or not other_total:
        return None
    pooled = (count + other_count) / (total + other_total)
    if min(pooled, 1 - pooled) * min(total, other_total) < _FEWEST_EXPECTED:
        return None
    error = sqrt(pooled * (1 - pooled) * (1 / total + 1 / other_total))
    return erfc(abs(count / total - other_count / other_total) / error / sqrt(2))


def _difference(measure: str, one: Tally, other: Tally, *, at_most: float) -> Difference | None:
    p = two_proportions((one.of(measure), one.accepted), (other.of(measure), other.accepted))
    if p is None or p >= at_most:
        return None
    higher, lower = sorted((one, other), key=lambda each: each.of(measure) / each.accepted, reverse=True)
    return Difference(measure, higher, lower, p)


def _sentences(differences: Sequence[Difference]) -> Iterator[str]:
    """Say of each measure which variant is the highest above others."""
    for measure, found in groupby(differences, key=lambda each: each.measure):
        listed = list(found)
        best = max((each.higher for each in listed), key=lambda each: each.of(measure) / each.accepted)
        others = [each.lower for each in listed if each.higher == best]
        shares = " and ".join(_percent(measure, each) for each in others)
        names = " and ".join(f"'{each.name}'" for each in others)
        yield f"'{best.name}' {MEASURES[measure]} than {names}: {_percent(measure, best)} against {shares}."


def _percent(measure: str, tally: Tally) -> str:
    return f"{tally.of(measure) / tally.accepted:.1%}"


def _spelled(tally: Tally) -> dict[str, Any]:
    rates = {measure: wilson(tally.of(measure), tally.accepted)._asdict() for measure in MEASURES}
    counts = {name: value for name, value in tally._asdict().items() if name != "name"}
    return {**counts, "rates": rates}
