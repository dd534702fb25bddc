"""From a code to what it obliges us to do, and to words for people."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from campaign.domain.answers import cloud, on_premises
from campaign.domain.answers.action import Action, outcome_of
from campaign.domain.answers.listed import Listed
from campaign.domain.dialects import Dialect
from campaign.domain.outcome import NotNow, Outcome, Rejected, Scope, Unclear


def _by_code(rows: Iterable[Listed]) -> dict[int, Listed]:
    return {code: row for row in rows for code in row.codes}


_CLOUD: Final = _by_code(cloud.ROWS)

# Providers that speak the On-Premises dialect answer with the Cloud API's codes as well (Turn.io, 2026); none has two
# meanings.
_EVERY: Final = _CLOUD | _by_code(on_premises.ROWS)
_OF: Final[Mapping[Dialect, Mapping[int, Listed]]] = {"cloud": _CLOUD, "on_premises": _EVERY}

_NO_OVERRIDES: Final[Mapping[int, Action]] = MappingProxyType({})


def meaning(code: int) -> Listed | None:
    """Look up what people should know of a code, whichever dialect it came in."""
    return _EVERY.get(code)


def listed(dialect: Dialect, overrides: Mapping[int, Action] = _NO_OVERRIDES) -> Mapping[int, Outcome]:
    """Tell what each code in an answer of 4xx obliges us to do; `overrides` may name unlisted codes too."""
    rows = _OF[dialect]
    outcomes = {code: _outcome(code, row.action, row) for code, row in rows.items()}
    return MappingProxyType(
        outcomes | {code: _outcome(code, action, rows.get(code)) for code, action in overrides.items()}
    )


def in_doubt(dialect: Dialect, overrides: Mapping[int, Action] = _NO_OVERRIDES) -> Mapping[int, Outcome]:
    """Tell the same for an answer of 5xx, which never says that nothing was accepted: the message stays unknown.

    What the code stops or rests is stopped or rested all the same. An override is obeyed here too: code 2 for one never
    comes otherwise.
    """
    outcomes = listed(dialect, overrides)
    return MappingProxyType({code: each if code in overrides else _doubted(each) for code, each in outcomes.items()})


def _outcome(code: int, action: Action, row: Listed | None) -> Outcome:
    if row is None:
        return outcome_of(action, code)
    return outcome_of(action, code, seconds=row.seconds, longest=row.longest, slows=row.slows)


def _doubted(outcome: Outcome) -> Outcome:
    match outcome:
        case NotNow(code, scope, seconds, halt):
            rest = seconds if scope is Scope.NUMBER else 0.0
            return Unclear("server_error", code, rest_seconds=rest, halt=halt)
        case Rejected(code, halt):
            return Unclear("server_error", code, halt=halt)
        case _:
            return outcome
