"""Whom a run leaves out, and why."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import NamedTuple, Protocol


class Excluded(NamedTuple):
    """A row of the audience that gets no message; `number` is '' where nobody knows it any more.

    `detail` is told of refused rows. `told`: the run that sent the same before, or who suppressed the person.
    """

    row: int
    reason: str
    detail: str
    number: str
    told: str | None


class SentBefore(NamedTuple):
    """A run, `campaign@key`, that sent the same content to so many of the people before."""

    run: str
    messages: int


class Exclusions(Protocol):
    """One run's rows that become no message."""

    def rows(self) -> AsyncIterator[Excluded]:
        """Give them in the order of the audience, few at a time."""
        ...

    async def sent_before(self) -> Sequence[SentBefore]:
        """Name the runs because of which people are left out as already_sent, the largest first."""
        ...

    async def prefixed(self, regions: Collection[str], prefixes: Collection[str]) -> int:
        """Count messages to be sent to numbers that begin like one of `prefixes`, in the regions that have such."""
        ...
