"""Bytes from outside -> JSON values that Postgres can hold."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Any, Final

import orjson

# 19 digits is what a bigint may need; from 4,300 on Python itself refuses to convert.
_LONGEST_INTEGER = 19

# What we keep of an answer's own nesting; the platform's errors and prices have three levels.
_DEEPEST = 16

# What is read of a text that nests deeper than any reader goes; the platform's own have twelve levels.
_DEEPEST_READ = 64

# Lists and objects in one text. Where 4 MB of `[]` were read, the parser held up every thread for a second; the
# platform's largest webhooks, of 3 MB, have fewer than 100,000.
_MOST_NESTS = 200_000

# A string, whether it ends or not, or brackets in a row. Possessive, and a match wherever a quote is: no text makes the
# scan go back, so it takes one walk over it.
_TOKENS: Final = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|[\[{]+|[\]}]+', re.DOTALL)


class NotJson(ValueError):  # noqa: N818 - a finding about the text
    """The text as a whole cannot be read; the message says why without quoting it."""


def read_json(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Read JSON as tolerantly as is safe: one odd value spoils itself, not the values beside it.

    NaN, integers of absurd length and what is nested absurdly deep become None; lone surrogates, and as such the bytes
    that are not UTF-8, stay where they are; see `storable`.
    """
    body = body.removeprefix(BOM_UTF8)
    if body.count(b"[") + body.count(b"{") > _MOST_NESTS:
        body = _of_bearable_size(body)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _read_patiently(body)


def _of_bearable_size(body: bytes) -> bytes:
    """Cut out what lies too deep, if that leaves no absurd number of values; brackets in somebody's words are none."""
    shallow = b"".join(_shallow(body))
    if sum(len(token[0]) for token in _TOKENS.finditer(shallow) if token[0][0] in b"[{") > _MOST_NESTS:
        raise NotJson("more lists and objects than any webhook has")
    return shallow


def _read_patiently(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        return _loads(body)
    except RecursionError:
        shallow = b"".join(_shallow(body))
    except ValueError:
        raise NotJson("not JSON") from None
    try:
        return _loads(shallow)
    except (RecursionError, ValueError):
        raise NotJson("not JSON") from None


def _loads(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    return json.loads(body.decode(errors="surrogateescape"), parse_constant=lambda _: None, parse_int=_integer)


def _shallow(body: bytes) -> Iterator[bytes]:
    """Cut out what lies too deep, a null for each piece; all else stays as it is."""
    depth = kept = 0
    for token in _TOKENS.finditer(body):
        first, count = body[token.start()], token.end() - token.start()
        if first in b"[{":
            if depth <= _DEEPEST_READ < depth + count:
                yield body[kept : token.start() + _DEEPEST_READ - depth]
                yield b"null"
            depth += count
        elif first in b"]}":
            if depth - count <= _DEEPEST_READ < depth:
                kept = token.start() + depth - _DEEPEST_READ
            depth -= count
    if depth <= _DEEPEST_READ:
        yield body[kept:]


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else None


def is_text(value: object, *, longest: int) -> bool:
    """Tell whether a value is text that Postgres takes as it is: no NUL, no half of a surrogate pair, not empty."""
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\0" in value:
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def storable(value: Any) -> Any:  # noqa: ANN401 - JSON is anything
    """Make a JSON value one that a jsonb column takes: what it refuses is replaced by U+FFFD or None."""
    return value if _is_plain(value) else _storable(value, depth=0)


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - JSON is anything
    """Tell at a glance what is storable as it is; not of all that is."""
    if value is None:
        return True
    try:
        text = orjson.dumps(value)
    except TypeError:
        return False
    # No more brackets than levels are allowed, no NUL, and no null, which may stand for a NaN.
    return text.count(b"{") + text.count(b"[") <= _DEEPEST and b"\\u0000" not in text and b"null" not in text


def _storable(value: Any, *, depth: int) -> Any:  # noqa: ANN401 - JSON is anything
    match value:
        case str():
            return value if is_text(value, longest=len(value)) else _mended(value)
        case dict() if depth < _DEEPEST:
            return {_storable(key, depth=depth): _storable(each, depth=depth + 1) for key, each in value.items()}
        case list() if depth < _DEEPEST:
            return [_storable(each, depth=depth + 1) for each in value]
        case float() if value != value or abs(value) == float("inf"):  # noqa: PLR0124 - only NaN differs from itself
            return None
        case bool() | int() | float():
            return value
        case _:
            return None


def _mended(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "�") if text else text
