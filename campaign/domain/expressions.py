"""The expressions a message may hold: a column, a filter, a choice. Everything else belongs into the query."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from inspect import signature
from math import isfinite
from typing import Any, Final, NoReturn, cast
from uuid import UUID

from jinja2 import TemplateSyntaxError, Undefined, nodes
from jinja2.filters import FILTERS
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from campaign.domain.locales import PREPARED, Unwritable, Writer

WRITABLE: Final = (str, int, float, Decimal, dt.date, dt.time, UUID)
DECIMALS: Final = 9


class MissingColumn(Undefined):
    """No value: false in a condition, an error where it would be written."""

    __slots__ = ()
    __str__ = __len__ = __iter__ = Undefined._fail_with_undefined_error  # noqa: SLF001 - how Jinja's own strict one does it


def _writable(value: object) -> object:
    """Refuse what would print as Python: True, [..], b'..'."""
    if isinstance(value, bool) or not isinstance(value, (*WRITABLE, Undefined)):
        raise TypeError
    if isinstance(value, (float, Decimal)) and not isfinite(value):
        raise ValueError
    return value


def _whole(value: str | float) -> int:
    return int(value)


def _number(value: str | float) -> float:
    return float(value)


def _rounded(value: str | float, precision: int = 0) -> float | int:
    if not 0 <= precision <= DECIMALS:
        raise ValueError
    return round(float(value), precision) if precision else round(float(value))


def _replaced(value: object, old: str, new: str) -> str:
    if not old:
        raise ValueError
    return str(value).replace(old, new)


def _localised(prepare: Callable[..., Writer]) -> Callable[..., str]:
    return lambda value, *arguments: prepare(*arguments)(value)


# Jinja's own `int` and `float` turn rubbish into 0, and its `round` and `replace` can be made to run for hours.
OURS: Final[Mapping[str, Callable[..., Any]]] = {
    "int": _whole,
    "float": _number,
    "round": _rounded,
    "replace": _replaced,
}
FILTERS_ALLOWED: Final[Mapping[str, Callable[..., Any]]] = {
    **{name: FILTERS[name] for name in ("default", "title", "upper", "lower", "trim", "capitalize", "truncate")},
    **OURS,
    **{name: _localised(prepare) for name, (prepare, _) in PREPARED.items()},
}
# What stands for an argument that a column gives, while the others are checked; these two no column gives.
STAND_INS: Final[Mapping[str, object]] = {"code": "EUR", "locale": "en", "timezone": None}
WRITTEN_OUT: Final = ("style", "decimals")
TESTS_ALLOWED: Final = frozenset({"defined", "undefined"})
# No loops, calls, attributes or products: what they do to one recipient is either of no use or without bound.
NODES_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.If, nodes.CondExpr),
    *(nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Concat),
    *(nodes.Add, nodes.Sub, nodes.Neg, nodes.Keyword),
)
SPELLED: Final[Mapping[type, str]] = {
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
    nodes.Pow: "**",
    nodes.Assign: "set",
    nodes.AssignBlock: "set",
}


class UnusableExpression(ValueError):  # noqa: N818 - it says what the expression is
    """The text of an expression cannot be used: what, and what to do now."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Expression:
    """A text with expressions, compiled."""

    pieces: Callable[[Context], Iterator[str]]
    names: frozenset[str]
    required: frozenset[str]
    literal: str


class _Sandbox(ImmutableSandboxedEnvironment):
    def __init__(self) -> None:
        super().__init__(undefined=MissingColumn, finalize=_writable, keep_trailing_newline=True)
        self.globals = {}
        self.filters = dict(FILTERS_ALLOWED)


SANDBOX: Final = _Sandbox()


def context_of(values: dict[str, Any]) -> Context:
    """Hold one recipient's values for any number of expressions."""
    return Context(SANDBOX, values, None, {})


def compile_expression(text: str, *, locale: str | None = None) -> Expression:
    """Compile a text once; raise UnusableExpression where it asks for more than is allowed.

    `locale` is the language of amounts and dates where the expression names none.
    """
    try:
        tree = SANDBOX.parse(text)
    except TemplateSyntaxError as error:
        line = f" in its line {error.lineno}" if "\n" in text else ""
        what = f"the expression cannot be read{line}: {(error.message or '').rstrip('.')}"
        raise UnusableExpression(what, "write {{ column }} or {{ column | default('text') }}") from None
    for node in tree.find_all(nodes.Node):
        _check(node)
    for node in tree.find_all(nodes.Filter):
        if node.name in PREPARED:
            _localise(node, locale)
    return _compiled(tree)


def _compiled(tree: nodes.Template) -> Expression:
    names = frozenset(name.name for name in tree.find_all(nodes.Name))
    literal = "".join(data.data for data in tree.find_all(nodes.TemplateData))
    required = names - frozenset(_guarded(tree))
    return Expression(SANDBOX.from_string(tree).root_render_func, names, required, literal)


def _guarded(tree: nodes.Template) -> Iterator[str]:
    """Name the columns that may be empty: those with a default, and those a condition asks about."""
    choices: list[nodes.If | nodes.CondExpr] = [*tree.find_all(nodes.If), *tree.find_all(nodes.CondExpr)]
    for test in (choice.test for choice in choices):
        yield from (name.name for name in ([test] if isinstance(test, nodes.Name) else test.find_all(nodes.Name)))
    for filtered in tree.find_all(nodes.Filter):
        if filtered.name == "default" and isinstance(filtered.node, nodes.Name):
            yield filtered.node.name


def _check(node: nodes.Node) -> None:
    match node:
        case nodes.Filter(name=name) if name not in FILTERS_ALLOWED:
            _refuse_filter(name)
        case nodes.Test(name=name) if name not in TESTS_ALLOWED:
            raise UnusableExpression(f"the test '{name}' is not allowed", "use 'is defined', or a comparison")
        case nodes.Output(nodes=written):
            _check_written(written)
        case nodes.Call() | nodes.Getattr() | nodes.Getitem():
            remedy = "let the query make a column of it"
            raise UnusableExpression("calls, attributes and indexes are not allowed in an expression", remedy)
        case _ if not isinstance(node, NODES_ALLOWED):
            what = f"'{SPELLED.get(type(node), type(node).__name__.lower())}' is not allowed in an expression"
            raise UnusableExpression(what, "use a column, a filter or {% if %}; the query can do the rest")


def _localise(node: nodes.Filter, locale: str | None) -> None:
    """Check the arguments of a filter that writes in a language, and write them all out, in order."""
    prepare, usage = PREPARED[node.name]
    given = {each.key: each.value for each in cast("list[nodes.Keyword]", node.kwargs)}
    try:
        bound = signature(prepare).bind(*node.args, **given)
    except TypeError:
        bound = None
    if bound is None or node.dyn_args is not None or node.dyn_kwargs is not None:
        raise UnusableExpression(f"the filter '{node.name}' takes other arguments", f"write {usage}")
    bound.arguments.setdefault("locale", nodes.Const(locale))
    bound.apply_defaults()
    written = {
        name: each if isinstance(each, nodes.Expr) else nodes.Const(each) for name, each in bound.arguments.items()
    }
    _check_arguments(node.name, written)
    node.args, node.kwargs = list(written.values()), []


def _check_arguments(name: str, written: Mapping[str, nodes.Expr]) -> None:
    prepare, usage = PREPARED[name]
    constants = {
        key: each.value if isinstance(each, nodes.Const) else STAND_INS.get(key) for key, each in written.items()
    }
    for key in WRITTEN_OUT:
        if key in written and not isinstance(written[key], nodes.Const):
            raise UnusableExpression(f"the filter '{name}' takes its {key} from no column", f"write {usage}")
    if constants["locale"] is None:
        what = f"the filter '{name}' does not know the language: the message is no template with a language it knows"
        raise UnusableExpression(what, f"name it, as in {usage}")
    try:
        prepare(*constants.values())
    except Unwritable as error:
        raise UnusableExpression(f"the filter '{name}': {error.what}", error.remedy) from None


def _check_written(written: list[nodes.Expr]) -> None:
    for node in written:
        if isinstance(node, nodes.Const) and isinstance(node.value, int):
            what = f"{{{{ {node.value} }}}} names no column"
            raise UnusableExpression(what, "write the column's name between the braces, as in {{ first_name }}")


def _refuse_filter(name: str) -> NoReturn:
    near = get_close_matches(name, FILTERS_ALLOWED, n=1, cutoff=0.7)
    allowed = f"use one of {', '.join(sorted(FILTERS_ALLOWED))}"
    remedy = f"did you mean '{near[0]}'?" if near else allowed
    raise UnusableExpression(f"the filter '{name}' is not allowed", remedy)
