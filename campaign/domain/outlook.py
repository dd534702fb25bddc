"""What a plan foresees: what stands in the way, what it costs, when it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple


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


@dataclass(frozen=True, slots=True)
class Cost:
    """What the messages to be sent cost at most, in `currency`; by market, and the rate card's date."""

    currency: str
    total: float
    by_market: Mapping[str, float]
    rates_of: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a plan foresees. `plan` names file, audience and template as they were."""

    findings: Sequence[PlanFinding]
    forecast: Forecast | None
    cost: Cost | None
    plan: str

    @property
    def blocks(self) -> Sequence[PlanFinding]:
        """Give what the launch is refused for."""
        return [each for each in self.findings if each.blocks]

    def kept(self) -> dict[str, Any]:
        """Spell what the run keeps, ready for JSON."""
        cost = (
            None
            if self.cost is None
            else {
                "currency": self.cost.currency,
                "total": self.cost.total,
                "by_market": dict(self.cost.by_market),
                "rates_of": self.cost.rates_of,
            }
        )
        ends_at = self.forecast.ends_at if self.forecast is not None else None
        return {"plan": self.plan, "cost": cost, "ends_at": ends_at.isoformat() if ends_at else None}
