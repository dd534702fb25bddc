"""A campaign in steps: a small part first, the rest once WhatsApp has told what became of it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, Literal, NamedTuple

from campaign.domain.drawing import drawn

# Fewer tell nothing: of 50 messages one alone is 2 %.
LEAST: Final = 50

# A step is over once so many of its accepted messages have any status, or after a while with fewer.
TOLD: Final = 0.95
TOLD_AT_LEAST: Final = 0.5
PATIENCE: Final = timedelta(minutes=15)

State = Literal["sending", "waiting", "over", "stuck"]


class Step(NamedTuple):
    """How far a step is: `left` whether any of it is still to be sent or under way.

    `told`: of the accepted messages, those with any status but held. `quiet`: since the last of it left.
    """

    left: bool
    settled: int
    accepted: int
    told: int
    quiet: timedelta

    @property
    def share_told(self) -> float:
        """Give the part of the accepted messages that has a status; 0 where none was accepted."""
        return self.told / self.accepted if self.accepted else 0.0


class StepCount(NamedTuple):
    """What became of one step, which reaches `share` of the whole: `left` is to be sent or under way."""

    share: float
    messages: int = 0
    left: int = 0
    accepted: int = 0
    told: int = 0


class Progress(NamedTuple):
    """How far a run is on its ramp; `present` counts from 0."""

    present: int
    steps: Sequence[StepCount]

    @property
    def later(self) -> int:
        """Count what waits for its step to be opened."""
        return sum(each.left for each in self.steps[self.present + 1 :])

    @property
    def waits(self) -> bool:
        """Tell whether the present step is sent, and the next one waits for news of it."""
        return self.later > 0 and not any(each.left for each in self.steps[: self.present + 1])

    def as_json(self) -> dict[str, Any]:
        """Spell it for `--json`; steps count from 1."""
        return {
            "step": self.present + 1,
            "waits_for": "statuses" if self.waits else None,
            "steps": [each._asdict() for each in self.steps],
        }


class Move(NamedTuple):
    """So many messages of later steps belong into this one."""

    step: int
    messages: int


def chooser(campaign: str, ramp: Sequence[float]) -> Callable[[bytes], int]:
    """Make what tells by a person's hash which step they are in; `ramp`: how much of the whole each step reaches.

    `top_up_step` in judging.sql goes by the same hash.
    """
    return drawn(campaign, "ramp", ramp)


def top_up(sizes: Sequence[int]) -> list[Move]:
    """Say what is to be moved forward so that no step but the last has fewer than 50, as far as there are so many."""
    left, moves = list(sizes), []
    for step in range(len(left) - 1):
        missing = min(max(0, LEAST - left[step]), sum(left[step + 1 :]))
        if missing:
            moves.append(Move(step, missing))
            _take(left, step + 1, missing)
            left[step] += missing
    return moves


def _take(sizes: list[int], first: int, messages: int) -> None:
    for step in range(first, len(sizes)):
        taken = min(sizes[step], messages)
        sizes[step] -= taken
        messages -= taken


def state_of(step: Step) -> State:
    """Judge whether the next step may begin; one that is stuck has told too little for too long."""
    if step.left:
        return "sending"
    if not step.settled or (step.accepted and step.share_told >= TOLD):
        return "over"
    if step.quiet < PATIENCE:
        return "waiting"
    return "over" if step.share_told >= TOLD_AT_LEAST else "stuck"


def why_stuck(step: Step, number: int) -> str:
    """Say what a step lacks; `number` counts from 1."""
    minutes = int(PATIENCE.total_seconds() // 60)
    if not step.accepted:
        return f"WhatsApp accepted none of the {step.settled:,} messages of step {number} within {minutes} minutes"
    return (
        f"{minutes} minutes after step {number} WhatsApp has told of {step.told:,} of its {step.accepted:,} messages "
        f"({step.share_told:.1%}); the next step needs {TOLD_AT_LEAST:.0%}"
    )
