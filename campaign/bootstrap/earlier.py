"""The run that a launch of a file goes on with, or leaves alone, where it names no other: a plan has to tell of it."""

from typing import Final, NamedTuple

from campaign.adapters.postgres.reports import PostgresReports
from campaign.bootstrap.intent import Intent
from campaign.bootstrap.ledger import Ledger
from campaign.domain.outlook import PlanFinding

ONCE: Final = "once"

OVER: Final = frozenset({"finished", "cancelled"})


class EarlierRun(NamedTuple):
    """A run of the same campaign that is there already, and how many of its messages are to be sent."""

    name: str
    state: str
    left: int

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    def remark(self, where: str | None) -> PlanFinding:
        """Say what a launch would do, which is not what the plan says."""
        if self.is_over:
            what = f"{self.name} is {self.state} already: launching this file again sends nothing"
            remedy = "launch it as a new run, with --run and a name: everybody counted here gets it then"
        else:
            what = (
                f"{self.name} is {self.state} already, with {self.left:,} to be sent: a launch goes on with that run "
                "as it was planned, not with this plan"
            )
            remedy = f"`campaign status {self.name}` shows how far it is; --run and a name make a new run of this plan"
        return PlanFinding(what, where, remedy)


async def earlier_run(intent: Intent, ledger: Ledger) -> EarlierRun | None:
    """Look for the run; one that nobody has planned to the end is planned anew."""
    reports, campaign = PostgresReports(ledger.pool), intent.campaign.campaign
    run = await reports.find(campaign, ONCE)
    if run is None:
        return None
    found = await reports.remaining(run)
    if found.state == "planning":
        return None
    return EarlierRun(f"{campaign}@{ONCE}", found.state, found.pending + found.in_flight)
