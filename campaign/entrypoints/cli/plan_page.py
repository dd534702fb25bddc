"""What a launch would do, as a page: whether it may start, who gets it and who not, when, for how much, and what."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from campaign.bootstrap.rehearsal import PlanReport
from campaign.domain.outlook import PlanFinding
from campaign.entrypoints.cli.bubble_page import examples
from campaign.entrypoints.cli.cost_page import CostLine
from campaign.entrypoints.cli.figures import COUNT_WIDTH, LABEL_WIDTH, bar
from campaign.entrypoints.cli.plan_lines import Fact, Kind, Line, Part, Step
from campaign.entrypoints.cli.plan_sheet import Sheet, sheet

INDENT: Final = 2
BAR: Final = 12
_GOES_ON: Final = " \\"
FACT_WIDTH: Final = 14

_STYLES: Final[dict[Kind, str]] = {"whole": "bold", "reason": "", "result": "bold green", "remark": "dim"}


def page(plan: PlanReport, *, settings: str | None = None, asking: bool = False) -> RenderableType:
    """Lay the plan out; without what to do next where the reader is about to be asked."""
    said = sheet(plan, settings=settings)
    return laid_out(replace(said, next=()) if asking else said)


def laid_out(said: Sheet) -> RenderableType:
    """Lay out what a plan says."""
    sections = (
        ("What stands in the way", _findings(said.blocks, "red")),
        ("What to look at", _findings(said.warnings, "yellow")),
        ("Who gets it", [*_people(said.people), *_facts(said.consent), *_bars(said.countries, "by country")]),
        ("When", [*_facts(said.when), *_bars(said.days, "by day"), *_bars(said.steps, "step by step")]),
        ("Limit of people in 24 hours", _facts(said.limit)),
        ("Cost", _cost(said.cost)),
        ("Variants", _bars(said.variants)),
        ("What people see", [_indented(examples(said.shown), by=INDENT)] if said.shown else []),
        ("What to do next", _steps(said.next)),
    )
    return Group(_title(said), *(part for title, body in sections for part in _section(title, list(body))), "")


def _title(said: Sheet) -> RenderableType:
    verdict = ("go", "bold green") if said.go else ("no-go", "bold red")
    return Group(Text.assemble((f"\n{said.campaign}", "bold"), "  ", verdict), Text(f"  {said.verdict}"))


def _section(title: str, body: Sequence[RenderableType]) -> Iterator[RenderableType]:
    if body:
        yield Text(f"\n  {title}", "bold")
        yield from body


def _findings(findings: Iterable[PlanFinding], style: str) -> Iterator[RenderableType]:
    for finding in findings:
        where = f"{finding.where}: " if finding.where else ""
        grid = Table.grid()
        grid.add_row(Text("• ", style), Text(f"{where}{finding.what}"))
        if finding.remedy:
            grid.add_row("", Text(finding.remedy, "dim"))
        yield _indented(grid)


def _people(lines: Iterable[Line]) -> Iterator[RenderableType]:
    table = _numbers()
    for each in lines:
        label = f"- {each.label}" if each.kind == "reason" else each.label
        style = _STYLES[each.kind]
        table.add_row(_hanging(label, style), Text(f"{each.number:,}", style), Text(each.remark, "dim"))
    if table.row_count:
        yield _indented(table)


def _numbers() -> Table:
    """Make a table of label, number and more, with all numbers of the page in one column."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, show_header=False)
    table.add_column(width=LABEL_WIDTH - INDENT)
    table.add_column(justify="right", width=COUNT_WIDTH, no_wrap=True)
    table.add_column()
    return table


def _hanging(label: str, style: str) -> RenderableType:
    """Keep a label that takes several lines under its own first word."""
    dash, _, rest = label.rpartition("- ")
    if not dash and rest == label:
        return Text(label, style)
    grid = Table.grid()
    grid.add_row(Text("- ", style), Text(rest, style))
    return grid


def _indented(what: RenderableType, *, by: int = 2 * INDENT) -> RenderableType:
    return Padding(what, (0, 0, 0, by), expand=False)


def _facts(facts: Iterable[Fact]) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=FACT_WIDTH, style="dim")
    for each in facts:
        grid.add_row(each.label, Text(each.text))
    if grid.row_count:
        yield _indented(grid)


def _bars(parts: Iterable[Part], title: str = "") -> Iterator[RenderableType]:
    table = _numbers()
    for each in parts:
        part = Text.assemble((bar(each.share, 1, BAR), "cyan"), f" {each.share:>6.1%}")
        part.no_wrap = True
        table.add_row(
            Text.assemble(each.label, (f" {each.remark}" if each.remark else "", "dim")), f"{each.number:,}", part
        )
    if table.row_count:
        yield from [Padding(Text(title, "dim"), (1, 0, 0, 2 * INDENT))] if title else []
        yield _indented(table)


def _cost(lines: Iterable[CostLine]) -> Iterator[RenderableType]:
    table = _numbers()
    table.columns[1].width, table.columns[1].min_width = None, COUNT_WIDTH
    for at, each in enumerate(lines):
        style = "" if at else "bold"
        table.add_row(Text(each.label, style), Text(each.amount, style), Text(each.remark, "dim"))
    if table.row_count:
        yield _indented(table)


def _steps(steps: Iterable[Step]) -> Iterator[RenderableType]:
    for each in steps:
        yield Padding(Text(each.text), (0, 0, 0, 4), expand=False)
        if each.command:
            yield _Command(each.command)


class _Command:
    """A command to be copied: one that is too long goes on in the next line, as a shell reads it."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        # Line by line: blanks after the sign that it goes on would undo it.
        for line in _lines(self._command, options.max_width - 3 * INDENT):
            yield Text(f"{' ' * 3 * INDENT}{line}", "cyan", overflow="fold")


def _lines(command: str, width: int) -> Iterator[str]:
    line = ""
    for word in command.split(" "):
        longer = f"{line} {word}" if line else word
        if line and len(longer) > width - len(_GOES_ON):
            yield line + _GOES_ON
            line = f"{' ' * INDENT}{word}"
        else:
            line = longer
    yield line
