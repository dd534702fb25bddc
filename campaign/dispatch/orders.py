"""What outcomes demand besides their own message."""

from dataclasses import dataclass
from typing import Final

from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected, Unclear
from campaign.ports import NotComposed, RunningRun


@dataclass(frozen=True, slots=True)
class CloseGate:
    """Let the template of a run's variant wait for the quality assessment."""

    run: int
    variant: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Pause one run."""

    run: int
    reason: str
    code: int | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class PausePortfolio:
    """Pause every run of a run's portfolio."""

    run: int
    reason: str
    code: int | None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class StopShard:
    """Let nothing more be marked over this shard."""

    code: int


Order = CloseGate | Pause | PausePortfolio | StopShard

EVERY_RUN: Final = -1


def order(run: RunningRun, outcome: Outcome, *, mistaken: bool, variant: int = 0) -> Order | None:
    """Say what an outcome demands; `mistaken` when it was one too many that blames the file."""
    match outcome:
        case Accepted(held=True) if run.when_held == "pause":
            return Pause(run.id, "held")
        case Accepted(held=True) if run.when_held == "wait":
            return CloseGate(run.id, variant)
        case NotNow() | Rejected() | Unclear() if outcome.halt is not Halt.NOTHING:
            return _halted(run.id, outcome.halt, outcome.code)
        case Rejected(code) if mistaken:
            return Pause(run.id, Halt.TEMPLATE.value, code)
        case _:
            return None


def order_of_refusal(run: RunningRun, made: NotComposed) -> Order:
    """Say what it demands that a run's message will never be made."""
    halt = Halt.TEMPLATE if made.halt is Halt.NOTHING else made.halt
    return _halted(run.id, halt, made.code, made.why)


def _halted(run: int, halt: Halt, code: int | None, why: str | None = None) -> Order:
    match halt:
        case Halt.NUMBER:
            return StopShard(code or 0)
        case Halt.ACCOUNT | Halt.TOKEN:
            return PausePortfolio(run, halt.value, code, why)
        case _:
            return Pause(run, halt.value, code, why)


def held_back(order: Order) -> int:
    """Name the run that marks nothing until the ledger knows of an order, or EVERY_RUN."""
    return order.run if isinstance(order, CloseGate | Pause) else EVERY_RUN
