"""What a plan costs, by the rate cards there are."""

from campaign.bootstrap.intent import Intent
from campaign.domain.outlook import Cost, PlanFinding
from campaign.plan import Planned


def price(intent: Intent, planned: Planned) -> tuple[Cost | None, list[PlanFinding]]:  # noqa: ARG001 - the rules come from it
    """Add up what the messages cost, and hold it to the budget."""
    return None, []
