"""What news of templates, numbers and the account does to runs, and why. Facts are in the table of `account_table`."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, NamedTuple

from campaign.domain.account_table import ROWS, UNKNOWN, Effect, Row
from campaign.domain.answers import meaning
from campaign.domain.outcome import Halt, Outcome
from campaign.domain.receipt import AccountEvent

__all__ = ["About", "Effect", "News", "about", "digest", "milder", "name_of", "news"]

# Strictest last: what is asked of consent, and what it costs.
_STRICTER: Final = ("service", "authentication", "utility", "marketing")

# Which of a value's own words say more; texts longer than that are prose.
_TELLING: Final = (
    ("other_info", "title"),
    ("reason",),
    ("rejection_info", "reason"),
    ("violation_info", "violation_type"),
    ("restriction_info", "restriction_type"),
    ("ban_info", "waba_ban_date"),
    ("alert_info", "alert_severity"),
    ("rejection_reason",),
)
_LONGEST_TOLD: Final = 80


class About(Enum):
    """What news is about."""

    TEMPLATE = "template"
    NUMBER = "number"
    ACCOUNT = "account"


class News(NamedTuple):
    """What one event does, in words, and what a person does about it.

    `reason`: the run's, if runs pause. Later news of the same `topic` and subject takes its place. What is neither
    `bad` nor has a `remedy` is over when it is told.
    """

    effect: Effect
    reason: str
    because: str
    remedy: str
    topic: str
    bad: bool


class _Verdict(NamedTuple):
    effect: Effect
    reason: str = ""


_REASONS: Final = {
    Effect.PAUSE_TEMPLATE: "template",
    Effect.PAUSE_MILDER: "template",
    Effect.PAUSE_NUMBER: "quality",
    Effect.PAUSE_ACCOUNT: "account",
}
_HALTS: Final = {
    Halt.NUMBER: _Verdict(Effect.PAUSE_NUMBER, "account"),
    Halt.ACCOUNT: _Verdict(Effect.PAUSE_ACCOUNT, "account"),
    Halt.TOKEN: _Verdict(Effect.PAUSE_ACCOUNT, "token"),
}

_BY_EVENT: Final = {(row.field, event): row for row in ROWS for event in row.events}


def news(event: AccountEvent, whom: str, answers: Mapping[int, Outcome]) -> News:
    """Say what an event does. `whom`: see `name_of`; `answers`: what each code obliges us to do."""
    if event.field == "messages":
        return _error(event, whom, answers)
    row = _row(event)
    told = ", ".join(dict.fromkeys(_told(event.detail)))
    words = row.words.format(it=whom, event=event.event, **_values(event))
    because = f"{words}: {told}" if told else words
    topic = f"{event.field}/{row.topic or event.event}"
    return News(row.effect, _REASONS.get(row.effect, ""), because, row.remedy, topic, row.is_bad)


def about(event: AccountEvent) -> About:
    """Tell what an event is about."""
    if event.field in {"phone_number_quality_update", "phone_number_name_update", "security"}:
        return About.NUMBER
    if "template" in event.field:
        return About.TEMPLATE
    return About.NUMBER if event.subject is not None else About.ACCOUNT


def name_of(event: AccountEvent, shards: Sequence[str] = ()) -> str:
    """Name the subject for people: a number by its `shards`, never by its digits."""
    match about(event):
        case About.TEMPLATE:
            return f"the template {event.subject}" + (f" ({event.language})" if event.language else "")
        case About.NUMBER if len(shards) == 1:
            return f"the number of shard {shards[0]}"
        case About.NUMBER if shards:
            return f"the number of {len(shards)} shards"
        case About.NUMBER:
            return "a number of the account"
        case _:
            return "the account"


def milder(category: object) -> list[str]:
    """List the categories of which less is asked than of this one; one that nobody knows is taken for the strictest."""
    known = str(category).lower()
    return list(_STRICTER[: _STRICTER.index(known) if known in _STRICTER else -1])


def digest(event: AccountEvent) -> bytes:
    """Tell an event from every other: the same said twice, in whatever order of its members, is one."""
    said = [event.field, event.event, event.subject, event.language, event.account, event.detail]
    at = event.at.isoformat() if event.at else None
    return hashlib.sha256(json.dumps([*said, at], sort_keys=True).encode()).digest()


def _row(event: AccountEvent) -> Row:
    kind = event.event
    if kind == "DISABLED_UPDATE":
        kind = f"{kind} {str(_at(event.detail, 'ban_info', 'waba_ban_state')).upper()}"
    any_event = _BY_EVENT.get((event.field, "*"), UNKNOWN)
    # A ban in words nobody knows is still a ban.
    fallback = _BY_EVENT.get((event.field, event.event), any_event)
    return _BY_EVENT.get((event.field, kind), fallback)


def _error(event: AccountEvent, whom: str, answers: Mapping[int, Outcome]) -> News:
    code = _at(event.detail, "code")
    # As an answer 0 is a dead token; here it is an error without a code.
    outcome, known = (answers.get(code), meaning(code)) if code else (None, None)
    effect, reason = _HALTS.get(getattr(outcome, "halt", Halt.NOTHING), _Verdict(Effect.NOTE))
    because = f"WhatsApp reports error {code or 'without a code'} of {whom}" + (f": {known.meaning}" if known else "")
    remedy = known.remedy if known else "see Meta's list of error codes"
    return News(effect, reason, because, remedy, f"messages/{code}", bad=True)


def _values(event: AccountEvent) -> dict[str, str]:
    """Give what a row's words may name besides its subject."""
    detail = event.detail
    limit = _at(detail, "max_daily_conversations_per_business")
    due = _at(detail, "category_update_timestamp")
    return {
        "previous": _category(detail, "previous_category"),
        "new": _category(detail, "new_category"),
        "correct": _category(detail, "correct_category"),
        "due": f"on {_day(due)}" if _is_whole(due) else "soon",
        "limit": f"{limit:,}" if _is_whole(limit) else str(limit)[:_LONGEST_TOLD] if limit else "an unnamed number of",
    }


def _category(detail: object, key: str) -> str:
    found = _at(detail, key)
    return found.lower()[:_LONGEST_TOLD] if isinstance(found, str) else "another category"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _day(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%d %b %Y}"
    except (ValueError, OverflowError, OSError):
        return "a day out of reason"


def _told(detail: object) -> Iterator[str]:
    for path in _TELLING:
        found = _at(detail, *path)
        if isinstance(found, str) and 0 < len(found) <= _LONGEST_TOLD and found != "NONE":
            yield found


def _at(value: object, *path: str) -> Any:  # noqa: ANN401 - JSON
    """Follow a path; of a list, into its first item."""
    for key in path:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(key) if isinstance(value, dict) else None
    return value
