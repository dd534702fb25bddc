"""What one POST did, and what that does to its message."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, assert_never

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


def settle(outcome: Outcome, *, pair_waits: int) -> Settlement:
    """Decide what one attempt does to its message.

    One rule outranks the rest: what may have been accepted is never sent again by the program.
    `pair_waits` counts earlier answers 131056 for this message: 1, 4, 16, 64 seconds (4^n; rate limits, 5 Dec 2025).
    """
    match outcome:
        case Accepted(message_id, held):
            return Settlement("accepted", message_id=message_id, held=held)
        case NotNow(code, Scope.PERSON, seconds):
            return Settlement("pending", code=code, wait_seconds=seconds * 4 ** min(pair_waits, 3), pair_wait=True)
        case NotNow(code, _, seconds):
            return Settlement("pending", code=code, wait_seconds=seconds)
        case Rejected(code):
            return Settlement("rejected", code=code)
        case Unclear(why, code):
            return Settlement("unknown", code=code, why=why)
        case NotSent(why):
            return Settlement("pending", why=why)
        case _:
            assert_never(outcome)
