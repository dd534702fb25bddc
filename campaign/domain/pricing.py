"""What messages cost: rates by market and category, in Decimal; what WhatsApp says it charges for."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple, Self

from campaign.domain.markets import Market, market_key

# Columns of Meta's rate card, as its webhooks spell the categories. Source: status webhook and rate cards, Nov 2025.
CATEGORIES: Final = ("marketing", "utility", "authentication", "authentication-international", "service")

# What is told under another name than the column it is charged by (Marketing Messages API, 19 Nov 2025).
_CHARGED_LIKE: Final[Mapping[str, str]] = {"marketing_lite": "marketing"}

# Free-form messages have a price since. Source: Meta, "Pricing", copies of 28 and 30 Sep 2026.
SERVICE_PRICED_SINCE: Final = date(2026, 10, 1)

NOTHING: Final = Decimal(0)


class Step(NamedTuple):
    """A rate that holds for the messages after so many of them."""

    after: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class RateCard:
    """Rates in one currency, by market (as `market_key` spells it) and category; steps ascend from 0.

    `dated`: when it took effect, where the file says so; `name`: of the file.
    """

    currency: str
    name: str
    rates: Mapping[str, Mapping[str, Sequence[Step]]]
    dated: date | None = None
    is_sample: bool = False

    @property
    def of(self) -> str:
        """Say which card it is: its date, or its file."""
        return self.dated.isoformat() if self.dated is not None else self.name

    def row(self, market: Market) -> Mapping[str, Sequence[Step]]:
        """Find a market's rates, under the name that the card has for it."""
        for name in (market.name, market.formerly):
            if name is not None and (rates := self.rates.get(market_key(name))) is not None:
                return rates
        return {}


class Counted(NamedTuple):
    """Messages that cost the same."""

    region: str
    category: str
    messages: int


class Share(NamedTuple):
    """A part of a bill; without an amount there is no rate for it."""

    messages: int
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Bill:
    """What counted messages cost: in all, by market and by category; `unrated` are those there is no rate for."""

    total: Decimal
    by_market: Mapping[str, Share]
    by_category: Mapping[str, Share]
    unrated: Sequence[Counted] = ()


@dataclass(frozen=True, slots=True)
class Tariff:
    """The rates of a run's regions: what it keeps, so that its bill goes by the card that it was planned by.

    `regions`: region -> market; `rates`: market -> category -> steps.
    """

    currency: str
    of: str
    is_sample: bool
    regions: Mapping[str, str]
    rates: Mapping[str, Mapping[str, Sequence[Step]]]

    @property
    def by(self) -> str:
        """Say whose rates these are, and that a sample is not the reader's own."""
        kind, own = ("sample rate card", ": bring your own") if self.is_sample else ("rate card", "")
        return f"by the {kind} of {self.of}{own}"

    def bill(self, counted: Iterable[Counted]) -> Bill:
        """Add up; steps count anew for each market and category, and begin at the first message."""
        tally = _Tally()
        for each in counted:
            market = self.regions.get(each.region)
            category = _CHARGED_LIKE.get(each.category, each.category)
            steps = self.rates.get(market, {}).get(category) if market is not None else None
            tally.add(each, market, steps)
        return tally.bill()

    def kept(self) -> dict[str, Any]:
        """Spell it for the ledger: rates as text, so that no digit is lost."""
        return {
            "currency": self.currency,
            "of": self.of,
            "is_sample": self.is_sample,
            "regions": dict(self.regions),
            "rates": {
                market: {name: [[step.after, str(step.rate)] for step in steps] for name, steps in rates.items()}
                for market, rates in self.rates.items()
            },
        }

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `kept` wrote."""
        rates = {
            market: {name: tuple(Step(after, Decimal(rate)) for after, rate in steps) for name, steps in rates.items()}
            for market, rates in kept["rates"].items()
        }
        return cls(kept["currency"], kept["of"], kept["is_sample"], kept["regions"], rates)


def tariff_of(card: RateCard, regions: Mapping[str, Market]) -> Tariff:
    """Take from a card what the regions of a run need."""
    rates = {market.name: card.row(market) for market in sorted(set(regions.values()))}
    names = {region: market.name for region, market in sorted(regions.items())}
    return Tariff(card.currency, card.of, card.is_sample, names, rates)


@dataclass(slots=True)
class _Tally:
    """A bill in the making: the messages of a market and category share their steps."""

    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    steps: dict[tuple[str, str], Sequence[Step]] = field(default_factory=dict)
    unrated: list[Counted] = field(default_factory=list)

    def add(self, each: Counted, market: str | None, steps: Sequence[Step] | None) -> None:
        if market is None or not steps:
            self.unrated.append(each)
            return
        self.steps[market, each.category] = steps
        self.messages[market, each.category] += each.messages

    def bill(self) -> Bill:
        shares = {place: Share(count, graded(count, self.steps[place])) for place, count in self.messages.items()}
        by_category = _added((category, share) for (_, category), share in shares.items())
        for each in self.unrated:
            by_category.setdefault(each.category, Share(0, None))
            known = by_category[each.category]
            by_category[each.category] = Share(known.messages + each.messages, known.amount)
        total = sum((share.amount or NOTHING for share in shares.values()), NOTHING)
        by_market = _added((market, share) for (market, _), share in shares.items())
        return Bill(total, by_market, by_category, self.unrated)


def _added(shares: Iterable[tuple[str, Share]]) -> dict[str, Share]:
    sums: defaultdict[str, Share] = defaultdict(lambda: Share(0, NOTHING))
    for name, share in shares:
        before = sums[name]
        sums[name] = Share(before.messages + share.messages, (before.amount or NOTHING) + (share.amount or NOTHING))
    return dict(sorted(sums.items()))


def graded(messages: int, steps: Sequence[Step]) -> Decimal:
    """Price messages by steps: each rate holds for those between its step and the next."""
    ends = [step.after for step in steps[1:]] + [max(messages, steps[-1].after)]
    return sum(
        (max(0, min(messages, end) - step.after) * step.rate for step, end in zip(steps, ends, strict=True)), NOTHING
    )


def charged_as(pricing: object) -> str | None:
    """Name the category a status says its message is charged as; '' where it is free, None where it does not say.

    `billable` is to be removed, so that the type decides with it. What is charged by conversation (CBP) has no price
    for one message. Source: Meta, "Status messages webhook", Nov 2025.
    """
    if not isinstance(pricing, dict) or pricing.get("pricing_model", "PMP") != "PMP":
        return None
    if pricing.get("billable") is False or str(pricing.get("type", "")).startswith("free_"):
        return ""
    category = pricing.get("category")
    return category.lower()[:_LONGEST_CATEGORY] if isinstance(category, str) and category else None


_LONGEST_CATEGORY: Final = 40
