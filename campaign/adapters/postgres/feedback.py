"""What webhooks said, applied to the ledger in one transaction a batch."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg

from campaign.adapters.postgres.account_events import AccountRows
from campaign.adapters.postgres.database import DRIVER_FAULTS, patiently
from campaign.adapters.postgres.forgetting import ForgettingRows
from campaign.adapters.postgres.people import PeopleRows
from campaign.adapters.postgres.portfolios import PortfolioRows
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.statuses import StatusRows
from campaign.adapters.postgres.transaction import columns
from campaign.domain.errors import CampaignError
from campaign.domain.receipt import Unstorable
from campaign.ports import FeedbackBatch

T = TypeVar("T")

# Classes of SQLSTATE that judge the data: data exception, integrity violation, program limit exceeded.
_REFUSALS = {"22", "23", "54"}

# Of bodies, in one answer of the server: those of a backlog may have megabytes each.
_BYTES_AT_ONCE = 5_000_000

_SQL = load_queries("receipts")


class PostgresFeedback:
    """The port `Feedback`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def together(self, work: Callable[[FeedbackBatch], Awaitable[T]]) -> T:
        """Do all of `work` in one transaction, again from its start after a deadlock or a lost connection.

        Raises Unstorable if the ledger refuses what `work` writes, or `work` itself cannot cope with it.
        """

        async def once() -> T:
            async with self._pool.acquire() as connection, connection.transaction():
                return await work(PostgresFeedbackBatch(connection))

        try:
            return await patiently(once)
        except Exception as error:
            if (why := _why_never(error)) is None:
                raise
            # Never the driver's error, whose text quotes the row; one of ours says where it happened.
            raise Unstorable(why) from None if isinstance(error, DRIVER_FAULTS) else error


def _why_never(error: Exception) -> str | None:
    """Say why the same again would fail again, unless that is not about what was said: only another ledger helps."""
    if isinstance(error, asyncpg.PostgresError):
        state = error.sqlstate or ""
        return f"the ledger refused it (SQLSTATE {state})" if state[:2] in _REFUSALS else None
    # The driver's word for an argument that no server will ever take is a ValueError too.
    if isinstance(error, (CampaignError, *DRIVER_FAULTS)) and not isinstance(error, ValueError):
        return None
    return f"it could not be applied ({type(error).__name__})"


class PostgresFeedbackBatch(StatusRows, PeopleRows, AccountRows, PortfolioRows, ForgettingRows):
    """The port `FeedbackBatch`: one open transaction."""

    async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
        """Lock the oldest bodies nobody has parsed and nobody else is parsing; fewer, if they are large."""
        return [(each["id"], each["body"]) for each in await self.fetch(_SQL["unparsed"], limit, _BYTES_AT_ONCE)]

    async def mark_parsed(self, webhooks: Sequence[tuple[int, str | None]]) -> None:
        """Note bodies as parsed, each with what had to be quarantined."""
        await self.fetch(_SQL["mark_parsed"], *columns(webhooks, 2))
