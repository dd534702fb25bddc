"""One message per recipient: compiled once into JSON bytes with gaps, filled in a few microseconds."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any, Final, Literal

import orjson
from jinja2 import TemplateError, UndefinedError

from campaign.domain.expressions import Expression, UnusableExpression, compile_expression, context_of
from campaign.domain.message import TEMPLATE_TEXT_LIMITS, TEXT_LIMITS, Fault, Path, has_expression, spelled

Reason = Literal["missing", "blank", "line_break", "too_long", "unwritable"]

# A template's parameter takes no new line, no tab and no more than four spaces in a row (132007, 132018).
# Source: Meta, "Error codes" of the Cloud API and its answer to such a parameter, Nov 2025.
BROKEN_PARAMETER: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]| {5}")
BROKEN_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Meta's own limit for a parameter, and a bound for what no table names. Source: Cloud API OpenAPI description.
LONGEST: Final = 32_768


class UnusableMessage(ValueError):  # noqa: N818 - it says what the message is
    """A message that could be rendered for nobody; `faults` say where and why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{spelled(fault.path)}: {fault.what}; {fault.remedy}" for fault in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class RenderRefusal:
    """Why one recipient's message cannot be written. Names columns and places, never a value."""

    reason: Reason
    path: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Gap:
    """A place in the JSON that differs from recipient to recipient."""

    path: Path
    expression: Expression
    broken: re.Pattern[str]
    longest: int

    def fault(self, text: str) -> RenderRefusal | None:
        """Say what the API would refuse about this value."""
        if not text or text.isspace():
            return self.refused("blank", "the value is blank", "give the column a default, or leave such rows out")
        if self.broken.search(text):
            what = "the value holds a line break, a tab, a control character or more than four spaces in a row"
            return self.refused("line_break", what, "clean the column in the query")
        if len(text) > self.longest:
            what = f"the value has more than {self.longest} characters"
            return self.refused("too_long", what, "shorten it, for example with | truncate")
        return None

    def missing(self, present: Mapping[str, Any]) -> RenderRefusal:
        wanted = self.expression.required - present.keys() or self.expression.names - present.keys()
        column = min(wanted, default="?")
        remedy = f"fill it, or write {{{{ {column} | default('...') }}}}"
        return self.refused("missing", f"the column '{column}' is empty", remedy)

    def refused(self, reason: Reason, what: str, remedy: str) -> RenderRefusal:
        return RenderRefusal(reason, spelled(self.path), what, remedy)


@dataclass(frozen=True, slots=True)
class CompiledMessage:
    """JSON with gaps. `variables` must have a value in every row; `optional` ones have a default or a condition."""

    constants: tuple[bytes, ...]
    gaps: tuple[_Gap, ...]
    names: frozenset[str]
    variables: frozenset[str]

    @property
    def optional(self) -> frozenset[str]:
        return self.names - self.variables

    def missing(self, columns: Iterable[str]) -> list[str]:
        """Name the variables no column fills, each with the nearest column there is."""
        there = sorted(columns)
        return [_unfilled(name, there) for name in sorted(self.variables.difference(there))]

    def render(self, variables: Mapping[str, Any]) -> bytes | RenderRefusal:
        """Write the message of one recipient as JSON; equal content gives equal bytes.

        NULL and blank values count as missing, so that `default` does for a database what it says.
        """
        present = {name: value for name in self.names if _has_value(value := variables.get(name))}
        context = context_of(present)
        written = [self.constants[0]]
        for gap, constant in zip(self.gaps, self.constants[1:], strict=True):
            try:
                text = "".join(gap.expression.pieces(context))
                encoded = orjson.dumps(text)
            except UndefinedError:
                return gap.missing(present)
            except (TypeError, ValueError, ArithmeticError, TemplateError):
                what = "the expression does not fit the column's value"
                return gap.refused("unwritable", what, "let the query return text, a number or a date")
            if refusal := gap.fault(text):
                return refusal
            written += encoded, constant
        return b"".join(written)


def _has_value(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or not (value == "" or value.isspace()))


def compile_message(message: Mapping[str, object]) -> CompiledMessage:
    """Compile a message once for all its recipients; raise UnusableMessage with every fault in it."""
    writer = _Writer(message)
    writer.write(message, ())
    if writer.faults:
        raise UnusableMessage(writer.faults)
    gaps = tuple(writer.gaps)
    names = frozenset(name for gap in gaps for name in gap.expression.names)
    required = frozenset(name for gap in gaps for name in gap.expression.required)
    return CompiledMessage(tuple(writer.constants), gaps, names, required)


class _Writer:
    """Writes JSON with sorted keys, and opens a gap at every expression."""

    def __init__(self, message: Mapping[str, object]) -> None:
        self.constants = [b""]
        self.gaps: list[_Gap] = []
        self.faults: list[Fault] = []
        self._message = message

    def write(self, node: object, path: Path) -> None:
        match node:
            case Mapping():
                self._write_members(node, path)
            case str() if has_expression(node):
                self._open_gap(node, path)
            case str():
                self._write_text(node, path)
            case Sequence():
                self._write_items(node, path)
            case _:
                self._write_constant(node, path)

    def _write_members(self, node: Mapping[str, object], path: Path) -> None:
        self._put(b"{")
        for count, key in enumerate(sorted(node)):
            self._put((b"," if count else b"") + orjson.dumps(key) + b":")
            if has_expression(key):
                self._blame(path, "a key cannot hold an expression", "write the key out; values can hold expressions")
            self.write(node[key], (*path, key))
        self._put(b"}")

    def _write_items(self, node: Sequence[object], path: Path) -> None:
        self._put(b"[")
        for index, item in enumerate(node):
            self._put(b"," if index else b"")
            self.write(item, (*path, index))
        self._put(b"]")

    def _write_text(self, text: str, path: Path) -> None:
        self._check_literal(text, path)
        self._write_constant(text, path)

    def _write_constant(self, value: object, path: Path) -> None:
        try:
            self._put(orjson.dumps(value))
        except TypeError:
            self._blame(path, "JSON cannot carry that value", "write text, a number, true or false")

    def _open_gap(self, text: str, path: Path) -> None:
        try:
            expression = compile_expression(text)
        except UnusableExpression as error:
            self._blame(path, error.what, error.remedy)
            return
        self._check_literal(expression.literal, path)
        self.gaps.append(_Gap(path, expression, _broken(path), _longest(self._message, path)))
        self.constants.append(b"")

    def _check_literal(self, text: str, path: Path) -> None:
        if _broken(path).search(text):
            what = "the text holds a line break, a tab, a control character or more than four spaces in a row"
            self._blame(path, what, "write it in one line, without '|' or '>' before it")

    def _put(self, constant: bytes) -> None:
        self.constants[-1] += constant

    def _blame(self, path: Path, what: str, remedy: str) -> None:
        self.faults.append(Fault(path, what, remedy))


def _broken(path: Path) -> re.Pattern[str]:
    return BROKEN_PARAMETER if path[:2] == ("template", "components") else BROKEN_TEXT


def _longest(message: Mapping[str, object], path: Path) -> int:
    if path[-1] != "text" or "components" not in path:
        return TEXT_LIMITS.get(path, LONGEST)
    component: Any = message
    for step in _enclosing_component(path):
        component = component[step]
    kind = component.get("type") if isinstance(component, Mapping) else None
    return TEMPLATE_TEXT_LIMITS.get(str(kind), LONGEST)


def _enclosing_component(path: Path) -> Iterator[Any]:
    innermost = len(path) - path[::-1].index("components")
    yield from path[: innermost + 1]


def _unfilled(name: str, columns: list[str]) -> str:
    near = get_close_matches(name, columns, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"the audience has {', '.join(columns) or 'no columns'}"
    return f"the message needs a column '{name}'; {hint}"


def content_key(rendered: bytes, key: bytes) -> bytes:
    """Hash a rendered message under a key of at most 64 bytes; 16 bytes that say "the same content"."""
    return blake2b(rendered, key=key, digest_size=16).digest()
