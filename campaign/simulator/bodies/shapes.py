"""The few words in which bodies are described: each makes a check, and checks are made of checks.

A check looks at one value and says the first thing that is wrong with it. `where` names the value in a refusal; values
themselves are never repeated there, since they may be somebody's.
"""

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

from campaign.simulator.bodies.rules import Rules
from campaign.simulator.reasons import Reason


class Wrong(NamedTuple):
    """What is wrong, and where."""

    reason: Reason
    details: str


Check = Callable[[Any, str], Wrong | None]


def text(
    rules: Rules,
    most: int | None = None,
    *,
    least: int = 1,
    over: Reason = Reason.TOO_LONG,
    trimmed: bool = False,
    pattern: str | None = None,
) -> Check:
    """Take a text of so many characters; `trimmed` refuses blanks at its ends where the dialect does."""
    form = re.compile(pattern, re.ASCII) if pattern else None
    trimmed = trimmed and rules.blanks_refused

    def check(value: object, where: str) -> Wrong | None:
        if not isinstance(value, str):
            return Wrong(Reason.WRONG_TYPE, f"Param {where} must be a string.")
        if len(value) < least:
            return Wrong(Reason.MISSING, f"Param {where} must not be empty.")
        if most is not None and len(value) > most:
            return Wrong(over, f"Param {where} must be at most {most} characters long.")
        if trimmed and value != value.strip():
            return Wrong(Reason.WRONG_VALUE, f"Param {where} must not begin or end with a blank.")
        if form and not form.fullmatch(value):
            return Wrong(Reason.WRONG_VALUE, f"Param {where} is not of the form it needs.")
        return None

    return check


def number(low: float, high: float, *, whole: bool = False, as_text: bool = False) -> Check:
    """Take a number in a range; `as_text` takes its digits in a string too."""

    def check(value: object, where: str) -> Wrong | None:
        found = _number(value, whole=whole) if as_text and isinstance(value, str) else value
        if isinstance(found, bool) or not isinstance(found, (int, float)) or (whole and found % 1):
            return Wrong(Reason.WRONG_TYPE, f"Param {where} must be a number.")
        return None if low <= found <= high else Wrong(Reason.WRONG_VALUE, f"Param {where} is out of range.")

    return check


def truth(value: object, where: str) -> Wrong | None:
    """Take true or false."""
    return None if isinstance(value, bool) else Wrong(Reason.WRONG_TYPE, f"Param {where} must be true or false.")


def anything(_value: object, _where: str) -> Wrong | None:
    """Take whatever comes: what the platform does not look into."""
    return None


def one_of(*words: str, otherwise: Reason = Reason.WRONG_VALUE) -> Check:
    """Take one of these words."""

    def check(value: object, where: str) -> Wrong | None:
        return None if value in words else Wrong(otherwise, f"Param {where} must be one of {{{', '.join(words)}}}.")

    return check


def record(
    rules: Rules, needs: Mapping[str, Check], takes: Mapping[str, Check] | None = None, *, also: Iterable[Check] = ()
) -> Check:
    """Take an object with these members; `also` looks at the whole once each member is right."""
    known, further = {**needs, **(takes or {})}, tuple(also)

    def check(value: object, where: str) -> Wrong | None:
        if not isinstance(value, dict):
            return Wrong(Reason.WRONG_TYPE, f"Param {where} must be an object.")
        for name in needs:
            if value.get(name) is None:
                return Wrong(Reason.MISSING, f"Param {where}.{name} is missing.")
        for name, member in value.items():
            member_check = known.get(name)
            if member_check is None:
                if rules.unknown_refused:
                    return Wrong(Reason.UNKNOWN, f"Unexpected key '{name}' on param {where}.")
            elif wrong := member_check(member, f"{where}.{name}"):
                return wrong
        return next((wrong for each in further if (wrong := each(value, where))), None)

    return check


def many(item: Check, least: int, most: int | None = None, *, also: Iterable[Check] = ()) -> Check:
    """Take a list of so many items."""
    further = tuple(also)

    def check(value: object, where: str) -> Wrong | None:
        if not isinstance(value, list):
            return Wrong(Reason.WRONG_TYPE, f"Param {where} must be a list.")
        if len(value) < least:
            return Wrong(Reason.MISSING, f"Param {where} needs at least {least}.")
        if most is not None and len(value) > most:
            return Wrong(Reason.WRONG_VALUE, f"Param {where} takes at most {most}.")
        for at, each in enumerate(value):
            if wrong := item(each, f"{where}[{at}]"):
                return wrong
        return next((wrong for each in further if (wrong := each(value, where))), None)

    return check


def by(key: str, variants: Mapping[str, Check], *, otherwise: Reason = Reason.WRONG_VALUE) -> Check:
    """Take an object whose member `key` says which of these shapes it has."""

    def check(value: object, where: str) -> Wrong | None:
        if not isinstance(value, dict):
            return Wrong(Reason.WRONG_TYPE, f"Param {where} must be an object.")
        kind = value.get(key)
        if not isinstance(kind, str):
            return Wrong(Reason.MISSING, f"Param {where}.{key} is missing.")
        variant = variants.get(kind)
        if variant is None:
            return Wrong(otherwise, f"Param {where}.{key} must be one of {{{', '.join(variants)}}}.")
        return variant(value, where)

    return check


def exactly_one(*names: str) -> Check:
    """Look for one of these members and for no second."""

    def check(value: Mapping[str, object], where: str) -> Wrong | None:
        there = sum(value.get(name) is not None for name in names)
        if there == 1:
            return None
        reason = Reason.SUPERFLUOUS if there else Reason.MISSING
        return Wrong(reason, f"Param {where} needs exactly one of {{{', '.join(names)}}}.")

    return check


def differing(find: Callable[[Any], Hashable], what: str) -> Check:
    """Look for two items that are alike in what `find` finds; None is alike to nothing."""

    def check(value: Collection[object], where: str) -> Wrong | None:
        found = [one for one in map(find, value) if one is not None]
        if len(set(found)) == len(found):
            return None
        return Wrong(Reason.WRONG_VALUE, f"Param {where} has the same {what} twice.")

    return check


def _number(digits: str, *, whole: bool) -> float | None:
    if whole:
        return int(digits) if digits.isascii() and digits.isdecimal() else None
    try:
        return float(digits)
    except ValueError:
        return None
