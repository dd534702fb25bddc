"""What the receiver's housekeeping needs."""

from datetime import timedelta
from typing import Protocol


class Attic(Protocol):
    """The ledger as housekeeping uses it; raises Unreachable while it is away."""

    @property
    def duties(self) -> tuple[str, ...]:
        """Name what there is to clear, in the order it is done."""
        ...

    async def clear(self, duty: str, *, raw: timedelta, limit: int) -> int:
        """Remove up to `limit` rows of one kind that have had their time; return how many."""
        ...
