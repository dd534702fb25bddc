"""The portfolio limit: how many people a business may write to in a moving window, and what that does to a sending.

Source: Meta, "Messaging limits", 26 Nov 2025: unique people outside an open customer service window, in 24 hours, over
all numbers of the portfolio.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from campaign.domain.number_state import PortfolioLimit

SPAN: Final = timedelta(hours=24)

# What a portfolio starts with, and what is believed of one of which nobody can tell.
DEFAULT_PEOPLE: Final = 250

# WhatsApp may take a message as long after its mark as a POST may last, and 5 s for the way to it. A window as short as
# a rehearsal's has shorter POSTs.
INTENT: Final = timedelta(seconds=5)
LONGEST_MARGIN: Final = timedelta(seconds=65)

_UNLIMITED: Final = "unlimited"

Source = Literal["settings", "whatsapp", "default"]

SOURCES: Final[Mapping[Source, str]] = {
    "settings": "by the settings",
    "whatsapp": "as WhatsApp says",
    "default": "the least there is, for WhatsApp does not say",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """How many people in which moving window, and who says so; `people` None is unlimited."""

    people: int | None
    span: timedelta = SPAN
    source: Source = "default"


def window_of(span: timedelta) -> str:
    """Name the window of a limit."""
    seconds = span.total_seconds()
    return f"{seconds / 3600:g} hours" if seconds >= 3600 else f"{seconds:g} seconds"  # noqa: PLR2004 - an hour


def told(limit: Limit, counted: int) -> str:
    """Say how much of a limit is used, and who set it."""
    source = SOURCES[limit.source]
    if limit.people is None:
        return f"the portfolio may write to any number of people ({source})"
    return f"the portfolio has written to {counted:,} of {limit.people:,} people in {window_of(limit.span)} ({source})"


def limit_of(
    written: int | Literal["auto", "unlimited"], told: PortfolioLimit | None, *, span: timedelta = SPAN
) -> Limit:
    """Choose the limit: what the settings say, else what WhatsApp told, else what a portfolio starts with."""
    if written != "auto":
        return Limit(None if written == _UNLIMITED else written, span, "settings")
    if told is None:
        return Limit(DEFAULT_PEOPLE, span, "default")
    return Limit(None if told == _UNLIMITED else told, span, "whatsapp")


def counts_for(span: timedelta) -> timedelta:
    """Tell for how long a person is counted after a mark: the window, and the time WhatsApp may take with it.

    The ledger's column `portfolio.counts_for` says the same.
    """
    return span + min(LONGEST_MARGIN, INTENT + span / 10)


class MovingWindow:
    """How many people a limit leaves room for as time goes on. Times never go back.

    `counted`: when those who count already were counted, each with how many.
    """

    def __init__(self, limit: Limit, counted: Iterable[tuple[datetime, int]] = ()) -> None:
        self._limit = limit
        self._lasts = counts_for(limit.span)
        self._counted = deque(sorted(counted))
        self._people = sum(people for _, people in self._counted)

    def free(self, at: datetime) -> int | None:
        """Tell how many more may be counted at a time; None is unlimited."""
        if self._limit.people is None:
            return None
        while self._counted and self._counted[0][0] + self._lasts <= at:
            self._people -= self._counted.popleft()[1]
        return max(0, self._limit.people - self._people)

    def opens_at(self, at: datetime) -> datetime | None:
        """Tell when there is room for somebody; None is never: the limit is 0."""
        limit = self._limit.people
        if limit is None:
            return at
        if not limit:
            return None
        self.free(at)
        # A limit that was lowered may have more people than it allows.
        too_many = self._people + 1 - limit
        for counted_at, there in self._counted:
            if too_many <= 0:
                break
            too_many -= there
            at = counted_at + self._lasts
        return at

    def count(self, at: datetime, people: int) -> None:
        """Count so many at a time."""
        if self._limit.people is not None and people > 0:
            self._counted.append((at, people))
            self._people += people
