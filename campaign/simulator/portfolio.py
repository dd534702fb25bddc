"""Messaging limits: unique people in a moving window, outside customer service windows (26 Nov 2025)."""

from collections import OrderedDict


class Reached:
    """Whom all numbers together wrote to within the window; each counts once, since their last message."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._last: OrderedDict[str, float] = OrderedDict()
        self.worst = 0

    def is_full(self, person: str, now: float, *, limit: int, window_s: float) -> bool:
        """Tell whether a message to this person would be to one too many."""
        self._forget(now - window_s)
        return person not in self._last and len(self._last) >= limit

    def accept(self, person: str, now: float, *, window_s: float) -> None:
        self._forget(now - window_s)
        self._last[person] = now
        self._last.move_to_end(person)
        self.worst = max(self.worst, len(self._last))

    def _forget(self, before: float) -> None:
        while self._last and next(iter(self._last.values())) <= before:
            self._last.popitem(last=False)
