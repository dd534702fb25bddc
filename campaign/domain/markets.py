"""Which market's rate a number pays: the longest calling code that is listed decides."""

from collections.abc import Mapping
from functools import cached_property
from typing import Final, NamedTuple

import phonenumbers

# Who is listed in no market pays this one's rates. Source: Meta, "Pricing", 10 Dec 2025.
OTHER: Final = "Other"

# No region of the numbering plans: numbers that belong to no country, and people of whom nothing is written down.
_NOWHERE: Final = frozenset({"", "001"})

_LONGEST: Final = 7


class Market(NamedTuple):
    """A market, and the one that older rate cards list it in."""

    name: str
    formerly: str | None = None


class Markets:
    """Markets by calling code: '33', or '1809' where a code is shared."""

    def __init__(self, prefixes: Mapping[str, Market]) -> None:
        self._prefixes = prefixes

    @property
    def listed(self) -> frozenset[Market]:
        """Name every market there is."""
        return frozenset(self._prefixes.values())

    def of_number(self, e164: str) -> Market:
        """Find the market of a number, by its longest prefix that is listed."""
        digits = e164.removeprefix("+")
        for length in range(_LONGEST, 0, -1):
            if (market := self._prefixes.get(digits[:length])) is not None:
                return market
        return self._other

    def of_region(self, region: str) -> Market:
        """Find the market that all numbers of a region pay, by one of them.

        Exact for the bundled table: no prefix in it cuts a region in two (tests/unit/test_markets.py).
        """
        example = None if region in _NOWHERE else phonenumbers.example_number(region)
        if example is None:
            return self._other
        return self.of_number(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))

    @cached_property
    def _other(self) -> Market:
        return Market(OTHER)


def market_key(name: str) -> str:
    """Spell a market's name so that the same one is found however it is written."""
    return " ".join(name.replace("&", " and ").casefold().replace("türkiye", "turkey").split())
