"""What forgetting people needs."""

from typing import Protocol


class ForgettingBatch(Protocol):
    """What webhooks about people who asked to be forgotten need, within their transaction."""

    async def is_anybody_forgotten(self) -> bool:
        """Tell whether anybody was ever erased: if not, nothing needs to be looked up."""
        ...
