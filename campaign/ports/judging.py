"""Runs that feel their way, as the ledger keeps and counts them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

from campaign.domain.ramp import Step
from campaign.domain.stop_loss import Tally


@dataclass(frozen=True, slots=True)
class JudgedRun:
    """A running run with a ramp or a limit; `step` counts from 0, `ramp` is what each step reaches of the whole.

    `unreleased`: messages whose step is open are still held back. `left`: some are to be sent or under way.
    """

    run: int
    step: int
    ramp: tuple[float, ...]
    stop_if: Mapping[str, float] | None
    judged_from: datetime | None
    unreleased: bool
    left: bool


class Outcomes(NamedTuple):
    """What became of a run's messages, and of those in its present step."""

    run: Tally
    step: Tally
    present: Step


class Judgements(Protocol):
    """The ledger as judging uses it. Every method may be repeated when its answer was lost."""

    async def runs(self) -> Sequence[JudgedRun]:
        """List the runs that are this process's to judge."""
        ...

    async def release(self, run: int, *, limit: int) -> int:
        """Let messages fall due whose step is open; return how many."""
        ...

    async def outcomes(self, run: JudgedRun) -> Outcomes: ...

    async def open_step(self, run: JudgedRun, *, detail: Mapping[str, Any]) -> bool:
        """Open the next step unless somebody has; tell whether that was us."""
        ...

    async def pause(
        self, run: JudgedRun, reason: Literal["quality", "stop_loss"], *, detail: Mapping[str, Any]
    ) -> bool:
        """Pause the run unless it went on since it was listed; tell whether it was running."""
        ...
