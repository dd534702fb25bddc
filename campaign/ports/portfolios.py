"""Limits on how many people a portfolio's numbers may write to."""

from datetime import datetime
from typing import NamedTuple, Protocol

from campaign.domain.portfolio import Limit


class Usage(NamedTuple):
    """A portfolio's limit, and how many people count against it now.

    `full_until`: nothing was left when somebody last asked, and the first person falls out of the window then.
    """

    limit: Limit
    counted: int
    full_until: datetime | None


class Portfolios(Protocol):
    """What shards lease of portfolio limits."""

    async def return_idle(self, *, after_seconds: float) -> None:
        """Take back what shards leased and did not use for so long."""
        ...
