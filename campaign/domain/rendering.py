"""One message per recipient: compiled once into JSON bytes with gaps, filled in a few microseconds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import blake2b
from typing import Any, Literal

import orjson
from jinja2 import TemplateError, UndefinedError

from campaign.domain.expressions import Expression, UnusableExpression, compile_expression, context_of
from campaign.domain.locales import Unwritable, nearest_locale
from campaign.domain.message import Dialect, Fault, Path, TextRule, has_expression, spelled, text_rule

Reason = Literal["missing", "blank", "line_break", "too_long", "malformed", "unwritable"]


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
    rule: TextRule

    def fault(self, text: str) -> RenderRefusal | None:
        """Say what the API would refuse about this value."""
        match self.rule.objection(text):
            case None:
                return None
            case "blank":
                return self.refused("blank", "the value is blank", "give the column a default, or leave such rows out")
            case "line_break":
                what = "the value holds a line break, a tab, a control character or more than four spaces in a row"
                return self.refused("line_break", what, "clean the column in the query")
            case "too_long":
                what = f"the value has more than {self.rule.longest} characters"
                return self.refused("too_long", what, "shorten it, for example with | truncate")
            case "malformed":
                what, remedy = self.rule.form_words
                return self.refused("malformed", what, remedy)

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

    def suspects(self, columns: Iterable[str]) -> list[str]:
        """Name what has a default or a condition and no column, so that it would be empty for everybody."""
        there = sorted(columns)
        return [_never_filled(name, there) for name in sorted(self.optional.difference(there))]

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
                encoded = text.encode() if gap.rule.bare else orjson.dumps(text)
            except UndefinedError:
                return gap.missing(present)
            except Unwritable as error:
                return gap.refused("unwritable", error.what, error.remedy)
            except (TypeError, ValueError, ArithmeticError, TemplateError):
                what = "the expression does not fit the column's value"
                return gap.refused("unwritable", what, "let the query return text, a number or a date")
            if refusal := gap.fault(text):
                return refusal
            written += encoded, constant
        return b"".join(written)


def _has_value(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or not (value == "" or value.isspace()))


def compile_message(
    message: Mapping[str, object], dialect: Dialect = "cloud", *, category: str | None = None
) -> CompiledMessage:
    """Compile a message once for all its recipients; raise UnusableMessage with every fault in it."""
    writer = _Writer(lambda path: text_rule(message, path, dialect, category=category), _language(message))
    writer.write(message, ())
    if writer.faults:
        raise UnusableMessage(writer.faults)
    gaps = tuple(writer.gaps)
    names = frozenset(name for gap in gaps for name in gap.expression.names)
    required = frozenset(name for gap in gaps for name in gap.expression.required)
    return CompiledMessage(tuple(writer.constants), gaps, names, required)


class _Writer:
    """Writes JSON with sorted keys, and opens a gap at every expression."""

    def __init__(self, rule_at: Callable[[Path], TextRule], locale: str | None) -> None:
        self.constants = [b""]
        self.gaps: list[_Gap] = []
        self.faults: list[Fault] = []
        self._rule_at = rule_at
        self._locale = locale

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
            expression = compile_expression(text, locale=self._locale)
        except UnusableExpression as error:
            self._blame(path, error.what, error.remedy)
            return
        rule = self._rule_at(path)
        if rule.constant:
            self._blame(path, "no expression can stand here", "write it out: it is the same for everybody")
        self._check_literal(expression.literal, path)
        self.gaps.append(_Gap(path, expression, rule))
        self.constants.append(b"")

    def _check_literal(self, text: str, path: Path) -> None:
        if self._rule_at(path).broken.search(text):
            what = "the text holds a line break, a tab, a control character or more than four spaces in a row"
            self._blame(path, what, "write it in one line, without '|' or '>' before it")

    def _put(self, constant: bytes) -> None:
        self.constants[-1] += constant

    def _blame(self, path: Path, what: str, remedy: str) -> None:
        self.faults.append(Fault(path, what, remedy))


def _unfilled(name: str, columns: list[str]) -> str:
    near = get_close_matches(name, columns, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"the audience has {', '.join(columns) or 'no columns'}"
    return f"the message needs a column '{name}'; {hint}"


def _never_filled(name: str, columns: list[str]) -> str:
    near = get_close_matches(name, columns, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"the audience has {', '.join(columns) or 'no columns'}"
    return f"the message asks for a column '{name}' that nobody has, so everybody gets what stands in for it; {hint}"


def _language(message: Mapping[str, object]) -> str | None:
    """Name the language a template is written in, for the amounts and dates in it."""
    template = message.get("template")
    language = template.get("language") if isinstance(template, Mapping) else None
    code = language.get("code") if isinstance(language, Mapping) else None
    return nearest_locale(code) if isinstance(code, str) else None


def content_key(rendered: bytes, key: bytes) -> bytes:
    """Hash a rendered message under a key of at most 64 bytes; 16 bytes that say "the same content"."""
    return blake2b(rendered, key=key, digest_size=16).digest()
