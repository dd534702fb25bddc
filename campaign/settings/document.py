"""YAML with a memory: every value knows its line and column, and what was written before `${NAME}` was filled in."""

import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Final, Self

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from campaign.settings.findings import Finding, Findings
from campaign.settings.quantities import shown

Path_ = tuple[str | int, ...]

LONGEST_FILE: Final = 1 << 20
THIS: Final = "this key"
NAME: Final = re.compile(r"(\$?)\$\{([^}]*)\}")
# NUL, and half of a pair: an escape such as "\\uD800" leads to them, and neither a ledger nor a page can show them.
UNHOLDABLE: Final = re.compile("[\0\ud800-\udfff]")
PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})")
PLAIN_WORDS: Final[Mapping[str, str]] = {
    "found character '\\t' that cannot start any token": "a tab cannot indent YAML",
    "mapping values are not allowed here": "a colon is not expected here",
    "found unexpected end of stream": "a quote is never closed",
    "but found another document": "a second document begins here",
}


class Written(str):
    """A text with the form it had in the file, where `${NAME}` still stands for its value."""

    __slots__ = ("raw",)
    raw: str

    def __new__(cls, value: str, raw: str) -> Self:
        text = super().__new__(cls, value)
        text.raw = raw
        return text


@dataclass(slots=True)
class Document:
    """One file: its values, and where each key and each value stands."""

    path: Path
    environ: Mapping[str, str]
    findings: Findings
    value: dict[str, Any] = field(default_factory=dict)
    values: dict[Path_, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path_, tuple[int, int]] = field(default_factory=dict)

    def blame(self, path: Path_, what: str, remedy: str | None = None, *, key: bool = False) -> None:
        """Note what is wrong with a value, or with its key."""
        self.findings.add(Finding(*self.place(path, key=key), what, remedy))

    def place(self, path: Path_, *, key: bool = False) -> tuple[int, int]:
        """Find the line and column of a path, or of the nearest thing around it that was written."""
        order = (self.keys, self.values) if key else (self.values, self.keys)
        for length in range(len(path), 0, -1):
            for places in order:
                if path[:length] in places:
                    return places[path[:length]]
            order = (self.keys, self.values)
        return 1, 1


def read_document(path: Path, environ: Mapping[str, str]) -> Document:
    """Read a YAML file and fill in `${NAME}`; raise ConfigurationErrors if it is no YAML at all."""
    document = Document(path, environ, Findings(path))
    root = _parsed(_text(document), document)
    if isinstance(root, MappingNode):
        document.value = _Builder(document).mapping(root, ())
    else:
        document.blame((), "the file holds no keys", "start from the sample in config/")
        document.findings.raise_if_any()
    return document


def _text(document: Document) -> str:
    findings, path = document.findings, document.path
    try:
        found = path.stat()
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            findings.fail("that is no regular file", "save it as a file, and name that")
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
    except FileNotFoundError:
        findings.fail("there is no such file", "check the path")
    except IsADirectoryError:
        findings.fail("that is a folder", "name the file in it")
    except OSError as error:
        findings.fail(f"the file cannot be read ({error.strerror})", "check who may read it")
    if len(content) > LONGEST_FILE:
        findings.fail(
            f"the file has {found.st_size:,} bytes", "a file of at most 1 MiB is expected; recipients go elsewhere"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        findings.fail(f"byte {error.start + 1} is not UTF-8", "save the file as UTF-8", line=line)


def _parsed(text: str, document: Document) -> Node | None:
    try:
        return YAML(typ="safe", pure=True).compose(StringIO(text))  # type: ignore[no-any-return]
    except RecursionError:
        document.findings.fail("the file is nested too deeply", "a handful of levels is expected")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = PLAIN_WORDS.get(error.problem or "", error.problem or "it cannot be read")
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.findings.fail(f"not YAML: {what}", _yaml_remedy(what), line=line, column=column)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        document.findings.fail("not YAML: a character that text cannot hold", "save the file as plain text", line=line)
    except YAMLError:
        document.findings.fail("not YAML", "start from the sample in config/")


def _yaml_remedy(what: str) -> str:
    if "tab" in what:
        return "indent with spaces"
    return "look at the quotes, colons and indentation here; texts with ': ', '{' or '#' need quotes"


class _Builder:
    """Turns nodes into values, noting places, repeated keys and names that are not in the environment."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._seen: set[int] = set()

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is not None and not self._repeated(key, key_node, built, path):
                self._document.keys[*path, key] = _place(key_node)
                built[key] = self._value(value_node, (*path, key))
        return built

    def _key(self, node: Node) -> str | None:
        if isinstance(node, ScalarNode) and node.value != "<<" and not UNHOLDABLE.search(str(node.value)):
            return str(node.value)
        if isinstance(node, MappingNode):
            self._blame_key(node, "an expression needs quotes", 'write "{{ column }}"')
        else:
            self._blame_key(node, "that is no key", "write a plain word before the colon")
        return None

    def _repeated(self, key: str, node: Node, built: Mapping[str, Any], path: Path_) -> bool:
        if key in built:
            first = self._document.place((*path, key), key=True)[0]
            self._blame_key(node, f"{shown(key, THIS)} is here twice, first in line {first}", "keep one of them")
        return key in built

    def _value(self, node: Node, path: Path_) -> Any:  # noqa: ANN401 - a YAML value is any JSON value
        if id(node) in self._seen:
            self._document.blame(path, "an alias (*name) is not supported", "write the value out")
            return None
        self._seen.add(id(node))
        if not _is_empty(node):
            self._document.values[path] = _place(node)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path) if isinstance(node, ScalarNode) else None

    def _scalar(self, node: ScalarNode, path: Path_) -> Any:  # noqa: ANN401 - see above
        kind, text = str(node.tag).rpartition(":")[2], _paired(str(node.value))
        if node.style is None and kind == "null":
            # An empty `database:` must never mean "the default database".
            self._document.blame(
                path, f"{shown(path[-1], THIS)} has no value", "write one after the colon, or leave the key out"
            )
        if node.style is None and kind in PLAIN:
            return PLAIN[kind](text)
        if kind not in {"str", "timestamp", *PLAIN}:
            self._document.blame(path, f"the tag {node.tag} is not supported", "write the plain value")
        filled = "".join(self._filled_in(text, path)) if NAME.search(text) else text
        if UNHOLDABLE.search(filled):
            self._document.blame(path, "a character that text cannot hold", "write the text as people read it")
            return UNHOLDABLE.sub("\N{REPLACEMENT CHARACTER}", filled)
        return filled if filled is text else Written(filled, text)

    def _filled_in(self, text: str, path: Path_) -> Iterator[str]:
        at = 0
        for match in NAME.finditer(text):
            yield text[at : match.start()]
            yield match[0][1:] if match[1] else self._from_environment(match[2], path)
            at = match.end()
        yield text[at:]

    def _from_environment(self, name: str, path: Path_) -> str:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            self._document.blame(
                path, "that is no name of the environment", "write ${NAME}, or $${...} for the text itself"
            )
        elif name not in self._document.environ:
            self._document.blame(path, f"{name} is not in the environment", f"export {name}=... and run again")
        return self._document.environ.get(name, "")

    def _blame_key(self, node: Node, what: str, remedy: str) -> None:
        self._document.findings.add(Finding(*_place(node), what, remedy))


def _paired(text: str) -> str:
    """Join the halves of pairs: a file in JSON writes an emoji as two escapes."""
    return PAIR.sub(lambda pair: pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)


def _whole(text: str) -> int | str:
    # A number that starts with 0 is an id or a code: keep it as written.
    return int(text) if WHOLE.fullmatch(text) else text


PLAIN: Final[Mapping[str, Any]] = {
    "int": _whole,
    "float": lambda text: float(text.replace(".inf", "inf").replace(".nan", "nan").replace(".NaN", "nan")),
    "bool": lambda text: text.lower() == "true",
    "null": lambda _: None,
}


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _is_empty(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.value == "" and node.style is None
