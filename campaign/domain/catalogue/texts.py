"""What a text of a message may be: the one judgement, for literals before launch and for each recipient's text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from campaign.domain.catalogue.fault import Dialect, Path
from campaign.domain.catalogue.forms import TRIMMED, Form
from campaign.domain.catalogue.limits import LIMITS
from campaign.domain.catalogue.vocabulary import (
    LINE,
    LINES,
    Choice,
    Depends,
    Flag,
    ListOf,
    Node,
    Number,
    Record,
    Tagged,
    Text,
)

Objection = Literal["blank", "line_break", "too_long", "malformed"]

# Meta's own limit for a parameter, and a bound for what no table names. Source: Cloud API OpenAPI description.
LONGEST: Final = 32_768


@dataclass(frozen=True, slots=True)
class TextRule:
    """What one place of a message takes; `constant` ones no expression, and a `bare` one is written without quotes."""

    longest: int = LONGEST
    broken: re.Pattern[str] = LINES
    form: Form | None = None
    blank: bool = False
    constant: bool = False
    bare: bool = False

    @property
    def form_words(self) -> tuple[str, str]:
        """What is wrong with a text of another form, and how to write it."""
        return (self.form.what, self.form.remedy) if self.form else ("", "")

    def objection(self, text: str) -> Objection | None:
        """Say why the platform would refuse this text here."""
        if not text or text.isspace():
            return None if self.blank else "blank"
        if self.broken.search(text):
            return "line_break"
        if len(text) > self.longest:
            return "too_long"
        return "malformed" if self.form and not self.form.fits(text) else None


ANY_TEXT: Final = TextRule()
CONSTANT: Final = TextRule(constant=True)


def rule_of(node: Node | None, dialect: Dialect) -> TextRule:
    """Read the rule off a table's node."""
    match node:
        case Text():
            form = node.form or (TRIMMED if node.trimmed and dialect == "cloud" else None)
            longest = LIMITS[node.limit].most if node.limit else LONGEST
            return TextRule(longest, node.broken, form, node.blank, node.constant)
        case Number():
            return TextRule(broken=LINE, form=node.form, bare=node.bare)
        case Choice() | Flag():
            return CONSTANT
        case _:
            return ANY_TEXT


def node_at(node: Node | None, value: Any, path: Path) -> Node | None:  # noqa: ANN401 - a message is any JSON value
    """Follow a path through the tables as far as they reach; None is a place they do not know."""
    for step in path:
        node = _below(node, value, step)
        value = _inside(value, step)
    return node


def _below(node: Node | None, value: Any, step: str | int) -> Node | None:  # noqa: ANN401 - see above
    if isinstance(node, Depends):
        return _below(node.choose(value), value, step) if isinstance(value, Mapping) else None
    if isinstance(node, Tagged) and step == node.by:
        return Choice(tuple(node.cases))
    if isinstance(node, ListOf):
        return node.item
    return _member(resolved(node, value), step)


def resolved(node: Node | None, value: Any) -> Node | None:  # noqa: ANN401 - see above
    """Choose the record a value is."""
    while isinstance(node, Depends | Tagged):
        if not isinstance(value, Mapping):
            return None
        node = node.choose(value) if isinstance(node, Depends) else node.case(value)
    return node


def _member(node: Node | None, step: str | int) -> Node | None:
    member = node.members.get(str(step)) if isinstance(node, Record) else None
    return member.node if member else None


def _inside(value: Any, step: str | int) -> Any:  # noqa: ANN401 - see above
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None
