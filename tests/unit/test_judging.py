"""What a judge does each second: release what is open, count no more than it may, open the next step, or stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from campaign.domain.ramp import PATIENCE, Step
from campaign.domain.stop_loss import Tally
from campaign.judging import RELEASED_AT_ONCE, Judge
from campaign.ports import JudgedRun, Outcomes
from tests.fakes import ManualClock
from tests.virtual_time import in_virtual_time

SENT = Step(left=False, settled=100, accepted=100, told=100, quiet=timedelta(seconds=2))
NOTHING = Tally(0, {})
ALL_WELL = Outcomes(NOTHING, NOTHING, SENT)


def run_of(**more: Any) -> JudgedRun:
    fields: dict[str, Any] = {
        "run": 1,
        "step": 0,
        "ramp": (0.1, 1.0),
        "stop_if": None,
        "judged_from": None,
        "unreleased": False,
        "left": False,
    }
    return JudgedRun(**fields | more)


@dataclass
class Judgements:
    """The port of that name, with one run in it; counting takes `count_seconds`, a batch `release_seconds`."""

    clock: ManualClock = field(default_factory=ManualClock)
    run: JudgedRun | None = field(default_factory=run_of)
    found: Outcomes = ALL_WELL
    held_back: int = 0
    count_seconds: float = 0.0
    release_seconds: float = 0.0
    counted_at: list[float] = field(default_factory=list)
    opened: list[Mapping[str, Any]] = field(default_factory=list)
    paused: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def runs(self) -> Sequence[JudgedRun]:
        return [] if self.run is None else [self.run]

    async def release(self, run: int, *, limit: int) -> int:
        await self.clock.sleep(self.release_seconds)
        released = min(limit, self.held_back)
        self.held_back -= released
        return released

    async def outcomes(self, run: JudgedRun) -> Outcomes:
        self.counted_at.append(self.clock.now())
        await self.clock.sleep(self.count_seconds)
        return self.found

    async def open_step(self, run: JudgedRun, *, detail: Mapping[str, Any]) -> bool:
        self.opened.append(detail)
        return True

    async def pause(self, run: JudgedRun, reason: str, *, detail: Mapping[str, Any]) -> bool:
        self.paused.append((reason, detail))
        return True


async def ticks(judgements: Judgements, seconds: int) -> None:
    judge = Judge(judgements, judgements.clock)
    for _ in range(seconds):
        await judge.tick()
        await judgements.clock.sleep(1.0)


@in_virtual_time
async def test_a_step_that_is_over_opens_the_next_one() -> None:
    judgements = Judgements()

    await ticks(judgements, 1)

    assert judgements.opened == [{"step": 2, "accepted": 100, "told": 100}]
    assert judgements.paused == []


@in_virtual_time
async def test_the_last_step_opens_nothing_and_is_never_stuck() -> None:
    silent = SENT._replace(told=0, quiet=2 * PATIENCE)
    judgements = Judgements(run=run_of(step=1), found=Outcomes(NOTHING, NOTHING, silent))

    await ticks(judgements, 1)

    assert (judgements.opened, judgements.paused) == ([], [])


@in_virtual_time
async def test_a_step_that_is_stuck_pauses_with_what_to_do_and_where_a_resume_goes_on() -> None:
    silent = SENT._replace(told=10, quiet=2 * PATIENCE)
    judgements = Judgements(found=Outcomes(NOTHING, NOTHING, silent))

    await ticks(judgements, 1)

    [(reason, detail)] = judgements.paused
    assert (reason, detail["stuck_in"]) == ("quality", 0)
    assert "10 of its 100 messages" in detail["because"]
    assert "opens the next step" in detail["remedy"]


@in_virtual_time
async def test_a_stop_outweighs_a_step_that_is_over() -> None:
    wrong = Tally(600, {"rejected": 60})
    judgements = Judgements(run=run_of(stop_if={"rejected": 0.05, "after": 500}), found=Outcomes(wrong, wrong, SENT))

    await ticks(judgements, 1)

    [(reason, detail)] = judgements.paused
    assert (reason, judgements.opened) == ("stop_loss", [])
    assert detail["because"].startswith("60 of 600 messages in step 1 (10.0%) were refused by WhatsApp")


@in_virtual_time
async def test_without_a_ramp_no_step_is_named() -> None:
    wrong = Tally(600, {"rejected": 60})
    judgements = Judgements(run=run_of(ramp=(), stop_if={"rejected": 0.05}), found=Outcomes(wrong, wrong, SENT))

    await ticks(judgements, 1)

    assert "step" not in judgements.paused[0][1]["because"]


@in_virtual_time
async def test_counting_takes_no_more_than_a_twentieth_of_the_time() -> None:
    waiting = SENT._replace(told=0)
    judgements = Judgements(found=Outcomes(NOTHING, NOTHING, waiting), count_seconds=0.5)

    await ticks(judgements, 100)

    assert len(judgements.counted_at) >= 9
    assert (
        len(judgements.counted_at) * judgements.count_seconds
        <= 0.05 * judgements.clock.now() + judgements.count_seconds
    )


@in_virtual_time
async def test_counting_that_is_quick_is_done_every_second() -> None:
    judgements = Judgements(found=Outcomes(NOTHING, NOTHING, SENT._replace(told=0)), count_seconds=0.01)

    await ticks(judgements, 20)

    assert len(judgements.counted_at) == 20


@in_virtual_time
async def test_what_is_open_is_released_batch_by_batch_and_leaves_time_for_others() -> None:
    judgements = Judgements(
        run=run_of(unreleased=True, left=True), found=Outcomes(NOTHING, NOTHING, SENT._replace(left=True))
    )
    judgements.held_back, judgements.release_seconds = 10 * RELEASED_AT_ONCE, 0.1

    await ticks(judgements, 1)
    assert 0 < judgements.held_back < 10 * RELEASED_AT_ONCE
    assert judgements.clock.now() < 2

    await ticks(judgements, 4)
    assert judgements.held_back == 0
