"""When what is ordered is posted."""

from collections.abc import Callable
from random import Random
from typing import Any

from campaign.simulator.announcements import Announcements
from campaign.simulator.cloud import CloudDialect
from campaign.simulator.desk import Desk
from campaign.simulator.orders import order_of
from campaign.simulator.profile import Profile
from campaign.simulator.templates import Shelf
from campaign.simulator.webhooks import Outbox
from campaign.simulator.windows import Windows

DIALECT = CloudDialect(business_account_id="102")


class Bench:
    """Announcements under a clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[tuple[float, Callable[[], None]]] = []
        url, profile = "http://127.0.0.1:1/webhook", Profile()
        self.outbox = Outbox(url, secret="s", dialect=DIALECT, profile=lambda: profile, chance=Random(1))
        self.announcements = Announcements(outbox=self.outbox, desk=self._desk, later=self._later)

    def order(self, *orders: dict[str, Any]) -> None:
        self.announcements.schedule(Profile().changed({"schedule": orders}).schedule)

    def pass_until(self, now: float) -> None:
        due = [timer for timer in self._timers if timer[0] <= now]
        self._timers = [timer for timer in self._timers if timer[0] > now]
        for self.now, call in sorted(due, key=lambda timer: timer[0]):
            call()
        self.now = now

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        self._timers.append((self.now + seconds, call))

    def _desk(self) -> Desk:
        return Desk(self.now, "106", Shelf(()), Windows(), DIALECT)


async def test_a_schedule_is_posted_in_its_time() -> None:
    bench = Bench()
    bench.order({"capability": 1, "after_s": 5}, {"capability": 2, "after_s": 10})

    counts = []
    for now in (4, 5, 10):
        bench.pass_until(now)
        counts.append((bench.outbox.pending, bench.announcements.waiting))

    assert counts == [(0, 2), (1, 1), (2, 0)]


async def test_another_schedule_calls_the_first_off_and_the_same_one_goes_on() -> None:
    bench = Bench()
    bench.order({"capability": 1, "after_s": 5}, {"capability": 1, "after_s": 6})
    bench.pass_until(3)
    bench.order({"capability": 1, "after_s": 5}, {"capability": 1, "after_s": 6})
    bench.pass_until(5)
    bench.order({"capability": 1, "after_s": 5})

    bench.pass_until(6)
    assert (bench.outbox.pending, bench.announcements.waiting) == (1, 1)
    bench.pass_until(10)
    assert (bench.outbox.pending, bench.announcements.waiting) == (2, 0)


async def test_forgetting_calls_off_what_was_ordered_and_begins_the_schedule_anew() -> None:
    bench = Bench()
    bench.order({"capability": 1, "after_s": 5})
    late = order_of({"capability": 1, "after_s": 1})
    assert not isinstance(late, str)
    bench.announcements.post(late)
    bench.pass_until(0.5)

    bench.announcements.clear()

    assert bench.announcements.waiting == 1
    bench.pass_until(5)
    assert bench.outbox.pending == 0
    bench.pass_until(5.5)
    assert bench.outbox.pending == 1


async def test_an_order_may_be_posted_several_times() -> None:
    bench = Bench()
    bench.order({"raw": "{", "repeat": 2})

    bench.pass_until(0)

    assert bench.outbox.pending == 3
