"""What a command says on stdout: one JSON object, or a page for people."""

import shutil
import sys
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from campaign.entrypoints.cli.failure import Failure
    from campaign.report import RunReport

WIDTH: Final = 100

# What a command's object holds beside the keys of a run, before there is anything to tell.
EMPTY: Final[Mapping[str, Mapping[str, Any]]] = {
    "plan": {"go": False, "findings": [], "cost": None, "starts_at": None, "ends_at": None, "plan": None},
    "demo": {"verdict": None},
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
            import orjson  # noqa: PLC0415 - `--help` needs none

            self._told = True
            sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")
            sys.stdout.flush()

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
        for each in pages:
            page.print(each)

    def say(self, text: str) -> None:
        """Print one plain line for people."""
        if not (self.quiet or self.json):
            sys.stdout.write(_wrapped(text) + "\n")
            sys.stdout.flush()

    def _known(self) -> Mapping[str, Any]:
        from campaign.report import RunReport  # noqa: PLC0415 - `--help` needs none

        return {**(self.latest or RunReport(*self.name)).as_json(), **self.empty}


def _wrapped(text: str) -> str:
    """Break a line between words where a terminal would break it anywhere; a pipe gets it whole."""
    if not sys.stdout.isatty():
        return text
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    columns = shutil.get_terminal_size().columns
    return textwrap.fill(text, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def console(*, stderr: bool = False) -> "Console":
    """Open a console; a pipe gets the same page, a hundred columns wide and without colour."""
    from rich.console import Console  # noqa: PLC0415 - `--help` has its own

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDTH)
