"""Time as the simulator tells it."""

import time


class Clock:
    """Seconds since 1970 that never jump: the wall clock is read once."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return self._offset + time.monotonic()
