"""The commands that look at runs and change nothing."""

import asyncio
from collections.abc import Sequence

from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.postgres.reports import PostgresReports
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.watching import Screen, Watched, watch
from campaign.ports import Usage
from campaign.report import RunReport, noting_absent, report, resolve
from campaign.settings import Settings


async def report_run(settings: Settings, name: str) -> RunReport:
    """Report one run."""
    async with open_ledger(settings, purpose="campaign report", size=2) as ledger:
        return noting_absent(await report(PostgresReports(ledger.pool), name), settings.shard_ids)


async def list_runs(settings: Settings) -> Sequence[RunReport]:
    """Report every run, unfinished ones first."""
    async with open_ledger(settings, purpose="campaign status", size=2) as ledger:
        reports = PostgresReports(ledger.pool)
        lines = await reports.list_runs()
        return [await report(reports, f"{line.campaign}@{line.run}") for line in lines]


async def overview(settings: Settings) -> tuple[Sequence[RunReport], Usage | None]:
    """Report every run, and how much of the portfolio's limit is used; None of one that nobody has sent for."""
    runs = await list_runs(settings)
    async with open_ledger(settings, purpose="campaign status", size=2) as ledger:
        return runs, await PostgresPortfolios(ledger.pool).usage(settings.account.portfolio_id)


async def watch_run(settings: Settings, name: str, screen: Screen, stop: asyncio.Event) -> RunReport:
    """Follow a run that others send."""
    async with open_ledger(settings, purpose="campaign watch", size=2) as ledger:
        reports = PostgresReports(ledger.pool)
        run = await resolve(reports, name)
        return await watch(Watched(run, float("inf")), reports=reports, screen=screen, stop=stop)
