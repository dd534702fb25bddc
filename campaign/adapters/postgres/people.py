"""People who write to us, as the ledger knows them."""

from collections.abc import Sequence
from datetime import datetime

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking, columns
from campaign.ports import Wrote

_SQL = load_queries("people")


class PeopleRows(Asking):
    """The port `PeopleBatch`."""

    async def open_windows(self, wrote: Sequence[Wrote]) -> None:
        """Let people be answered freely for 24 hours after they wrote; a time to come counts as now."""
        await self.fetch(_SQL["open_windows"], *columns(wrote, 3))

    async def count_inbound(self, received: Sequence[tuple[str, datetime]]) -> None:
        """Count what numbers received in a minute; what is older than an hour is left."""
        await self.fetch(_SQL["count_inbound"], *columns(received, 2))
