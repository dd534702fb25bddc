"""What one POST did, and what that does to its message."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, assert_never

from campaign.domain.numbers import Number, normalise

Suppress = Literal["", "all", "marketing"]


class Scope(Enum):
    """Whom a "not now" concerns."""

    SHARD = "shard"  # the number sends too fast: slow it down
    PERSON = "person"  # one recipient got too much: only they wait
    NUMBER = "number"  # the whole number rests for the given time
    DAY = "day"  # one recipient, for a day, three days at most


@dataclass(frozen=True, slots=True)
class Accepted:
    """WhatsApp took the message and named it; `held` if it waits for quality assessment."""

    message_id: str
    held: bool = False


class Halt(Enum):
    """What an answer stops besides its own message; the value is the run's reason."""

    NOTHING = ""
    TEMPLATE = "template"
    NUMBER = "number"
    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105 - a reason, no secret
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class NotNow:
    """A listed answer that documents non-acceptance: the message goes back in line.

    With a `halt` the run pauses as well: a dead token or a blocked account must not use up the audience.
    """

    code: int
    scope: Scope
    seconds: float
    halt: Halt = Halt.NOTHING
    longest_seconds: float = 0.0  # a number's rests double up to this
    slows: bool = False  # the number rests, and goes on at half its rate


@dataclass(frozen=True, slots=True)
class Rejected:
    """A listed, permanent refusal.

    `suppress`: the person must not be written to again, at all or with marketing. `mistake`: the file is wrong, so the
    next message will meet the same.
    """

    code: int
    halt: Halt = Halt.NOTHING
    suppress: Suppress = ""
    mistake: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """No usable answer to a request that left: WhatsApp may have taken it."""

    why: str
    code: int | None = None
    rest_seconds: float = 0.0  # how long the number rests; the message stays unknown all the same
    halt: Halt = Halt.NOTHING  # what the code stops, though its HTTP status says nothing about the message


@dataclass(frozen=True, slots=True)
class NotSent:
    """Proof that nothing left this process: no request headers were written."""

    why: str
    connection: bool = True  # False: we were too late ourselves, the network is not to blame


Outcome = Accepted | NotNow | Rejected | Unclear | NotSent

SettledState = Literal["accepted", "pending", "rejected", "unknown"]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What record writes for one attempt."""

    state: SettledState
    message_id: str | None = None
    held: bool = False
    code: int | None = None
    why: str | None = None
    wait_seconds: float = 0.0
    pair_wait: bool = False
    day_wait: bool = False
    suppress: Suppress = ""


# A message that WhatsApp put off for a day is tried on three more days (131049, error codes, 19 Nov 2025).
MOST_DAYS = 3


def settle(outcome: Outcome, *, pair_waits: int, day_waits: int = 0, number: str = "") -> Settlement:
    """Decide what one attempt does to its message.

    One rule outranks the rest: what may have been accepted is never sent again by the program.
    `pair_waits` counts earlier answers 131056 for this message: 1, 4, 16, 64 seconds (4^n; rate limits, 5 Dec 2025).
    `day_waits` counts the days it was put off; a US `number` is never put off: WhatsApp delivers no marketing there
    (per-user marketing limits, 29 Apr 2026).
    """
    match outcome:
        case Accepted(message_id, held):
            return Settlement("accepted", message_id=message_id, held=held)
        case NotNow():
            return _put_off(outcome, pair_waits=pair_waits, day_waits=day_waits, number=number)
        case Rejected(code):
            return Settlement("rejected", code=code, suppress=outcome.suppress)
        case Unclear(why, code):
            return Settlement("unknown", code=code, why=why)
        case NotSent(why):
            return Settlement("pending", why=why)
        case _:
            assert_never(outcome)


def _put_off(outcome: NotNow, *, pair_waits: int, day_waits: int, number: str) -> Settlement:
    code, seconds = outcome.code, outcome.seconds
    match outcome.scope:
        case Scope.PERSON:
            return Settlement("pending", code=code, wait_seconds=seconds * 4 ** min(pair_waits, 3), pair_wait=True)
        case Scope.DAY if day_waits >= MOST_DAYS or _american(number):
            return Settlement("rejected", code=code)
        case Scope.DAY:
            return Settlement("pending", code=code, wait_seconds=seconds, day_wait=True)
        case _:
            return Settlement("pending", code=code, wait_seconds=seconds)


def _american(number: str) -> bool:
    """Tell whether a number's region is the US; its territories and the rest of +1 are others."""
    digits = number.removeprefix("+")
    if not digits.startswith("1"):
        return False
    found = normalise(f"+{digits}", country=None)
    return isinstance(found, Number) and found.region == "US"


# So many answers in a row that the file is wrong, and the next message will meet the same.
MISTAKES_IN_A_ROW = 10


class MistakeStreaks:
    """Counts, for each variant of a run, answers in a row that blame the file.

    Only an answer about the message itself ends a streak: "not now" and no usable answer say nothing about the file.
    """

    def __init__(self) -> None:
        self._streaks: dict[tuple[int, int], int] = {}

    def note(self, message: tuple[int, int], outcome: Outcome) -> bool:
        """Count one answer; tell whether it completes a streak, which then begins anew."""
        match outcome:
            case Rejected(mistake=True):
                streak = self._streaks.get(message, 0) + 1
                self._streaks[message] = streak % MISTAKES_IN_A_ROW
                return streak == MISTAKES_IN_A_ROW
            case Accepted() | Rejected():
                self._streaks.pop(message, None)
        return False
