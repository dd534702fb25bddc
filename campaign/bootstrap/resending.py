"""`campaign resend` and `campaign unknown resend`: what an order would do, and the order with the sending after it."""

import asyncio
import getpass
import os
import socket
from collections.abc import Collection
from dataclasses import dataclass

import structlog

from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.postgres.resending import PostgresResending
from campaign.bootstrap.desk import Desk, at_desk
from campaign.bootstrap.launch import LaunchOptions
from campaign.bootstrap.ledger import open_ledger
from campaign.bootstrap.resuming import go_on
from campaign.bootstrap.watching import Screen
from campaign.domain.resending import Which
from campaign.ports import Ordered, Resending, RunOwned
from campaign.report import RunReport, noting_absent, resolve, summed
from campaign.resending import Survey, check, send_again, survey
from campaign.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Choice:
    """Which messages of which run: all that are unknown, dropped or failed, with one code, or by their rows."""

    name: str
    which: Which
    code: int | None = None
    rows: Collection[int] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """A run as it is, and what an order would do."""

    report: RunReport
    survey: Survey


async def look(settings: Settings, choice: Choice) -> Looked:
    """Survey what an order would send again; raises CampaignError, RunOwned while another process sends the run."""
    async with open_ledger(settings, purpose="campaign resend", size=2) as ledger:
        reports = PostgresReports(ledger.pool)
        run = await resolve(reports, choice.name)
        looked = await _survey(settings, PostgresResending(ledger.pool, process=0), run, choice)
        return Looked(noting_absent(summed(await reports.facts(run)), settings.shard_ids), looked)


@dataclass(frozen=True, slots=True)
class Order:
    """To send again what was looked at, and why."""

    looked: Looked
    why: str


async def resend(
    settings: Settings, order: Order, options: LaunchOptions, screen: Screen, stop: asyncio.Event
) -> RunReport:
    """Put messages back in line, and send until the run is done; raises RefusedByPlan if one has changed since."""
    given = _Given(order)
    return await at_desk(settings, screen, stop, lambda at: given.carry_out(at, options))


class _Given:
    """An order that is given once, however often its process has to begin again."""

    def __init__(self, order: Order) -> None:
        self._survey = order.looked.survey
        self._ordered = Ordered(whoever_asks(), order.why)
        self._done = False

    async def carry_out(self, at: Desk, options: LaunchOptions) -> RunReport:
        return await go_on(at, self._survey.found.run, options, lambda: self._give(at))

    async def _give(self, at: Desk) -> None:
        if self._done:
            return
        await send_again(PostgresResending(at.ledger.pool, process=at.process.id), self._survey, self._ordered)
        self._done = True
        log.info("messages.resent", run=self._survey.found.run, messages=len(self._survey.ready))


async def _survey(settings: Settings, store: Resending, run: int, choice: Choice) -> Survey:
    # Only the Cloud API's webhooks say which attempt they are about.
    settles = settings.account.dialect == "cloud"
    return await survey(store, run, choice.which, code=choice.code, rows=choice.rows, settles=settles)


def refuse(looked: Looked) -> None:
    """Raise CampaignError for what forbids an order as a whole; RunOwned while another process sends the run."""
    report = looked.report
    if report.owner is not None:
        raise RunOwned(report.owner, run=f"{report.campaign}@{report.run}")
    check(looked.survey)


def whoever_asks() -> str:
    """Name the person at the keyboard, as far as the machine knows: user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"
