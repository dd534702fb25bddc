"""What a plan foresees: what stands in the way, what it costs, when it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from campaign.domain.portfolio import Source
from campaign.domain.pricing import Counted, Tariff


class PlanFinding(NamedTuple):
    """Something a launch would meet; with `blocks` it is refused. `where`: file:line:column, or a setting."""

    what: str
    where: str | None = None
    remedy: str | None = None
    blocks: bool = False


class Portion(NamedTuple):
    """How many messages leave on a day."""

    day: date
    messages: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """When the sending begins and ends, by ceilings, limits, windows and ramp; `ends_at` None where nobody can tell."""

    starts_at: datetime
    ends_at: datetime | None
    seconds: float | None  # of sending: time spent waiting for windows and limits left out
    portions: Sequence[Portion] = ()
    left: int = 0  # messages whose time is over before it is their turn


@dataclass(frozen=True, slots=True)
class Cost:
    """What the messages to be sent cost at most, in `currency`; by market, and the rate card's date.

    `counted`: what was priced, by region and category; `tariff`: at which rates.
    """

    currency: str
    total: Decimal
    by_market: Mapping[str, Decimal]
    rates_of: str
    counted: Sequence[Counted] = field(default=())
    tariff: Tariff | None = None

    def as_json(self) -> dict[str, Any]:
        """Spell it for people and programs; amounts are numbers with the card's decimals."""
        return {
            "currency": self.currency,
            "total": float(self.total),
            "by_market": {market: float(amount) for market, amount in self.by_market.items()},
            "rates_of": self.rates_of,
            "by": self.tariff.by if self.tariff is not None else None,
        }


class Room(NamedTuple):
    """How many people a portfolio may write to in a moving `span`: in all, of those free, and how many a plan adds."""

    people: int
    free: int
    new_people: int
    span: timedelta
    source: Source

    def as_json(self) -> dict[str, Any]:
        """Spell it for programs; the span in seconds."""
        return {**self._asdict(), "span": self.span.total_seconds()}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a plan foresees. `plan` names file, audience and template as they were."""

    findings: Sequence[PlanFinding]
    forecast: Forecast | None
    cost: Cost | None
    plan: str
    # None where the portfolio is not limited, or nobody has looked.
    room: Room | None = None

    @property
    def blocks(self) -> Sequence[PlanFinding]:
        """Give what the launch is refused for."""
        return [each for each in self.findings if each.blocks]

    def kept(self) -> dict[str, Any]:
        """Spell what the run keeps, ready for JSON."""
        cost = self.cost.as_json() if self.cost is not None else None
        tariff = self.cost.tariff.kept() if self.cost is not None and self.cost.tariff is not None else None
        ends_at = self.forecast.ends_at if self.forecast is not None else None
        return {
            "plan": self.plan,
            "cost": cost,
            "tariff": tariff,
            "ends_at": ends_at.isoformat() if ends_at else None,
        }
