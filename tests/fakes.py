"""The world as dispatch sees it, without any I/O: a clock and a WhatsApp; the ledger is in `memory_store`."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from campaign.domain.callback import parse_callback
from campaign.domain.outcome import Accepted, NotSent, Outcome
from campaign.domain.rendering import compile_message
from campaign.domain.variants import variants_of
from campaign.ports import Composed, Departure, NotComposed, Post, Route, RunningRun

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class ManualClock:
    """The loop's time, and a push that only a machine's sleep gives: timers do not see it, `now` does."""

    def __init__(self) -> None:
        self.slept = 0.0

    def now(self) -> float:
        return asyncio.get_running_loop().time() + self.slept

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def suspend(self, seconds: float) -> None:
        """Have the machine sleep."""
        self.slept += seconds

    def datetime(self) -> datetime:
        return EPOCH + timedelta(seconds=self.now())


@dataclass(frozen=True, slots=True)
class Posted:
    """One request that left."""

    at: float
    run: int
    row: int
    attempt: int


def accepting(post: Post) -> Outcome:
    return Accepted(f"wamid.{post.callback}")


class ScriptedApi:
    """The port `Api`: answers by a rule, or from a list until that is used up. NotSent is answered without leaving."""

    def __init__(
        self, clock: ManualClock, answers: Iterable[Outcome] | Callable[[Post], Outcome] = (), *, seconds: float = 0.1
    ) -> None:
        self._clock = clock
        self._rule = answers if callable(answers) else accepting
        self._list = [] if callable(answers) else list(answers)
        self.seconds = seconds
        self.connect_seconds = 0.0
        self.posted: list[Posted] = []
        self.posts: list[Post] = []
        self.refused: list[str] = []

    def answer_by(self, rule: Callable[[Post], Outcome]) -> None:
        self._rule = rule

    @property
    def rows(self) -> list[int]:
        return [posted.row for posted in self.posted]

    async def send(self, post: Post, departure: Departure) -> Outcome:
        await self._clock.sleep(self.connect_seconds)
        outcome = self._list.pop(0) if self._list else self._rule(post)
        if isinstance(outcome, NotSent):
            return outcome
        try:
            await departure.depart()
        except Exception as error:  # noqa: BLE001 - as the real client: whatever it is, nothing left
            self.refused.append(type(error).__name__)
            return NotSent(type(error).__name__, connection=False)
        self._note(post)
        await self._clock.sleep(self.seconds)
        return outcome

    def _note(self, post: Post) -> None:
        named = parse_callback(post.callback)
        assert named is not None
        self.posts.append(post)
        self.posted.append(Posted(self._clock.now(), named.run.int, named.row, named.attempt))


class PlainComposer:
    """The port `Composer`: the message as the run has it; or what `made` says, after `seconds`."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.seconds = 0.0
        self.good_for_seconds = float("inf")
        self.route = Route()
        self.made: list[NotComposed | Exception] = []
        self.asked: list[tuple[float, int, str]] = []

    async def compose(self, run: RunningRun, address: str) -> Composed | NotComposed:
        self.asked.append((self._clock.now(), run.id, address))
        await self._clock.sleep(self.seconds)
        made = self.made.pop(0) if self.made else None
        if isinstance(made, Exception):
            raise made
        messages = tuple(compile_message(each.message) for each in variants_of(run.definition))
        return made or Composed(messages, self.route, self.good_for_seconds)


class NoHousekeeping:
    """The port `Housekeeping`, with nothing to keep."""

    async def tick(self) -> None: ...


def worst_second(times: Sequence[float]) -> int:
    """Count the most events in any sliding second."""
    worst = start = 0
    for end, time in enumerate(times):
        while times[start] <= time - 1.0:
            start += 1
        worst = max(worst, end - start + 1)
    return worst
