"""Which of a campaign's messages a person gets: in proportion to the shares, and the same one next time."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

from campaign.domain.drawing import drawn


class Variant(NamedTuple):
    """One of the messages of a run."""

    name: str
    share: float
    message: Mapping[str, Any]


def variants_of(definition: Mapping[str, Any]) -> tuple[Variant, ...]:
    """List what a run sends, in the order its rows count them; a run without variants has one, without a name."""
    if "variants" not in definition:
        return (Variant("", 1.0, definition["message"]),)
    return tuple(Variant(each["name"], each["share"], each["message"]) for each in definition["variants"])


def chooser(campaign: str, shares: Sequence[tuple[str, float]]) -> Callable[[bytes], int]:
    """Make what tells by a person's hash which of `shares`, each a name and a part of 1, they belong to.

    The order of `shares` moves nobody.
    """
    order = sorted(range(len(shares)), key=lambda variant: shares[variant][0])
    draw = drawn(campaign, "variant", [*accumulate(shares[variant][1] for variant in order)])
    return lambda person: order[draw(person)]
