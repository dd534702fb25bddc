"""The customer service window: who wrote to which number within the last 24 hours."""

WINDOW_S = 24 * 3600


class Windows:
    """Opened by what people write. Times are in seconds since 1970."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._open_until: dict[tuple[str, str], float] = {}
        self._inbound: dict[str, tuple[str, str]] = {}

    @property
    def inbound(self) -> int:
        return len(self._inbound)

    def write(self, number: str, person: str, message_id: str, at: float) -> None:
        """Note that somebody wrote to a number; each message opens the window anew."""
        pair = (number, person)
        self._open_until[pair] = max(self._open_until.get(pair, 0), at + WINDOW_S)
        self._inbound[message_id] = pair

    def is_open(self, number: str, person: str, now: float) -> bool:
        return self._open_until.get((number, person), 0) > now

    def written(self, message_id: str) -> tuple[str, str] | None:
        """Find the number a message was written to, and by whom."""
        return self._inbound.get(message_id)

    def can_be_read(self, message_id: str) -> bool:
        """Tell whether this may be an inbound message; any may while none is known here."""
        return not self._inbound or message_id in self._inbound
