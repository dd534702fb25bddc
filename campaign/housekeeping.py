"""What has had its time -> gone, a little at a time: beside the answers to webhooks, and never in their way."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from campaign.ports import Attic

log = structlog.get_logger()

FIRST_SECONDS: Final = 60.0
EVERY_SECONDS: Final = 3600.0

# After a failure, such as while the database is away.
AGAIN_SECONDS: Final = 60.0

ROWS_AT_ONCE: Final = 1_000

# A batch takes some 20 ms: this leaves four parts in five to others, and removes faster than webhooks can come.
PAUSE_SECONDS: Final = 0.1


class Housekeeping:
    """Clears once an hour; `raw` is how long words are kept."""

    def __init__(self, attic: Attic, *, raw: timedelta) -> None:
        self._attic = attic
        self._raw = raw

    async def run(self, stop: asyncio.Event) -> None:
        """Go on until `stop`, whatever happens to the database."""
        wait = FIRST_SECONDS
        while not await _stopped_within(stop, wait):
            wait = EVERY_SECONDS
            try:
                await self.clear(stop)
            except Exception as error:  # noqa: BLE001 - the task's outer edge: it must not take the receiver with it
                log.warning("housekeeping.failed", reason=type(error).__name__)
                wait = AGAIN_SECONDS

    async def clear(self, stop: asyncio.Event) -> dict[str, int]:
        """Do every duty once; return how many rows each removed."""
        removed = {duty: await self._clear(duty, stop) for duty in self._attic.duties}
        log.info("housekeeping.done", removed={duty: rows for duty, rows in removed.items() if rows})
        return removed

    async def _clear(self, duty: str, stop: asyncio.Event) -> int:
        total = 0
        while not stop.is_set():
            rows = await self._attic.clear(duty, raw=self._raw, limit=ROWS_AT_ONCE)
            total += rows
            if rows < ROWS_AT_ONCE or await _stopped_within(stop, PAUSE_SECONDS):
                break
        return total


async def _stopped_within(stop: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
    return stop.is_set()
