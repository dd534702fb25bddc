"""People -> ledger rows, once per person; what launch would do, before it does it."""

from campaign.plan.changes import changed, other_plan, refuse_changes
from campaign.plan.draft import Audience, Example, Planned, Terms, Times
from campaign.plan.planning import Approve, NobodyLeft, plan

__all__ = [
    "Approve",
    "Audience",
    "Example",
    "NobodyLeft",
    "Planned",
    "Terms",
    "Times",
    "changed",
    "other_plan",
    "plan",
    "refuse_changes",
]
