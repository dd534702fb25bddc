"""What a launch refuses: what blocks, and anything but the plan that somebody agreed to."""

from campaign.bootstrap.intent import Intent
from campaign.bootstrap.planning import plan_id
from campaign.bootstrap.preflight import Look
from campaign.bootstrap.rehearsal import refusal_of
from campaign.domain.errors import RefusedByPlan
from campaign.domain.outlook import Outlook
from campaign.domain.plan_id import PlanId
from campaign.plan import other_plan
from campaign.ports import OpenedRun

# Of a run that was planned before plans had names: no audience is like it.
_NAMELESS = PlanId("", "", "")


def refuse_beforehand(intent: Intent, opened: OpenedRun, agreed: PlanId | None, seen: Look) -> None:
    """Raise RefusedByPlan for what is known before anything is planned.

    File and template must be those of the agreed plan, and of a run that is planned already the audience too.
    """
    now = None
    if agreed is not None:
        kept = agreed if opened.to_plan else PlanId.parse(opened.plan or "") or _NAMELESS
        now = plan_id(intent, seen, audience=kept.audience)
    _refuse(intent, agreed, now, Outlook(seen.findings, None, None, ""))


def refuse_planned(intent: Intent, agreed: PlanId | None, outlook: Outlook) -> None:
    """Raise RefusedByPlan for what blocks, and for people, or words to them, that the agreed plan did not have."""
    _refuse(intent, agreed, PlanId.parse(outlook.plan), outlook)


def refuse_blocked(outlook: Outlook) -> None:
    """Raise RefusedByPlan for what blocks."""
    blocked = refusal_of(outlook)
    if blocked is not None:
        raise blocked


def _refuse(intent: Intent, agreed: PlanId | None, now: PlanId | None, outlook: Outlook) -> None:
    """Say what changed since the plan, and what that leads to."""
    changed = other_plan(agreed, now, where=str(intent.path)) if agreed is not None and now is not None else None
    blocked = refusal_of(outlook)
    if changed is not None and blocked is not None:
        raise RefusedByPlan(f"{changed.message}: {blocked.message}", where=blocked.where, remedy=blocked.remedy)
    if changed is not None:
        raise changed
    refuse_blocked(outlook)
