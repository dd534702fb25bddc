"""When to stop asking a WhatsApp that does not answer."""

from collections import deque
from dataclasses import dataclass, field

UNKNOWN_IN_A_ROW = 5
WINDOW = 50
UNKNOWN_SHARE = 0.2
CONNECTION_FAILURES = 5
LONGEST_REST_SECONDS = 60.0
GIVE_UP_SECONDS = 15 * 60.0


@dataclass(slots=True)
class Breaker:
    """Opens after 5 unknown in a row, 20 % unknown of the last 50, or 5 connection failures.

    Open means no marks: for 1, 2, 4 … 60 seconds, then for one probe. All times come from the caller's clock.
    """

    _row: int = 0
    _failures: int = 0
    _recent: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _rest: float = 0.0
    _closed_until: float | None = None
    _opened_at: float | None = None
    _probing: bool = False

    @property
    def open(self) -> bool:
        return self._opened_at is not None

    @property
    def connection_lost(self) -> bool:
        """Tell whether nothing leaves, rather than nothing comes back."""
        return self._failures >= CONNECTION_FAILURES

    def wait(self, now: float) -> float | None:
        """Seconds until a mark is allowed; 0 is now, `None` means that a probe is under way: ask again."""
        if self._opened_at is None:
            return 0.0
        if self._probing:
            return None
        return max(0.0, (self._closed_until or now) - now)

    def probe(self) -> None:
        """Note that the one request which tries again is under way."""
        if self.open:
            self._probing = True

    def unprobe(self) -> None:
        """Note that the probe was not sent after all: its mark was refused."""
        self._probing = False

    def given_up(self, now: float) -> bool:
        """Tell, once every quarter of an hour, that it has been open for so long that a person should look."""
        if self._opened_at is None or now - self._opened_at < GIVE_UP_SECONDS:
            return False
        # A run that a person resumes gets as long as the one before it.
        self._opened_at = now
        return True

    def answered(self) -> None:
        """Close: any usable answer will do, a refusal included, a straggler's like a probe's."""
        self._row = self._failures = 0
        self._recent.append(False)
        if self.open:
            self._recent.clear()
        self._opened_at = self._closed_until = None
        self._rest = 0.0
        self._probing = False

    def unknown(self, now: float) -> None:
        """Note a request that left and brought nothing usable back."""
        self._row += 1
        self._recent.append(True)
        share = sum(self._recent) / WINDOW
        self._trip(now, tripped=self._row >= UNKNOWN_IN_A_ROW or share >= UNKNOWN_SHARE)

    def not_connected(self, now: float) -> None:
        """Note a request that could not leave."""
        self._failures += 1
        self._trip(now, tripped=self._failures >= CONNECTION_FAILURES)

    def _trip(self, now: float, *, tripped: bool) -> None:
        if self.open and not self._probing:
            return  # stragglers from before it opened do not lengthen the rest
        if not self.open and not tripped:
            return
        if not self.open:
            self._opened_at = now
        self._probing = False
        self._rest = min(LONGEST_REST_SECONDS, self._rest * 2 or 1.0)
        self._closed_until = now + self._rest
