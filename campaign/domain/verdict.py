"""What a run's counts mean to whoever launched it: the exit code."""

from collections.abc import Mapping
from typing import Protocol

FINISHED = 0
FINISHED_WITH_DOUBTS = 4
WAITING = 5


class Counted(Protocol):
    """A run's state and its counts."""

    @property
    def state(self) -> str: ...
    @property
    def send(self) -> Mapping[str, int]: ...
    @property
    def delivery(self) -> Mapping[str, int]: ...


def exit_code(run: Counted, *, strict: bool, tolerate: float) -> int:
    """Judge a run: 0 when nobody need look, 4 when somebody should, 5 when it is not over.

    `tolerate` is the share of rejected among the messages that were sent; `strict` tolerates none.
    """
    match run.state:
        case "finished":
            return FINISHED_WITH_DOUBTS if _doubtful(run, 0.0 if strict else tolerate) else FINISHED
        case "cancelled" | "scheduled":
            return FINISHED
        case _:
            return WAITING


def _doubtful(run: Counted, tolerate: float) -> bool:
    rejected, unknown, dropped = run.send["rejected"], run.send["unknown"], run.delivery["dropped"]
    sent = run.send["accepted"] + rejected + unknown
    return bool(unknown or dropped) or rejected > tolerate * sent
