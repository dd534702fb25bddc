"""Numbers as every page writes them: in columns, as shares, as lengths of time."""

from collections.abc import Iterable, Mapping
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

# A label, a number, a remark and a style.
Row = tuple[str, int, str, str]

# The same in every table of a page, so that all numbers stand in one column.
LABEL_WIDTH: Final = 43
COUNT_WIDTH: Final = 9


def counts(rows: Iterable[Row]) -> RenderableType | None:
    """Lay (label, number, remark, style) out with the numbers in a column; None where there is nothing to count."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    table.add_column(width=LABEL_WIDTH)
    table.add_column(justify="right", width=COUNT_WIDTH)
    table.add_column(style="dim")
    for label, count, remark, style in rows:
        table.add_row(_indented(label, style), Text(f"{count:,}", style), remark)
    return Padding(table, (1, 0, 0, 2), expand=False) if table.row_count else None


def _indented(label: str, style: str) -> RenderableType:
    """Keep a long label under its own beginning when it takes several lines."""
    text = label.lstrip()
    return Padding(Text(text, style), (0, 0, 0, len(label) - len(text)))


def largest(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """Sort counts by size."""
    return sorted(numbers.items(), key=lambda item: (-item[1], item[0]))


def share(count: float, whole: float) -> str:
    """Write a part in percent."""
    return f"{count / whole:.1%}" if whole else ""


def bar(count: float, whole: float, width: int = 20) -> str:
    """Draw a part of the whole."""
    # Little is not nothing.
    filled = (round(width * min(1.0, count / whole)) or int(count > 0)) if whole else 0
    return "█" * filled + "░" * (width - filled)


def lasted(seconds: float) -> str:
    """Write a length of time for people."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days:,} day{'s' * (days != 1)} {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
