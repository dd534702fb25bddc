"""What a plan says, in plain words and in the order of reading; the terminal's page and the HTML's lay it out."""

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from babel import Locale

from campaign.bootstrap.previewing import Shown
from campaign.bootstrap.rehearsal import PlanReport
from campaign.domain.outlook import PlanFinding, Room
from campaign.domain.portfolio import SOURCES, window_of
from campaign.entrypoints import words
from campaign.entrypoints.cli.cost_page import CostLine, estimate
from campaign.entrypoints.cli.figures import largest, share
from campaign.entrypoints.cli.plan_lines import Fact, Line, Part, Step
from campaign.entrypoints.cli.plan_times import days, steps, when

# So many countries are listed; the others are added up.
COUNTRIES: Final = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan, ready to be laid out; what has nothing to say is empty."""

    campaign: str
    go: bool
    verdict: str
    blocks: Sequence[PlanFinding]
    warnings: Sequence[PlanFinding]
    people: Sequence[Line]
    consent: Sequence[Fact]
    countries: Sequence[Part]
    when: Sequence[Fact]
    days: Sequence[Part]
    steps: Sequence[Part]
    limit: Sequence[Fact]
    cost: Sequence[CostLine]
    variants: Sequence[Part]
    shown: Sequence[Shown]
    next: Sequence[Step]
    plan: str


def sheet(plan: PlanReport, *, settings: str | None = None) -> Sheet:
    """Put a plan into words. `settings`: the option that names the settings' file, if the command needs it."""
    blocks = [each for each in plan.findings if each.blocks]
    outlook = plan.outlook
    return Sheet(
        campaign=plan.campaign,
        go=plan.go,
        verdict=_verdict(plan, len(blocks)),
        blocks=blocks,
        warnings=[each for each in plan.findings if not each.blocks],
        people=list(_people(plan)),
        consent=[Fact("consent", said)] if (said := words.consent(plan.consent)) else [],
        countries=_countries(plan),
        when=list(when(plan)),
        days=days(plan),
        steps=steps(plan),
        limit=_limit(outlook.room) if outlook is not None else [],
        cost=estimate(outlook.cost) if outlook is not None and outlook.cost is not None else [],
        variants=_variants(plan),
        shown=plan.shown,
        next=list(_next(plan, blocks, settings)),
        plan=outlook.plan if outlook is not None else "",
    )


def _verdict(plan: PlanReport, blocks: int) -> str:
    if not plan.go:
        return f"A launch would be refused, for {words.counted(blocks, 'reason')}. Nothing has been sent."
    get_it = plan.planned.to_send if plan.planned is not None else 0
    if not get_it:
        return "Launched now, it reaches nobody. Nothing has been sent."
    forecast = plan.outlook.forecast if plan.outlook is not None else None
    late = min(forecast.left, get_it) if forecast is not None else 0
    too_late = f"; for {late:,} more there is no time" if late else ""
    people = words.counted(get_it - late, "person", "people")
    how = "Launched now" if plan.earlier is None else "Launched as a new run"
    return f"{how}, it reaches {people}{too_late}. Nothing has been sent."


def _people(plan: PlanReport) -> Iterator[Line]:
    planned = plan.planned
    if planned is None:
        return
    yield Line("whole", "rows in the audience", planned.audience)
    for table, counts in ((words.REFUSED, planned.refused), (words.SKIPPED, planned.skipped)):
        for reason, count in largest(counts):
            known = words.of(table, reason)
            yield Line("reason", known.words, count, known.remedy)
    get_it = planned.to_send
    label = "person gets the message" if get_it == 1 else "people get the message"
    yield Line("result", label, get_it, share(get_it, planned.audience))
    if planned.fixed_lines:
        yield Line("remark", "rows with a fixed line", planned.fixed_lines, "businesses use WhatsApp there too")
    if planned.canonicalised:
        remark = "respelled: one number for each person"
        yield Line("remark", "rows written the old way", planned.canonicalised, remark)


def _countries(plan: PlanReport) -> list[Part]:
    """Count the messages of each country, where there is more than one."""
    found = Counter[str]()
    for group, count in (plan.planned.groups if plan.planned is not None else {}).items():
        found[group.region] += count
    if len(found) < 2:  # noqa: PLR2004 - one country is no list
        return []
    whole = found.total()
    parts = [Part(country(region), count, count / whole) for region, count in largest(found)]
    rest = parts[COUNTRIES:]
    if len(rest) < 2:  # noqa: PLR2004 - one is named as well as counted
        return parts
    others = sum(each.number for each in rest)
    return [*parts[:COUNTRIES], Part(f"{len(rest)} more countries", others, others / whole)]


def country(region: str) -> str:
    """Name a country by its two letters."""
    territories: Mapping[str, str] = Locale("en").territories
    return territories.get(region) or (region if region and region != "001" else "no single country")


def _limit(room: Room | None) -> list[Fact]:
    """Say what the portfolio's limit on people leaves to this plan; nothing where there is none."""
    if room is None:
        return []
    people, free, new_people, span, source = room
    allowed = f"{words.counted(people, 'person', 'people')} in any {window_of(span)}, over all campaigns"
    facts = [
        Fact("allowed", f"{allowed} ({SOURCES[source]})"),
        Fact("free now", words.counted(free, "person", "people")),
        Fact("this plan", f"{words.counted(new_people, 'person', 'people')} who do not count yet"),
    ]
    if new_people > free:
        facts.append(Fact("", f"{new_people - free:,} of them wait until others do not count any more"))
    return facts


def _variants(plan: PlanReport) -> list[Part]:
    whole = sum(each.messages for each in plan.parts) or 1
    return [
        Part(name, messages, messages / whole, f"({share_:.0%} of the people)") for name, share_, messages in plan.parts
    ]


def _next(plan: PlanReport, blocks: Sequence[PlanFinding], settings: str | None) -> Iterator[Step]:
    if plan.intent is None:
        return
    before = f"campaign {settings} " if settings else "campaign "
    file = shlex.quote(str(plan.intent.path))
    if blocks:
        yield Step("Put right what is named above, then plan again:", f"{before}plan {file}")
    elif plan.planned is not None and plan.planned.to_send and plan.outlook is not None:
        yield Step("Send it to your own phone first:", f"{before}test {file} --to YOUR_NUMBER")
        anew = f" --run {datetime.now():%Y-%m-%d}" if plan.earlier is not None and plan.earlier.is_over else ""  # noqa: DTZ005 - a name for people here
        yield Step(
            "Launch exactly this plan; it is refused if the file, the audience or the template changed since:",
            f"{before}launch {file}{anew} --plan {plan.outlook.plan}",
        )
