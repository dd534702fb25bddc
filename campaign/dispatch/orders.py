"""What outcomes demand of their run."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from campaign.dispatch.reader import Ready
from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected


class Order(NamedTuple):
    """Pause a run for a reason; with none, let its template wait for the quality assessment."""

    run: int
    reason: str
    code: int | None = None


def orders(batch: Iterable[tuple[Ready, Outcome]]) -> Iterator[Order]:
    for ready, outcome in batch:
        run = ready.reading.run
        match outcome:
            case Accepted(held=True) if run.when_held == "pause":
                yield Order(run.id, "held")
            case Accepted(held=True) if run.when_held == "wait":
                yield Order(run.id, "")
            case Rejected(code, halt) | NotNow(code, halt=halt) if halt is not Halt.NOTHING:
                yield Order(run.id, halt.value, code)
            case _:
                pass


def is_held(outcome: Outcome) -> bool:
    return isinstance(outcome, Accepted) and outcome.held
