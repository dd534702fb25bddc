"""A run's message as one number sends it: made beside the sending, and made anew when its time is over."""

import asyncio
import math
from collections.abc import Awaitable, Callable

import structlog

from campaign.ports import Clock, Composed, Composer, NotComposed, RunningRun

log = structlog.get_logger()

# How long a run rests on a shard where its message could not be made.
REST_SECONDS = 5.0

Refused = Callable[[RunningRun, NotComposed], Awaitable[None]]


class Composing:
    """What making messages needs on one shard; `refused` hears of those that will never be made."""

    def __init__(self, shard: str, address: str, *, composer: Composer, clock: Clock, refused: Refused) -> None:
        self.shard = shard
        self.address = address
        self.composer = composer
        self.clock = clock
        self.refused = refused
        self.tasks: set[asyncio.Task[None]] = set()

    async def end(self) -> None:
        """Give up what is being made, and let it tidy up."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class Composition:
    """One run's message on one shard."""

    def __init__(self, composing: Composing, *, changed: Callable[[], None]) -> None:
        self._composing = composing
        self._changed = changed
        self._composed: Composed | None = None
        self._due_at = -math.inf
        self._task: asyncio.Task[None] | None = None
        self._told = False

    @property
    def missing(self) -> bool:
        return self._composed is None

    def current(self, run: RunningRun) -> Composed | None:
        """Give the message if there is one, and have it made when it is time.

        While it is made anew the old one serves on: whoever made it left a margin.
        """
        if self._task is not None and self._task.done():
            task, self._task = self._task, None
            task.result()  # a fault of ours ends the shard here, not unseen in a task
        if self._task is None and self._composing.clock.now() >= self._due_at:
            self._task = self._start(run)
        return self._composed

    def _start(self, run: RunningRun) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(self._compose(run), name=f"compose {run.id}")
        self._composing.tasks.add(task)
        task.add_done_callback(self._composing.tasks.discard)
        task.add_done_callback(lambda _: self._changed())
        return task

    async def _compose(self, run: RunningRun) -> None:
        made = await self._composing.composer.compose(run, self._composing.address)
        lasts = made.good_for_seconds if isinstance(made, Composed) else 0.0
        self._due_at = self._composing.clock.now() + max(REST_SECONDS, lasts)
        if isinstance(made, Composed):
            self._composed, self._told = made, False
            return
        self._composed = None
        if made.refused:
            await self._composing.refused(run, made)
        elif not self._told:
            self._told = True
            log.warning("message.not_composed", shard=self._composing.shard, run=run.id, why=made.why, code=made.code)
