"""Money in words: what a plan may cost at most, and what a run was charged so far."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.domain.charges import Charges
from campaign.domain.outlook import Cost
from campaign.domain.pricing import Counted, Step, Tariff
from campaign.entrypoints.cli.figures import largest

# More countries of one market are not listed by name.
_COUNTRIES_SHOWN: Final = 6


class CostLine(NamedTuple):
    """One line of a bill: what for, how much, and how that comes about."""

    label: str
    amount: str
    remark: str = ""


def money(amount: Decimal, currency: str = "") -> str:
    """Write an amount: to the cent, or with the digits that a smaller one has."""
    written = f"{amount:,.2f}" if amount >= 1 or not amount else f"{amount:,.4f}"
    return f"{written} {currency}".rstrip()


def estimate(cost: Cost) -> list[CostLine]:
    """Tell what a plan may cost: in all and by whose rates, then market by market with its countries."""
    by = cost.tariff.by if cost.tariff is not None else f"by the rate card of {cost.rates_of}"
    lines = [CostLine("at most", money(cost.total, cost.currency), by)]
    for market, amount in sorted(cost.by_market.items(), key=lambda each: (-each[1], each[0])):
        lines.append(CostLine(market, money(amount), _how(cost, market)))
    return lines


def _how(cost: Cost, market: str) -> str:
    tariff = cost.tariff
    if tariff is None:
        return ""
    rated = [each for each in cost.counted if tariff.regions.get(each.region) == market]
    parts = ", ".join(_times(tariff, market, category, parts) for category, parts in _by_category(rated).items())
    return f"{parts} ({_countries(rated)})"


def _by_category(counted: Sequence[Counted]) -> Mapping[str, int]:
    sums: defaultdict[str, int] = defaultdict(int)
    for each in counted:
        sums[each.category] += each.messages
    return sums


def _times(tariff: Tariff, market: str, category: str, messages: int) -> str:
    steps = tariff.rates[market].get(category, (Step(0, Decimal(0)),))
    rate = f"{steps[0].rate}" if len(steps) == 1 else f"{steps[0].rate} and less, by volume"
    return f"{messages:,} {category} at {rate}"


def _countries(counted: Sequence[Counted]) -> str:
    sums: defaultdict[str, int] = defaultdict(int)
    for each in counted:
        sums[each.region] += each.messages
    ranked = largest(sums)
    named = [region if len(sums) == 1 else f"{region} {messages:,}" for region, messages in ranked[:_COUNTRIES_SHOWN]]
    more = [f"{len(ranked) - _COUNTRIES_SHOWN} more"] if len(ranked) > _COUNTRIES_SHOWN else []
    return ", ".join([*named, *more])


def charged(charges: Charges) -> str:
    """Say in one sentence what a run was charged so far."""
    if charges.charged is None or charges.currency is None:
        messages = f"{sum(each.messages for each in charges.by_category.values()):,} messages charged for"
        said = f"{messages}; without a rate card nobody can tell how much"
    else:
        of = money(charges.estimated or Decimal(0), charges.currency)
        said = f"charged so far {money(charges.charged)} of {of} estimated, {charges.by}"
    return f"{said}; {_awaited(charges.awaited)}" if charges.awaited else said


def _awaited(messages: int) -> str:
    return f"{messages:,} message{'s have' if messages != 1 else ' has'} no price yet"


def charges_part(charges: Charges | None) -> RenderableType | None:
    """Lay out what a run was charged; None where nothing is known of it."""
    if charges is None:
        return None
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for line in _charged_lines(charges):
        table.add_row(*line)
    parts: list[RenderableType] = [Text(charged(charges))]
    if table.row_count:
        parts.append(Padding(table, (0, 0, 0, 2), expand=False))
    return Padding(Group(*parts), (1, 0, 0, 2), expand=False)


def _charged_lines(charges: Charges) -> Iterator[CostLine]:
    for category, share in charges.by_category.items():
        amount = money(share.amount) if share.amount is not None else "no rate"
        yield CostLine(category, amount, f"{share.messages:,} messages")
    if charges.free:
        yield CostLine("free of charge", money(Decimal(0)), f"{charges.free:,} messages")
    if charges.unrated and charges.currency is not None:
        yield CostLine("without a rate", "?", f"{charges.unrated:,} messages, in no sum above")
