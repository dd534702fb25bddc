"""What of a campaign's file a run keeps to once it is planned."""

from collections.abc import Mapping

from campaign.domain.errors import RefusedByPlan
from campaign.domain.plan_id import PlanId
from campaign.ports import OpenedRun


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Name the sections of a campaign's file that differ from those a run was planned with."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def refuse_changes(run: OpenedRun, now: Mapping[str, str], *, name: str, where: str) -> None:
    """Raise RefusedByPlan if the file says something else than the run that was planned from it."""
    sections = changed(run.fingerprints, now)
    if sections:
        raise RefusedByPlan(
            f"the {' and the '.join(sections)} section changed since {name} was planned",
            where=where,
            remedy="launch it as a new run with --run NEW, or put the section back",
        )


def other_plan(agreed: PlanId, now: PlanId, *, where: str) -> RefusedByPlan | None:
    """Say that a launch would not do what the plan said that somebody agreed to; None where it would."""
    differs = agreed.changed(now)
    if not differs:
        return None
    return RefusedByPlan(
        f"the {' and the '.join(differs)} changed since plan {agreed} was made",
        where=where,
        remedy="look at `campaign plan FILE` again, and launch with --plan and the new ID it shows",
    )
