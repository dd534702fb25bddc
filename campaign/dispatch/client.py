"""A client's bucket: one ceiling over all of its shards, which one process paces."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from campaign.dispatch.headroom import Headroom
from campaign.dispatch.lane import Client
from campaign.domain.pacing import shares
from campaign.limiter import Gate, RequestLimit, Spreader
from campaign.ports import Clock, Interval

# What its intervals are filed under: a report shows it beside the shards.
CLIENT_ROW: Final = "client"


class ClientPace:
    """The spread and the gate that the shards of one client share in this process.

    The second of whoever had the client before is left alone by its shards: each opens a second after it was taken.
    """

    def __init__(self, client: Client, headroom: Headroom, *, clock: Clock) -> None:
        self.client = client
        self.headroom = headroom
        self._clock = clock
        self._spreader = Spreader(headroom.ceiling)
        self._requests = RequestLimit(*client.requests) if client.requests else None
        self.gate = Gate(headroom.ceiling, clock=clock)
        self._intervals: list[Interval] = []
        self._start()

    def _start(self) -> None:
        self._since = self._clock.now()
        self._started_at = datetime.now(UTC)

    async def token(self) -> None:
        """Wait for a place in the client's spread, in the order of asking, whatever shard asks."""
        await self._spreader.token()
        if self._requests is not None:
            await self._requests.token()

    async def tick(self) -> bool:
        """Follow what the number receives; tell whether the ceiling changed."""
        if not await self.headroom.look():
            return False
        self._spreader.change(self.headroom.ceiling)
        self.gate.change(self.headroom.ceiling)
        return True

    # What its shards did, together.

    def note(self, intervals: Sequence[Interval]) -> None:
        """Add what one of its shards did."""
        self._intervals.extend(intervals)

    def read(self) -> list[Interval]:
        """One row per run that left something or got an answer over any shard, and start anew."""
        intervals, self._intervals = self._intervals, []
        seconds, started_at = max(1e-6, self._clock.now() - self._since), self._started_at
        self._start()
        runs: dict[int, list[Interval]] = defaultdict(list)
        for interval in intervals:
            runs[interval.run].append(interval)
        worst, ceiling = self.gate.worst.read(), self.headroom.ceiling
        left = sum(interval.departed for interval in intervals)
        used = min(1.0, left / (ceiling * seconds)) if ceiling else 0.0
        lost = shares(used=used, waited=_waited(intervals, seconds), seconds=seconds)
        return [
            _together(
                parts,
                Interval(CLIENT_ROW, run, started_at, seconds, ceiling, round(used, 4), worst_second=worst, lost=lost),
            )
            for run, parts in sorted(runs.items())
        ]


def _waited(intervals: Sequence[Interval], seconds: float) -> dict[str, float]:
    """Average what the shards waited for; the client is idle only while all of them are."""
    shards = {interval.shard: interval for interval in intervals}.values()
    waited: dict[str, float] = defaultdict(float)
    for interval in shards:
        for cause, share in interval.lost.items():
            waited[cause] += share * seconds / len(shards)
    waited["idle"] = min((interval.lost.get("idle", 0.0) for interval in shards), default=0.0) * seconds
    return waited


def _together(parts: Sequence[Interval], whole: Interval) -> Interval:
    """Add up what shards did for one run; the times of single requests stay with the shards."""
    for part in parts:
        whole.departed += part.departed
        whole.accepted += part.accepted
        whole.held += part.held
        whole.not_now += part.not_now
        whole.rejected += part.rejected
        whole.unknown += part.unknown
        whole.in_flight += part.in_flight
        whole.loop_lag = max(whole.loop_lag, part.loop_lag)
    return whole
