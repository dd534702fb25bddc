"""Holds a message against the tables, and tells everything that does not fit at once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from campaign.domain.catalogue.fault import Dialect, Fault, Path, has_expression, nearest
from campaign.domain.catalogue.rules import counted, items
from campaign.domain.catalogue.texts import Objection, TextRule, rule_of
from campaign.domain.catalogue.vocabulary import (
    Around,
    Choice,
    Depends,
    Flag,
    Free,
    ListOf,
    Member,
    Node,
    Number,
    Record,
    Tagged,
    Text,
)

NAMES: Final[Mapping[Dialect, str]] = {"cloud": "the Cloud API", "on_premises": "On-Premises"}


def check(node: Node, value: Any, path: Path, around: Around) -> Iterator[Fault]:  # noqa: ANN401 - any JSON value
    """Find what the platform would refuse about a value in its place."""
    match node:
        case Text() | Number():
            yield from _text(node, value, path, around)
        case Choice(values=words):
            yield from _choice(words, value, path)
        case Flag():
            if not isinstance(value, bool):
                yield Fault(path, "that is neither true nor false", "write true or false, without quotes")
        case ListOf():
            yield from _list(node, value, path, around)
        case _:
            yield from _keyed(node, value, path, around)


def _keyed(
    node: Free | Record | Tagged | Depends,
    value: Any,  # noqa: ANN401 - as above
    path: Path,
    around: Around,
) -> Iterator[Fault]:
    match node:
        case _ if not isinstance(value, Mapping):
            yield Fault(path, f"'{_name(path)}' must hold keys and values", "write them indented under it, or in {...}")
        case Free():
            if not value:
                yield Fault(path, f"'{_name(path)}' is empty", "write at least one key and value, or leave it out")
        case Record():
            yield from record(node, value, path, around)
        case Tagged():
            yield from _tagged(node, value, path, around)
        case Depends():
            yield from check(node.choose(value), value, path, around)


def record(node: Record, value: Mapping[str, Any], path: Path, around: Around, tag: str = "") -> Iterator[Fault]:
    """Check the keys of a record, what they hold, and its rules; `tag` is a key checked already."""
    for key in value:
        if key != tag:
            yield from _member(node, key, value[key], path, around)
    for key, member in node.members.items():
        if member.required and key not in value:
            yield Fault(path, f"'{key}' is missing", f"write {key}: ...")
    for group in node.one_of:
        yield from _one_of(group, value, path)
    for rule in node.rules:
        yield from rule(value, path, around)


def _member(node: Record, key: str, value: Any, path: Path, around: Around) -> Iterator[Fault]:  # noqa: ANN401 - as above
    member = node.members.get(key)
    if key in node.refused:
        yield Fault((*path, key), f"'{key}' cannot stand here", node.refused[key])
    elif member is None:
        yield from _stranger(node, key, path, around.dialect)
    elif member.only not in {None, around.dialect}:
        yield Fault((*path, key), f"{NAMES[around.dialect]} knows no '{key}' here", member.advice)
    else:
        yield from check(member.node, value, (*path, key), around)


def _stranger(node: Record, key: str, path: Path, dialect: Dialect) -> Iterator[Fault]:
    known = [each for each, member in node.members.items() if _known(member, dialect)]
    otherwise = f"leave it out; {', '.join(known)} can stand here" if known else "leave it out"
    yield Fault((*path, key), f"the platform knows no '{key}' here", nearest(key, known, otherwise))


def _known(member: Member, dialect: Dialect) -> bool:
    return member.only in {None, dialect}


def _one_of(group: tuple[str, ...], value: Mapping[str, Any], path: Path) -> Iterator[Fault]:
    there = [key for key in group if key in value]
    if not there:
        yield Fault(path, f"one of {', '.join(group)} is missing", f"write one of {', '.join(group)}")
    for extra in there[1:]:
        yield Fault((*path, extra), f"'{there[0]}' is there already", f"keep one of {', '.join(group)}")


def _tagged(node: Tagged, value: Mapping[str, Any], path: Path, around: Around) -> Iterator[Fault]:
    tag, case = value.get(node.by), node.case(value)
    if node.by not in value:
        yield Fault(path, f"'{node.by}' is missing", f"write one of {', '.join(node.cases)}")
    elif case is None:
        remedy = node.refused.get(str(tag).lower()) or nearest(
            str(tag), node.cases, f"write one of {', '.join(node.cases)}"
        )
        yield Fault((*path, node.by), f"the platform knows no such {node.by} here", remedy)
    else:
        yield from _case(node, str(tag), value, path, around)


def _case(node: Tagged, tag: str, value: Mapping[str, Any], path: Path, around: Around) -> Iterator[Fault]:
    dialect, advice = node.only.get(tag.lower(), (around.dialect, ""))
    if dialect != around.dialect:
        yield Fault((*path, node.by), f"{NAMES[around.dialect]} knows no '{tag}' here", advice)
    else:
        yield from record(node.cases[tag.lower()], value, path, around, tag=node.by)


def _list(node: ListOf, value: Any, path: Path, around: Around) -> Iterator[Fault]:  # noqa: ANN401 - as above
    if not isinstance(value, Sequence) or isinstance(value, str):
        yield Fault(path, f"'{_name(path)}' must be a list", "start each item with a dash")
        return
    if node.limit:
        yield from counted(node.limit, list(items(value, path)), path)
    for index, item in enumerate(value):
        yield from check(node.item, item, (*path, index), around)
    for rule in node.rules:
        yield from rule(value, path, around)


def _choice(words: tuple[str, ...], value: Any, path: Path) -> Iterator[Fault]:  # noqa: ANN401 - as above
    if value in words:
        return
    if isinstance(value, str) and has_expression(value):
        yield _no_expression(path)
    elif str(value) in words:
        yield _unquoted(path, value)
    else:
        said = (
            f"write {words[0]}" if len(words) == 1 else nearest(str(value), words, f"write one of {', '.join(words)}")
        )
        yield Fault(path, f"'{_name(path)}' cannot be that", said)


def _text(node: Text | Number, value: Any, path: Path, around: Around) -> Iterator[Fault]:  # noqa: ANN401 - as above
    rule = rule_of(node, around.dialect)
    if isinstance(node, Number) and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        yield (
            _unquoted(path, value)
            if isinstance(value, int | float)
            else Fault(path, f"'{_name(path)}' must be a text", "write it in quotes")
        )
    elif has_expression(value):
        if rule.constant:
            yield _no_expression(path)
    elif objection := rule.objection(value):
        yield Fault(path, *_words(objection, rule, value, path))


def _words(objection: Objection, rule: TextRule, text: str, path: Path) -> tuple[str, str]:
    name = _name(path)
    match objection:
        case "blank":
            return f"'{name}' is blank", f"write 1 to {rule.longest} characters"
        case "line_break":
            what = "the text holds a line break, a tab, a control character or more than four spaces in a row"
            return what, "write it in one line, without '|' or '>' before it"
        case "too_long":
            return f"'{name}' has {len(text)} characters", f"write at most {rule.longest}"
        case "malformed":
            return rule.form_words


def _no_expression(path: Path) -> Fault:
    return Fault(path, f"'{_name(path)}' takes no expression", "write it out: it is the same for everybody")


def _unquoted(path: Path, value: object) -> Fault:
    word = str(value).lower() if isinstance(value, bool) else value
    return Fault(path, f"'{_name(path)}' must be a text", f'write it in quotes, as in "{word}"')


def _name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "message")
