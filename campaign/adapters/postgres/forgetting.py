"""People who asked to be forgotten."""

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking

_SQL = load_queries("forgetting")


class ForgettingRows(Asking):
    """The port `ForgettingBatch`."""

    async def is_anybody_forgotten(self) -> bool:
        """Tell whether anybody was ever erased: if not, nothing needs to be looked up."""
        return bool((await self.fetch(_SQL["is_anybody_forgotten"]))[0][0])
