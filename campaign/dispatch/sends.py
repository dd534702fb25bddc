"""The requests under way over one shard: each asks the gate, leaves, and comes back with one outcome."""

import asyncio

from campaign.dispatch.lane import Lane
from campaign.dispatch.means import Means
from campaign.dispatch.pace import Pace
from campaign.dispatch.places import Places
from campaign.dispatch.reader import Ready
from campaign.dispatch.recorder import Recorder
from campaign.ports import Post


class _Departure:
    """Asks the gate on behalf of one request."""

    __slots__ = ("_asked_at", "_ready", "_sends", "departed", "left_at")

    def __init__(self, sends: "Sends", ready: Ready, asked_at: float) -> None:
        self._sends = sends
        self._ready = ready
        self._asked_at = asked_at
        self.departed = False
        self.left_at = 0.0

    async def depart(self) -> None:
        self.left_at = await self._sends.pace.leave(self._asked_at)
        self.departed = True
        self._sends.left(self._ready)


class Sends:
    """Posts what is marked; what comes back teaches the pace and goes to the recorder."""

    def __init__(self, lane: Lane, *, means: Means, pace: Pace, places: Places, recorder: Recorder) -> None:
        self._address = lane.address
        self._means = means
        self.pace = pace
        self._places = places
        self._recorder = recorder
        self._under_way: set[asyncio.Task[None]] = set()

    def start(self, ready: Ready, asked_at: float) -> None:
        """Post one message whose mark was asked for at that time."""
        self._places.marked()
        task = asyncio.get_running_loop().create_task(self._send(ready, asked_at))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def all_back(self) -> None:
        """Wait until every request has its outcome."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _send(self, ready: Ready, asked_at: float) -> None:
        departure = _Departure(self, ready, asked_at)
        post = Post(self._address, ready.due.number, ready.content, self._means.callback(ready), ready.route)
        outcome = await self._means.api.send(post, departure)
        if departure.departed:
            self.pace.meter.posts.note(self._means.clock.now() - departure.left_at)
        self._places.answered(departed=departure.departed)
        self.pace.learn(outcome, left_at=departure.left_at)
        self._recorder.settle(ready, outcome)

    def left(self, ready: Ready) -> None:
        """Note that the request's headers are about to be written."""
        self._places.departed()
        self.pace.meter.departed(ready.reading.run.id)
