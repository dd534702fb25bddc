"""A platform that remembers what it accepted and when, and sees at once what it must not."""

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from campaign.domain.calendar import Window

SPAN = timedelta(seconds=4)
CAP, CAP_SECONDS = 2, 3.0

# An intent lasts five seconds: so long ago may be what it was marked under.
INTENT_SECONDS = 5.5


class Accepted(NamedTuple):
    """What the platform took: `counts` against the portfolio's limit."""

    message_id: str
    run: int
    row: int
    attempt: int
    whom: str
    marked_at: float
    at: float
    counts: bool


@dataclass
class Promise:
    """What a run promises."""

    portfolio: str
    public_id: Any
    content: bytes
    capped: bool
    windows: list[Window] = field(default_factory=list)

    def in_hours(self, at: float) -> bool:
        """Tell whether some zone of the run has its hours; all windows it ever had count."""
        spans = [(each.opens_at.timestamp(), each.closes_at.timestamp()) for each in self.windows]
        return not spans or any(opens <= at < closes for opens, closes in spans)


class Platform:
    """Accepts messages; `violations` says what was wrong about them."""

    def __init__(self) -> None:
        self.promises = dict[int, Promise]()
        self.people = dict[tuple[int, int], str]()
        self.accepted = list[Accepted]()
        self.ordered = Counter[tuple[int, int]]()
        self.open_until = dict[tuple[str, str], float]()
        self.violations = list[str]()
        self._limits = defaultdict[str, list[tuple[float, int | None]]](list)

    def accept(self, shard: str, run: int, row: int, attempt: int, *, marked_at: float) -> str:
        now, whom, promise = time.time(), self.people[run, row], self.promises[run]
        counts = self.open_until.get((whom, shard), 0.0) <= now
        taken = Accepted(f"wamid.{len(self.accepted)}", run, row, attempt, whom, marked_at, now, counts)
        if counts:
            self._hold_to_limit(promise.portfolio, whom, now)
        if promise.capped:
            self._hold_to_cap(whom, marked_at)
        if not promise.in_hours(now):
            self.violations.append(f"outside of its hours: {taken}")
        self.accepted.append(taken)
        return taken.message_id

    def limit(self, portfolio: str, people: int | None) -> None:
        """Note that a limit holds from now on."""
        self._limits[portfolio].append((time.time(), people))

    def exceeds(self, portfolio: str, people: int | None) -> bool:
        """Tell whether a limit is higher than the one that holds."""
        known = self._limits[portfolio]
        return bool(known) and (people is None or (known[-1][1] is not None and people > known[-1][1]))

    def _hold_to_limit(self, portfolio: str, whom: str, now: float) -> None:
        allowed = self._allowed_lately(portfolio, now)
        since = now - SPAN.total_seconds()
        counted = {
            each.whom
            for each in self.accepted
            if each.at > since and each.counts and self.promises[each.run].portfolio == portfolio
        }
        if allowed is not None and whom not in counted and len(counted) + 1 > allowed:
            self.violations.append(f"{len(counted) + 1} people of {allowed} for {portfolio} at {now:.3f}")

    def _allowed_lately(self, portfolio: str, now: float) -> int | None:
        """Tell the highest limit that an intent of now may have been marked under."""
        known = self._limits[portfolio]
        first = max(0, bisect_right([at for at, _ in known], now - INTENT_SECONDS) - 1)
        lately = [people for _, people in known[first:]]
        return None if None in lately else max(each for each in lately if each is not None)

    def _hold_to_cap(self, whom: str, marked_at: float) -> None:
        """Count what is not excused: an order to send again may add one, and so may a campaign without a cap."""
        since = marked_at - CAP_SECONDS + 0.5
        got = [each for each in self.accepted if each.whom == whom and each.marked_at > since]
        excused = sum(self.ordered[each.run, each.row] > 0 or not self.promises[each.run].capped for each in got)
        if len(got) - excused + 1 > CAP:
            self.violations.append(f"{len(got) + 1} messages to one person in a period: {got}")
