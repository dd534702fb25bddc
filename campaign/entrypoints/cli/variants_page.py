"""The variants of a run side by side, and what can be said of them."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.domain.comparison import MEASURES, Comparison, Interval, Tally, wilson

COUNTS = ("planned", "accepted", "failed", "opted_out")
TITLES = {"accepted": "taken", "opted_out": "opted out"}


def variants(comparison: Comparison) -> Iterator[RenderableType]:
    """Lay the comparison out; nothing where a run has one message."""
    if not comparison.variants:
        return
    yield Padding(_table(comparison), (1, 0, 0, 2), expand=False)
    yield Padding(Text(comparison.verdict(), "bold"), (0, 0, 0, 2), expand=False)
    told = "Shares are of those taken; under each, where it lies 19 times in 20. Replies, opt-outs: within three days."
    yield Padding(Text(told, "dim"), (0, 0, 0, 2), expand=False)


def _table(comparison: Comparison) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False, header_style="dim")
    table.add_column("variant", overflow="fold", max_width=18)
    for name in ("share", *COUNTS[:2], *MEASURES, *COUNTS[2:]):
        table.add_column(TITLES.get(name, name), justify="right")
    for each in comparison.variants:
        table.add_row(*_cells(each))
    return table


def _cells(each: Tally) -> Iterator[RenderableType]:
    yield Text(each.name, "bold")
    yield f"{each.share * 100:.4g}%"
    yield from (f"{each.of(name):,}" for name in COUNTS[:2])
    for measure in MEASURES:
        yield _share(wilson(each.of(measure), each.accepted)) if each.accepted else ""
    yield from (f"{each.of(name):,}" for name in COUNTS[2:])


def _share(rate: Interval) -> RenderableType:
    bounds = f"{rate.low * 100:.1f}-{rate.high * 100:.1f}"
    return Group(Text(f"{rate.share:.1%}", justify="right"), Text(bounds, "dim", justify="right"))
