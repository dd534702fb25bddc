"""The words the tables of messages are written in."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from campaign.domain.catalogue.fault import Dialect, Fault, Path
from campaign.domain.catalogue.forms import Form

# A template's parameter takes no new line, no tab and no more than four spaces in a row (132007, 132018).
# Source: Meta, "Error codes" of the Cloud API and its answer to such a parameter, Nov 2025.
PARAMETER: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]| {5}")
LINE: Final = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
LINES: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

CLOUD_ONLY: Final = "send it over a Cloud API account; On-Premises never learned it"


@dataclass(frozen=True, slots=True)
class Text:
    """A text: how long (a key of LIMITS), without which characters, in which form, for everybody the same or not.

    `trimmed` asks the Cloud API's rule on ids and titles; On-Premises tolerates blanks around them.
    """

    limit: str | None = None
    broken: re.Pattern[str] = LINES
    form: Form | None = None
    blank: bool = False
    constant: bool = False
    trimmed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, for everybody the same."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as JSON's own or as text; where it differs per recipient, `bare` writes it without quotes."""

    form: Form
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Free:
    """Keys and values of the author's own, at least one."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a rule may ask besides the value itself."""

    dialect: Dialect
    category: str | None


Rule = Callable[[Any, Path, Around], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class ListOf:
    """Items of one kind, as many as LIMITS says."""

    item: "Node"
    limit: str | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """What a key of a record holds; `only` names the one dialect that knows the key, `advice` what the other writes."""

    node: "Node"
    required: bool = False
    only: Dialect | None = None
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """Keys and values. Of each group in `one_of` exactly one key is there; `refused` keys have advice of their own."""

    members: Mapping[str, Member]
    one_of: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A record whose key `by` says which one it is; the tag is no member of the cases. `refused` tags have advice."""

    by: str
    cases: Mapping[str, Record]
    only: Mapping[str, tuple[Dialect, str]] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)

    def case(self, value: Mapping[str, Any]) -> Record | None:
        """Find the record by the tag; Meta's own samples write tags of templates in either case."""
        tag = value.get(self.by)
        return self.cases.get(tag.lower()) if isinstance(tag, str) else None


@dataclass(frozen=True, slots=True)
class Depends:
    """One node or another, by what the value holds."""

    choose: Callable[[Mapping[str, Any]], "Node"]


Node = Text | Choice | Flag | Number | Free | ListOf | Record | Tagged | Depends


def need(node: Node) -> Member:
    """Make a member that must be there."""
    return Member(node, required=True)


def may(node: Node) -> Member:
    """Make a member that may be left out."""
    return Member(node)


def only(dialect: Dialect, node: Node, advice: str) -> Member:
    """Make a member that one dialect alone knows."""
    return Member(node, only=dialect, advice=advice)
