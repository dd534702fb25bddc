"""Counts what a shard did in an interval, and what it waited for."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from campaign.domain.histogram import Histogram
from campaign.domain.outcome import Accepted, NotNow, NotSent, Outcome, Rejected, Unclear
from campaign.domain.pacing import shares
from campaign.limiter import Gate
from campaign.ports import Clock, Interval


class Meter:
    """One shard's counters since the last reading."""

    def __init__(self, shard: str, *, clock: Clock, gate: Gate) -> None:
        self._shard = shard
        self._clock = clock
        self._gate = gate
        self.posts = Histogram()
        self.marks = Histogram()
        self._start()

    def _start(self) -> None:
        self._started = self._clock.now()
        self._started_at = datetime.now(UTC)
        self._waited: dict[str, float] = defaultdict(float)
        self._waiting: tuple[str, float] | None = None
        self._departed: Counter[int] = Counter()
        self._outcomes: dict[int, Counter[str]] = defaultdict(Counter)
        self.first_departures: dict[int, datetime] = {}
        self.last_departures: dict[int, datetime] = {}
        self.loop_lag = 0.0

    @contextmanager
    def waiting_for(self, cause: str) -> Iterator[None]:
        """Account the time inside to a cause, even when an interval ends in the middle."""
        self._waiting = (cause, self._clock.now())
        try:
            yield
        finally:
            self._account()
            self._waiting = None

    def waited(self, cause: str, seconds: float) -> None:
        self._waited[cause] += seconds

    def _account(self) -> None:
        if self._waiting is not None:
            cause, since = self._waiting
            now = self._clock.now()
            self._waited[cause] += now - since
            self._waiting = (cause, now)

    def departed(self, run: int) -> None:
        now = datetime.now(UTC)
        self._departed[run] += 1
        self.first_departures.setdefault(run, now)
        self.last_departures[run] = now

    def answered(self, run: int, outcome: Outcome) -> None:
        self._outcomes[run][_word(outcome)] += 1

    def read(self, *, ceiling: float | None, in_flight: int) -> list[Interval]:
        """One row per run that left something or got an answer, and start anew; an idle shard gives none."""
        self._account()
        seconds = max(1e-6, self._clock.now() - self._started)
        left = sum(self._departed.values())
        used = min(1.0, left / (ceiling * seconds)) if ceiling else 0.0
        lost = shares(used=used, waited=self._waited, seconds=seconds)
        worst, posts, marks = self._gate.worst.read(), self.posts.read(), self.marks.read()
        rows = [
            Interval(
                shard=self._shard, run=run, started_at=self._started_at, seconds=seconds, ceiling=ceiling,
                used=round(used, 4), departed=self._departed[run], worst_second=worst, in_flight=in_flight,
                lost=lost, post_seconds=posts, mark_seconds=marks, loop_lag=round(self.loop_lag, 4),
                **{word: self._outcomes[run][word] for word in ("accepted", "held", "not_now", "rejected", "unknown")},
            )
            for run in sorted(self._departed.keys() | self._outcomes.keys())
        ]  # fmt: skip
        waiting = self._waiting
        self._start()
        self._waiting = (waiting[0], self._started) if waiting else None
        return rows


def _word(outcome: Outcome) -> str:
    match outcome:
        case Accepted(held=True):
            return "held"
        case Accepted():
            return "accepted"
        case NotNow():
            return "not_now"
        case Rejected():
            return "rejected"
        case Unclear():
            return "unknown"
        case NotSent():
            return "not_sent"


def progress(interval: Interval) -> dict[str, Any]:
    """Spell an interval as the fields of `shard.progress`."""
    return {
        "shard": interval.shard,
        "run": interval.run,
        "interval_s": round(interval.seconds, 2),
        "departed": interval.departed,
        "rate": round(interval.departed / interval.seconds, 2),
        "ceiling": interval.ceiling,
        "used": interval.used,
        "worst_second": interval.worst_second,
        "accepted": interval.accepted,
        "held": interval.held,
        "not_now": interval.not_now,
        "rejected": interval.rejected,
        "unknown": interval.unknown,
        "in_flight": interval.in_flight,
        "lost": interval.lost,
    }
