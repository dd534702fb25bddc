"""The portfolio limit: what it is by the settings or by WhatsApp, kept in the ledger for everybody who marks."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import structlog

from campaign.adapters.postgres.portfolios import PostgresPortfolios
from campaign.adapters.whatsapp.account import CloudAccount
from campaign.bootstrap.ledger import Ledger
from campaign.bootstrap.whatsapp import open_account
from campaign.domain.errors import CampaignError
from campaign.domain.number_state import PortfolioLimit, least_limit
from campaign.domain.outlook import PlanFinding, Room
from campaign.domain.portfolio import Limit, counts_for, limit_of, window_of
from campaign.ports import PlanWriting
from campaign.settings import Settings

log = structlog.get_logger()


class Reach(NamedTuple):
    """A limit, when those were counted who count already (times and how many), and how many people a run adds."""

    limit: Limit
    counted: Sequence[tuple[datetime, int]]
    new_people: int

    @property
    def free(self) -> int:
        """Count the people who may be added now; 0 too where anybody may."""
        return max(0, (self.limit.people or 0) - sum(people for _, people in self.counted))


def limit_by(settings: Settings, told: PortfolioLimit | None) -> Limit:
    """Choose the limit by the settings and what the account told; nobody can ask an On-Premises client."""
    written = settings.account.portfolio_limit
    if written == "auto" and settings.account.dialect == "on_premises":
        told = "unlimited"
    return limit_of(written, told, span=settings.portfolio_window)


async def ask_limit(settings: Settings) -> PortfolioLimit | None:
    """Ask the account for its limit, if the settings leave that to it; None where nobody can tell now."""
    if settings.account.portfolio_limit != "auto":
        return None
    try:
        async with open_account(settings) as account:
            if not isinstance(account, CloudAccount):
                return None
            first = settings.shards[0]
            return least_limit((await account.numbers({first.id: first.address})).values())
    except CampaignError as error:
        log.warning("portfolio.untold", why=error.message)
        return None


async def keep_limit(settings: Settings, ledger: Ledger, told: PortfolioLimit | None) -> None:
    """Write the limit down for everybody who marks, before anybody does."""
    portfolio, limit = settings.account.portfolio_id, limit_by(settings, told)
    portfolios = PostgresPortfolios(ledger.pool)
    limit = await _remembered(portfolios, portfolio, limit)
    if await portfolios.keep(portfolio, limit):
        people = "unlimited" if limit.people is None else limit.people
        log.info("portfolio.limit", portfolio=portfolio, people=people, source=limit.source)


async def reach(settings: Settings, ledger: Ledger, told: PortfolioLimit | None, writing: PlanWriting) -> Reach:
    """Tell what a plan needs to foresee its portions; of an unlimited portfolio nobody is counted."""
    portfolio = settings.account.portfolio_id
    portfolios = PostgresPortfolios(ledger.pool)
    limit = await _remembered(portfolios, portfolio, limit_by(settings, told))
    if limit.people is None:
        return Reach(limit, (), 0)
    lasts = counts_for(limit.span)
    return Reach(limit, await portfolios.counted_when(portfolio, lasts), await writing.new_people(lasts))


def room(reached: Reach) -> Room | None:
    """Tell what a limit leaves to a plan; None where anybody may be written to."""
    limit = reached.limit
    if limit.people is None:
        return None
    return Room(limit.people, reached.free, reached.new_people, limit.span, limit.source)


def remarks(settings: Settings, reached: Reach, *, pauses: bool = False) -> list[PlanFinding]:
    """Say what the limit does to a plan, and where it is no more than a guess. `pauses`: the file wants no waiting."""
    limit, where = reached.limit, settings.where("account", "portfolio_limit")
    if limit.people is None:
        return []
    found = []
    if limit.source == "default":
        what = f"WhatsApp does not say how many people the portfolio may write to: taken for {limit.people}"
        remedy = (
            "write account.portfolio_limit as WhatsApp Manager shows it (Account tools > Messaging limits), or let the"
            " system user read the account (whatsapp_business_management)"
        )
        found.append(PlanFinding(what, where, remedy))
    if reached.new_people > reached.free:
        then = "then the run pauses" if pauses else "the rest waits"
        what = (
            f"{reached.new_people:,} people are new to the portfolio's window of {window_of(limit.span)}, and there is"
            f" room for {reached.free:,} of {limit.people:,}: {then}"
        )
        remedy = "nothing: it goes on by itself while somebody sends (`campaign worker`, or `launch --wait 2d`)"
        if pauses:
            remedy = "`campaign resume` it each time others have left the window, or write when_limited: wait"
        found.append(PlanFinding(what, where, remedy))
    return found


async def _remembered(portfolios: PostgresPortfolios, portfolio: str, limit: Limit) -> Limit:
    """Believe what WhatsApp told before, where it says nothing now."""
    if limit.source != "default":
        return limit
    known = await portfolios.usage(portfolio)
    if known is None or known.limit.source != "whatsapp":
        return limit
    return Limit(known.limit.people, limit.span, "whatsapp")
