"""A plan that was made, for tests of the pages that tell of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from campaign.bootstrap.previewing import Shown
from campaign.bootstrap.rehearsal import PlanReport, VariantPart
from campaign.domain.outlook import Cost, Forecast, Outlook, PlanFinding, Portion
from campaign.domain.preview import preview
from campaign.plan import Planned
from campaign.ports import Group
from campaign.settings.schedule import Schedule

# What a page of `everything` is divided into.
SECTIONS: Final = (
    "What stands in the way",
    "What to look at",
    "Who gets it",
    "When",
    "Cost",
    "Variants",
    "What people see",
    "What to do next",
)

NOW: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PLANNED: Final = Planned(
    audience=5000,
    planned=4700,
    refused={"invalid": 120, "duplicate": 80, "no_consent": 95, "us_marketing": 5},
    skipped={"suppressed": 41, "already_sent": 32},
    canonicalised=12,
    fixed_lines=3,
    digest=b"1" * 16,
    groups={Group("paris", 0, 0, 0, "FR"): 3000, Group("paris", 0, 1, 0, "DE"): 1627},
)
WARNING: Final = PlanFinding("the template's quality is low", "spring.yaml:4:10", "improve it")
BLOCK: Final = PlanFinding("the template is paused", "spring.yaml:5:11", "un-pause it in WhatsApp Manager", blocks=True)
FORECAST: Final = Forecast(
    NOW, NOW + timedelta(days=2), 75.0, (Portion(date(2026, 11, 21), 4000), Portion(date(2026, 11, 22), 627))
)
COST: Final = Cost("EUR", Decimal("312.40"), {"France": Decimal("250.10"), "Germany": Decimal("62.30")}, "2026-10-01")
OUTLOOK: Final = Outlook((WARNING,), FORECAST, COST, "1a2b3c4d-5e6f7a8b-9c0d1e2f")


def intent(**campaign: Any) -> Any:
    """Stand for a campaign's file that was read."""
    said = {
        "campaign": "spring",
        "quality": SimpleNamespace(ramp=None),
        "schedule": None,
        "variants": None,
        "frozen": lambda: {"consent": None},
        **campaign,
    }
    return SimpleNamespace(path=Path("config/spring.yaml"), instead=None, campaign=SimpleNamespace(**said))


def shown(body: str, *, row: int = 2) -> Shown:
    """Show a text as its reader sees it."""
    message: Mapping[str, Any] = {"type": "text", "text": {"body": body}}
    return Shown(row, "+33…5678", "", message, preview(message))


def plan(**more: Any) -> PlanReport:
    """Make the report of a plan; `findings` replaces those of its outlook."""
    findings = more.pop("findings", None)
    outlook = more.pop("outlook", OUTLOOK)
    if findings is not None:
        outlook = replace(outlook, findings=findings)
    facts = {"campaign": "spring", "planned": PLANNED, "outlook": outlook, "intent": intent()}
    return PlanReport(**{**facts, **more})


def everything() -> PlanReport:
    """Make a plan that has something to say in every section."""
    schedule = Schedule(timezone="recipient", quiet_hours="21:00-08:00", until="2026-12-02T20:00")  # type: ignore[arg-type] # as a file writes them
    parts = (VariantPart("short", 0.5, 2310), VariantPart("long", 0.5, 2317))
    read = intent(schedule=schedule, quality=SimpleNamespace(ramp=(0.01, 1.0)), variants=parts)
    return plan(
        findings=(BLOCK, WARNING),
        shown=tuple(shown(f"Hello *{name}*", row=row) for row, name in enumerate(("Ada", "Bob", "Cid"), start=2)),
        parts=parts,
        intent=read,
    )
