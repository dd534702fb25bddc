"""The commands that stop a run, for a while or for good; they send nothing."""

from collections.abc import Sequence

from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.runs import PostgresRuns
from campaign.bootstrap.ledger import open_ledger
from campaign.report import RunReport, resolve, summed
from campaign.settings import Settings


async def pause(settings: Settings, name: str | None) -> Sequence[RunReport]:
    """Pause a run, or every running one; when this returns, no further intent of theirs commits."""
    async with open_ledger(settings, purpose="campaign pause", size=2) as ledger:
        runs, reports = PostgresRuns(ledger.pool, process=0), PostgresReports(ledger.pool)
        names = [name] if name else await _running(reports)
        found = [await resolve(reports, each) for each in names]
        for run in found:
            await runs.pause(run, detail={"by": "command"})
        return [summed(await reports.facts(run)) for run in found]


async def cancel(settings: Settings, name: str, *, reason: str) -> RunReport:
    """Cancel a run for good: what is pending never leaves; what is in flight is awaited by its sender."""
    async with open_ledger(settings, purpose="campaign cancel", size=2) as ledger:
        runs, reports = PostgresRuns(ledger.pool, process=0), PostgresReports(ledger.pool)
        run = await resolve(reports, name)
        await runs.cancel(run, detail={"by": "command", "why": reason})
        return summed(await reports.facts(run))


async def _running(reports: PostgresReports) -> list[str]:
    return [f"{line.campaign}@{line.run}" for line in await reports.list_runs() if line.state == "running"]
