"""What a run was charged so far, by what WhatsApp said of its messages, beside what its plan estimated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from campaign.domain.pricing import Counted, Share, Tariff


@dataclass(frozen=True, slots=True)
class Charges:
    """Messages that reached a phone, priced by the rates the run was planned with.

    `estimated`, `charged` None where there was no rate card; `free`: WhatsApp charges nothing for so many; `awaited`:
    taken by WhatsApp and without a price yet; `unrated`: charged for, in a market or category the card has no rate for.
    """

    currency: str | None
    estimated: Decimal | None
    charged: Decimal | None
    by_category: Mapping[str, Share]
    by_market: Mapping[str, Share]
    free: int = 0
    awaited: int = 0
    unrated: int = 0
    by: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Spell it for `--json`; amounts are numbers with the card's decimals."""
        return {
            "currency": self.currency,
            "estimated": _number(self.estimated),
            "charged": _number(self.charged),
            "by_category": {name: _spelled(share) for name, share in self.by_category.items()},
            "by_market": {name: _spelled(share) for name, share in self.by_market.items()},
            "free": self.free,
            "awaited": self.awaited,
            "unrated": self.unrated,
            "by": self.by,
        }


def charges_of(outlook: Mapping[str, Any], counted: Iterable[Counted], *, free: int, awaited: int) -> Charges | None:
    """Bill what was counted by the rates in a run's outlook; None where nothing is known of any price."""
    tariff = Tariff.from_kept(outlook["tariff"]) if outlook.get("tariff") else None
    charged = list(counted)
    if tariff is None and not charged and not free:
        return None
    # Without rates it is counted all the same.
    bill = (tariff or _NO_RATES).bill(charged)
    return Charges(
        currency=tariff.currency if tariff else None,
        estimated=Decimal(str(outlook["cost"]["total"])) if tariff else None,
        charged=bill.total if tariff else None,
        by_category=bill.by_category,
        by_market=bill.by_market,
        free=free,
        awaited=awaited,
        unrated=sum(each.messages for each in bill.unrated),
        by=tariff.by if tariff else None,
    )


_NO_RATES = Tariff("", "", is_sample=False, regions={}, rates={})


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _spelled(share: Share) -> dict[str, Any]:
    return {"messages": share.messages, "amount": _number(share.amount)}
