"""What strangers are refused, in the log: anybody may post, and nobody shall fill a disk with it."""

import time
from collections import Counter
from collections.abc import Callable

import structlog

log = structlog.get_logger()

# Between two lines of one reason.
QUIET_SECONDS = 1.0


class Refusals:
    """Tells each reason at most once a second, and how many times it came since it was told last."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_at: dict[str, float] = {}
        self._untold = Counter[str]()

    def tell(self, reason: str, **more: object) -> None:
        """Count one refusal, and log it unless the same was logged a moment ago."""
        self._untold[reason] += 1
        now = self._clock()
        if now - self._told_at.get(reason, float("-inf")) >= QUIET_SECONDS:
            self._told_at[reason] = now
            log.warning("webhook.refused", reason=reason, times=self._untold.pop(reason), **more)
