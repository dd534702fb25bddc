"""What hearing from people needs: windows, what they wrote, and whom not to write to."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol


class Wrote(NamedTuple):
    """Somebody wrote to a number of ours."""

    person: bytes
    address: str
    at: datetime


class PeopleBatch(Protocol):
    """What inbound messages and preferences do, within the transaction of their webhook."""

    async def open_windows(self, wrote: Sequence[Wrote]) -> None:
        """Let people be answered freely for 24 hours after they wrote, by the number they wrote to."""
        ...

    async def count_inbound(self, received: Sequence[tuple[str, datetime]]) -> None:
        """Count what numbers received, by the minute it was sent in; what is older than an hour is left."""
        ...
