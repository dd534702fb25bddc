"""How a number is, as the account tells it: its state, quality, throughput, health, and how many people it may reach.

Source: Meta, "Business phone numbers", "Throughput" (21 Nov 2025), "Messaging limits" (26 Nov 2025), "Health status".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

# Messages a second of each level.
THROUGHPUT: Final[Mapping[str, float]] = MappingProxyType({"STANDARD": 80.0, "HIGH": 1000.0})

PortfolioLimit = int | Literal["unlimited"]

_TIER: Final = re.compile(r"TIER_([0-9]{1,9})(K|M)?")
_TIMES: Final[Mapping[str | None, int]] = MappingProxyType({None: 1, "K": 1_000, "M": 1_000_000})


# More than WhatsApp has users: no limit that anybody meant.
MOST_PEOPLE: Final = 2_000_000_000


def portfolio_limit(said: Any) -> PortfolioLimit | None:  # noqa: ANN401 - JSON
    """Read a limit on unique people as WhatsApp writes it: TIER_2K, TIER_UNLIMITED, 2000, -1; None for anything else.

    Source: Meta, "Messaging limits", 26 Nov 2025; the webhooks' samples have integers, -1 being unlimited.
    """
    if isinstance(said, str):
        if said in ("TIER_UNLIMITED", "-1"):
            return "unlimited"
        tier = _TIER.fullmatch(said)
        plain = said.isascii() and said.isdecimal() and len(said) <= len(str(MOST_PEOPLE))
        said = int(tier[1]) * _TIMES[tier[2]] if tier else int(said) if plain else None
    if isinstance(said, bool) or not isinstance(said, int):
        return None
    return "unlimited" if said == -1 else said if 0 < said <= MOST_PEOPLE else None


@dataclass(frozen=True, slots=True)
class Ailment:
    """Why something may not send, or not much: WhatsApp's own words."""

    words: str
    code: int | None = None
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """What a message goes through: PHONE_NUMBER, WABA, BUSINESS or APP; `can_send` AVAILABLE, LIMITED or BLOCKED."""

    kind: str
    can_send: str
    ailments: tuple[Ailment, ...] = ()


@dataclass(frozen=True, slots=True)
class NumberState:
    """What WhatsApp says of a number, in its own words; empty where it says nothing."""

    status: str
    quality: str
    throughput: str
    can_send: str = ""
    entities: tuple[Entity, ...] = ()
    limit: PortfolioLimit | None = None


def least_limit(states: Iterable[NumberState]) -> PortfolioLimit | None:
    """Give the limit that the numbers of one account name; the least, should they differ, and None if none does."""
    told = [each.limit for each in states if each.limit is not None]
    counted = [each for each in told if each != "unlimited"]
    return min(counted) if counted else "unlimited" if told else None
