"""People -> ledger rows, once per person; what launch would do, before it does it."""

from campaign.plan.changes import changed, refuse_changes
from campaign.plan.draft import Audience, Example, Planned, Terms, Times
from campaign.plan.planning import Approve, plan

__all__ = ["Approve", "Audience", "Example", "Planned", "Terms", "Times", "changed", "plan", "refuse_changes"]
