"""What a command says on stdout: one JSON object, or a page for people."""

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from campaign.domain.errors import CampaignError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from campaign.entrypoints.cli.failure import Failure
    from campaign.report import RunReport

WIDTH: Final = 100

# What JSON leaves as it is, and a terminal may act upon or turn the line around for.
_ACTING: Final = re.compile("[\x80-\x9f\u2028-\u202e\u2066-\u2069]")
_BEYOND_ASCII: Final = re.compile("[^\0-\x7f]")

# What a command's object holds beside the keys of a run, before there is anything to tell.
EMPTY: Final[Mapping[str, Mapping[str, Any]]] = {
    "plan": {
        "go": False,
        "findings": [],
        "consent": None,
        "cost": None,
        "starts_at": None,
        "ends_at": None,
        "plan": None,
        "ramp": [],
        "limit": None,
        "portions": [],
        "variants": [],
        "examples": [],
    },
    "preview": {"row": 0, "number": None, "variant": None, "left_out": None, "message": None},
    "demo": {"verdict": None},
    "templates": {"templates": []},
    "new": {"file": None, "columns": [], "template": None},
    "test": {"row": 0, "numbers": []},
    "doctor": {"healthy": False, "findings": []},
    "suppress": {"people": 0, "new": 0, "left_out": 0},
    "person": {
        "number": None,
        "known": False,
        "erased_at": None,
        "messages": [],
        "refusals": [],
        "suppressions": [],
        "preference": None,
        "windows": [],
        "wrote": [],
    },
    "erase": {"number": None, "messages": 0, "bodies": 0, "unread": 0},
}


class Output:
    """Stdout of one command; with `json` it carries exactly one object, whatever happens."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.quiet = False
        self.name: tuple[str | None, str | None] = (None, None)
        self.latest: RunReport | None = None
        self.empty: Mapping[str, Any] = {}
        self._told = False

    def tell(self, value: Mapping[str, Any]) -> None:
        """Print the one object of `--json`."""
        if not self._told:
            self._told = True
            _write(_spelled(value))

    def fail(self, failure: "Failure") -> None:
        """Print the object of a command that failed: what is known of its run, zeros for the rest."""
        self.tell({**self._known(), "error": failure.as_json(), **({"owner": failure.owner} if failure.owner else {})})

    def last_words(self) -> None:
        """Print what is known, for an exit that cannot wait."""
        if self.json:
            self.tell(self._known())

    def show(self, *pages: "RenderableType") -> None:
        """Print pages for people, in colour on a terminal."""
        if self.quiet or self.json:
            return
        page = console()
        with _writable():
            for each in pages:
                page.print(each)

    def say(self, text: str) -> None:
        """Print one plain line for people."""
        if not (self.quiet or self.json):
            from campaign.domain.preview import neutral  # noqa: PLC0415 - `--help` needs none

            _write(_wrapped(neutral(text)))

    def _known(self) -> Mapping[str, Any]:
        from campaign.report import RunReport  # noqa: PLC0415 - `--help` needs none

        return {**(self.latest or RunReport(*self.name)).as_json(), **self.empty}


def _write(text: str) -> None:
    with _writable():
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


@contextmanager
def _writable() -> Iterator[None]:
    """Tell a full disk by its name; that nobody reads any more is told by the exit code alone."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        remedy = "make room where it is written to; see `campaign status` for what was done"
        raise CampaignError(f"stdout cannot be written ({error.strerror})", remedy=remedy) from error


def _spelled(value: Mapping[str, Any]) -> str:
    """Spell an object, in escapes what a terminal would obey or stdout cannot hold."""
    import orjson  # noqa: PLC0415 - `--help` needs none

    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONEncodeError:
        # A file's name may be no text: half of a pair stands for each byte that is none.
        text = json.dumps(value, indent=2, default=str)
    unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    return (_ACTING if unicode else _BEYOND_ASCII).sub(lambda found: json.dumps(found[0])[1:-1], text)


def _wrapped(text: str) -> str:
    """Break a line between words where a terminal would break it anywhere; a pipe gets it whole."""
    if not sys.stdout.isatty():
        return text
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    columns = shutil.get_terminal_size().columns
    return textwrap.fill(text, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def console(*, stderr: bool = False) -> "Console":
    """Open a console; a pipe gets the same page, a hundred columns wide and without colour."""
    from campaign.entrypoints.cli.harmless import HarmlessConsole  # noqa: PLC0415 - `--help` has its own

    stream = sys.stderr if stderr else sys.stdout
    return HarmlessConsole(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDTH)
