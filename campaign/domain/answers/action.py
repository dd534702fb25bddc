"""What an answer may oblige us to do, and the outcome that says so to the rest of the program."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from campaign.domain.outcome import Halt, NotNow, Outcome, Rejected, Scope, Unclear

_HOUR: Final = 3600.0
_DAY: Final = 86_400.0

# A number's first rest where nothing better is known; it doubles up to an hour.
_REST: Final = 60.0

# A halt leaves its message in line; the moment it waits is for the pause to be committed.
_MOMENT: Final = 1.0


class Action(StrEnum):
    """What one code obliges us to do; also what the settings' `answers` take."""

    LATER = "later"  # back in line; the number rests, longer each time
    SLOW = "slow"  # back in line; the shard slows down
    PERSON_LATER = "person_later"  # back in line; this person waits, four times as long each time
    NEXT_DAY = "next_day"  # back in line for a day, three times at most
    REJECT = "reject"  # this message is refused, no more
    SUPPRESS = "suppress"  # refused, and nobody writes to this person again
    SUPPRESS_MARKETING = "suppress_marketing"  # refused, and this person gets no more marketing
    FIX_FILE = "fix_file"  # refused; ten such in a row pause the run
    STOP_TEMPLATE = "stop_template"  # refused, and the run pauses
    STOP_NUMBER = "stop_number"  # back in line; nothing goes over this number until a command says so
    HALT_ACCOUNT = "halt_account"  # back in line; all runs of the portfolio pause
    NEW_TOKEN = "new_token"  # noqa: S105 - an action, no secret; as halt_account, for want of a valid token
    UNKNOWN = "unknown"  # it may have been accepted: never sent again by the program


# What takes no more than its code.
_PLAIN: Final[Mapping[Action, Callable[[int], Outcome]]] = {
    Action.SLOW: lambda code: NotNow(code, Scope.SHARD, 1.0),
    Action.PERSON_LATER: lambda code: NotNow(code, Scope.PERSON, 1.0),
    Action.NEXT_DAY: lambda code: NotNow(code, Scope.DAY, _DAY),
    Action.REJECT: Rejected,
    Action.SUPPRESS: lambda code: Rejected(code, suppress="all"),
    Action.SUPPRESS_MARKETING: lambda code: Rejected(code, suppress="marketing"),
    Action.FIX_FILE: lambda code: Rejected(code, mistake=True),
    Action.STOP_TEMPLATE: lambda code: Rejected(code, Halt.TEMPLATE),
    Action.STOP_NUMBER: lambda code: NotNow(code, Scope.NUMBER, _MOMENT, Halt.NUMBER),
    Action.HALT_ACCOUNT: lambda code: NotNow(code, Scope.NUMBER, _MOMENT, Halt.ACCOUNT),
    Action.NEW_TOKEN: lambda code: NotNow(code, Scope.NUMBER, _MOMENT, Halt.TOKEN),
}


def outcome_of(
    action: Action, code: int, *, seconds: float = 0.0, longest: float = 0.0, slows: bool = False
) -> Outcome:
    """Say what an answer with this code did. `seconds`: the number's rest, which doubles up to `longest`."""
    if action is Action.UNKNOWN:
        return Unclear("listed_unclear", code, rest_seconds=seconds)
    if action is not Action.LATER:
        return _PLAIN[action](code)
    if not seconds:
        seconds, longest = _REST, _HOUR
    return NotNow(code, Scope.NUMBER, seconds, longest_seconds=longest, slows=slows)
