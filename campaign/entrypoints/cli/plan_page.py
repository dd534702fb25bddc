"""What a launch would do, as a page: who, who not, how long, and whether it may start."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from campaign.bootstrap.rehearsal import PlanReport
from campaign.entrypoints import words
from campaign.entrypoints.cli.report_page import Row, counts, largest, lasted, share


def page(plan: PlanReport) -> RenderableType:
    """Lay the plan out."""
    verdict = ("go", "bold green") if plan.go else ("no-go", "bold red")
    parts: list[RenderableType] = [Text.assemble((f"\n{plan.campaign}", "bold"), "  ", verdict)]
    if plan.planned is not None and (table := counts(_rows(plan))):
        parts.append(table)
    return Group(*parts, *_findings(plan), *_how_long(plan), "")


def _rows(plan: PlanReport) -> Iterator[Row]:
    planned = plan.planned
    if planned is None:
        return
    yield "rows in the audience", planned.audience, "", "bold"
    for reason, count in largest(planned.refused):
        known = words.of(words.REFUSED, reason)
        yield f"- {known.words}", count, known.remedy, ""
    for reason, count in largest(planned.skipped):
        known = words.of(words.SKIPPED, reason)
        yield f"- {known.words}", count, known.remedy, ""
    get_it = planned.planned - sum(planned.skipped.values())
    yield "people get the message", get_it, share(get_it, planned.audience), "bold green"
    if planned.fixed_lines:
        yield "rows with a fixed line", planned.fixed_lines, "businesses use WhatsApp there too", "dim"
    if planned.canonicalised:
        yield (
            "rows written the old way",
            planned.canonicalised,
            "respelled: one number for each person",
            "dim",
        )


def _findings(plan: PlanReport) -> Iterator[RenderableType]:
    for finding in plan.findings:
        where = f"{finding.where}: " if finding.where else ""
        style = "" if finding.blocks else "yellow"
        yield Padding(Text(f"{where}{finding.what}", style), (1, 0, 0, 2), expand=False)
        if finding.remedy:
            yield Padding(Text(finding.remedy, "dim"), (0, 0, 0, 2), expand=False)


def _how_long(plan: PlanReport) -> Iterator[RenderableType]:
    forecast = plan.outlook.forecast if plan.outlook is not None else None
    if plan.planned is not None and plan.planned.to_send == 0:
        yield Padding(Text("Launched now, it reaches nobody. Nothing has been sent.", "yellow"), (1, 0, 0, 2))
    elif forecast is not None and forecast.seconds is not None and forecast.ends_at is not None:
        time = lasted(max(1.0, forecast.seconds))
        end = forecast.ends_at.astimezone()
        text = f"Launched now, it takes about {time} and ends at {end:%H:%M}. Nothing has been sent."
        yield Padding(Text(text), (1, 0, 0, 2), expand=False)
