"""What was not sent in its hours: put off to the next ones before it costs a token, or over with the run's time."""

from collections.abc import Mapping
from datetime import datetime

import structlog

from campaign.ports import Clock, Store

log = structlog.get_logger()

# Rows in one statement: about 0.1 s of row locks. And how long the other chores of a tick wait for this one at most.
BATCH = 2_000
LONGEST_SECONDS = 0.5


class Hours:
    """Follows the hours of every running run over the shards of this process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        # Up to when the hours of each run were followed: what closed before that has nothing left in it, over those
        # shards.
        self._followed: Mapping[int, datetime] = {}
        self._shards: Mapping[str, int] = {}

    async def tick(self, shards: Mapping[str, int]) -> None:
        """Look once a second; `shards` with their epochs."""
        started = self._clock.now()
        if not shards.items() <= self._shards.items():
            self._followed = {}
        self._shards = dict(shards)
        while shards:
            turn = await self._store.follow_hours(shards, followed=self._followed, limit=BATCH)
            if turn.put_off or turn.expired:
                log.info("hours.closed", put_off=turn.put_off, expired=turn.expired)
            if turn.put_off + turn.expired < BATCH:
                self._followed = dict.fromkeys(turn.runs, turn.until)
                return
            if self._clock.now() - started > LONGEST_SECONDS:
                return
