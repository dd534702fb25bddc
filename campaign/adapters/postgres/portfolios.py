"""The portfolio limit as the ledger keeps it: what it is, how much of it is used, and what lies idle."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.counting import count
from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking
from campaign.domain.portfolio import Limit
from campaign.ports import Usage

_SQL = load_queries("portfolios")


class PostgresPortfolios:
    """Keeps portfolios."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def keep(self, portfolio: str, limit: Limit) -> bool:
        """Write a limit down; tells whether that is news."""
        is_news = await ask(
            lambda: self._pool.fetchval(_SQL["set_limit"], portfolio, limit.people, limit.span, limit.source, False)
        )
        if is_news:
            await ask(lambda: count(self._pool, portfolio))
        return bool(is_news)

    async def usage(self, portfolio: str) -> Usage | None:
        """Tell the limit and how much of it is used; None of a portfolio nobody has sent for."""
        row = await ask(lambda: self._pool.fetchrow(_SQL["usage"], portfolio))
        if row is None:
            return None
        return Usage(Limit(row["people"], row["span"], row["source"]), row["counted"], row["full_until"])

    async def counted_when(self, portfolio: str, span: timedelta) -> Sequence[tuple[datetime, int]]:
        """Tell when those were counted who count now, to a hundredth of the window: times and how many."""
        return [tuple(row) for row in await ask(lambda: self._pool.fetch(_SQL["counted_when"], portfolio, span))]

    async def return_idle(self, *, after_seconds: float) -> None:
        """Take back what shards leased and did not use for so long."""
        await patiently(lambda: self._pool.execute(_SQL["return_idle"], after_seconds))


class PortfolioRows(Asking):
    """What a webhook changes of portfolios, in its own transaction."""

    async def learn_limit(self, portfolio: str, limit: Limit) -> None:
        """Follow what WhatsApp says of a limit, unless the settings name one."""
        await self.fetch(_SQL["set_limit"], portfolio, limit.people, limit.span, limit.source, True)
