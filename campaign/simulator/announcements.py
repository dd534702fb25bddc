"""What is posted because somebody ordered it: at once, later, or by the schedule of the profile."""

from collections.abc import Callable

from campaign.simulator.desk import Desk, Timed
from campaign.simulator.webhooks import Outbox


class Announcements:
    """Hands orders to the outbox when their time has come. `later` runs a callback after some seconds."""

    def __init__(
        self, *, outbox: Outbox, desk: Callable[[], Desk], later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._outbox = outbox
        self._desk = desk
        self._later = later
        self._schedule: tuple[Timed, ...] = ()
        # Whoever is in neither set when its time comes was called off.
        self._scheduled: set[object] = set()
        self._ordered: set[object] = set()

    @property
    def waiting(self) -> int:
        return len(self._scheduled) + len(self._ordered)

    def post(self, order: Timed) -> None:
        """Post what somebody orders, at once if it is for now."""
        if order.after_s:
            self._wait(order, self._ordered)
        else:
            self._tell(order)

    def schedule(self, orders: tuple[Timed, ...]) -> None:
        """Follow another schedule from now on; the same one goes on as it was."""
        if orders != self._schedule:
            self._schedule = orders
            self._begin()

    def clear(self) -> None:
        """Call off what was ordered; the schedule begins anew."""
        self._ordered.clear()
        self._begin()

    def _begin(self) -> None:
        self._scheduled.clear()
        for order in self._schedule:
            self._wait(order, self._scheduled)

    def _wait(self, order: Timed, waiting: set[object]) -> None:
        ticket = object()
        waiting.add(ticket)
        self._later(order.after_s, lambda: self._tell_unless_called_off(ticket, order, waiting))

    def _tell_unless_called_off(self, ticket: object, order: Timed, waiting: set[object]) -> None:
        if ticket in waiting:
            waiting.remove(ticket)
            self._tell(order)

    def _tell(self, order: Timed) -> None:
        event = order.event(self._desk())
        self._outbox.put((times * order.repeat_s, event) for times in range(order.repeat + 1))
