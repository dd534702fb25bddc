"""What a ramp and a stop-loss need to be of use."""

from campaign.bootstrap.intent import Intent
from campaign.bootstrap.ledger import Ledger
from campaign.domain.outlook import PlanFinding
from campaign.plan import Planned
from campaign.ports import PlanWriting


async def remarks(intent: Intent, ledger: Ledger, planned: Planned, writing: PlanWriting) -> list[PlanFinding]:  # noqa: ARG001 - the rules come from it
    """Say what stands in the way of the ramp."""
    return []
