"""What a dead process left behind -> unknown. Never back in line: it may have been accepted."""

import structlog

from campaign.ports import Watchman

log = structlog.get_logger()

# The POST time-out plus five seconds: no request can still be under way for a mark older than this.
OLDEST_POST_SECONDS = 65.0


async def rescue(watchman: Watchman) -> int:
    """Find the dead, and settle what they left in flight; returns the number of messages now unknown."""
    dead = await watchman.bury()
    for process in dead:
        log.warning("process.died", process=process)
    count = await watchman.rescue(older_than_seconds=OLDEST_POST_SECONDS)
    if count:
        log.warning("messages.rescued", messages=count)
    return count
