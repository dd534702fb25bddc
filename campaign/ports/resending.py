"""What an order to send again needs: the ledger as `resend` and `unknown` use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from campaign.domain.resending import Candidate, Coverage, Earlier, Which


@dataclass(frozen=True, slots=True)
class Candidates:
    """The messages of a run that an order may be about, by row, and the run they belong to; `at` by the ledger."""

    run: int
    public_id: UUID
    state: str
    reason: str | None
    pending: int
    in_flight: int
    at: datetime
    messages: Sequence[Candidate]


class Ordered(NamedTuple):
    """Who ordered something, user@host, and why."""

    by: str
    why: str


class Resending(Protocol):
    """The ledger as orders to settle or to send again use it."""

    async def candidates(self, run: int, which: Which, *, code: int | None = None) -> Candidates: ...

    async def coverage(self, run: int) -> Coverage:
        """Measure how many accepted messages webhooks tell of; once some are an hour old, those alone count."""
        ...

    async def earlier(self) -> Earlier:
        """Count what became of all that was unknown once, in any run; not what is unknown for less than an hour."""
        ...

    async def settle(self, run: int, messages: Sequence[Candidate], ordered: Ordered) -> None:
        """Make all of these accepted on the operator's word, or, if one has changed since, raise RefusedByPlan."""
        ...

    async def send_again(self, run: int, which: Which, messages: Sequence[Candidate], ordered: Ordered) -> None:
        """Put all of these back in line and set the run going, or do nothing.

        Raises RefusedByPlan if one has changed since, if the run is cancelled, and for unknown ones while messages are
        in flight; AlreadyRunning if another process sends the run.
        """
        ...
