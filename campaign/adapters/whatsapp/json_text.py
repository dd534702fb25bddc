"""Bytes from outside -> JSON values that Postgres can hold."""

import json
from typing import Any

import orjson

# 19 digits is what a bigint may need; from 4,300 on Python itself refuses to convert.
_LONGEST_INTEGER = 19

# What we keep of an answer's own nesting; the platform's errors and prices have three levels.
_DEEPEST = 16


class NotJson(ValueError):  # noqa: N818 - a finding about the text
    """The text as a whole cannot be read; the message says why without quoting it."""


def read_json(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Read JSON as tolerantly as is safe: one odd value spoils itself, not the values beside it.

    NaN and integers of absurd length become None, lone surrogates stay where they are; see `storable`.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_patiently(body)


def _read_patiently(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        return json.loads(body.decode(), parse_constant=lambda _: None, parse_int=_integer)
    except RecursionError:
        raise NotJson("nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("not UTF-8") from None
    except ValueError:
        raise NotJson("not JSON") from None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def is_text(value: object, *, longest: int) -> bool:
    """Tell whether a value is text that Postgres takes as it is: no NUL, no half of a surrogate pair, not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\0" in value:
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def storable(value: Any, *, depth: int = 0) -> Any:  # noqa: ANN401 - JSON is anything
    """Copy a JSON value into one that a jsonb column takes: what it refuses is replaced by U+FFFD or None."""
    match value:
        case str():
            return value if is_text(value, longest=len(value)) else _mended(value)
        case dict() if depth < _DEEPEST:
            return {storable(key): storable(each, depth=depth + 1) for key, each in value.items()}
        case list() if depth < _DEEPEST:
            return [storable(each, depth=depth + 1) for each in value]
        case float() if value != value or abs(value) == float("inf"):  # noqa: PLR0124 - only NaN differs from itself
            return None
        case bool() | int() | float():
            return value
        case _:
            return None


def _mended(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "�") if text else text
