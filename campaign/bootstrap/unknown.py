"""`campaign unknown list` and `settle`: what nobody can tell, and what a person can."""

from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.resending import PostgresResending
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.resending import Choice, Looked, look, whoever_asks
from campaign.ports import Ordered
from campaign.report import RunReport, summed
from campaign.settings import Settings

__all__ = ["Choice", "Looked", "look", "settle"]


async def settle(settings: Settings, looked: Looked, why: str) -> RunReport:
    """Make what was looked at accepted, on the operator's word; raises RefusedByPlan if it has changed since."""
    run = looked.survey.found.run
    async with open_ledger(settings, purpose="campaign unknown settle", size=2) as ledger:
        store = PostgresResending(ledger.pool, process=0)
        await store.settle(run, looked.survey.asked, Ordered(whoever_asks(), why))
        return summed(await PostgresReports(ledger.pool).facts(run))
