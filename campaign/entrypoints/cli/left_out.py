"""The file of those who get no message: row by row, why, and what to do."""

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from campaign.entrypoints import words

if TYPE_CHECKING:
    from campaign.bootstrap.exporting import LeftOutFile
    from campaign.ports import Excluded

HEADER: Final = ("row", "number", "reason", "detail", "what to do")

# How a refusal's detail begins where the number was read.
_MASKED: Final = re.compile(r"\+?\d*…\d{4}\b")

LeftOut = Annotated[
    Path | None, typer.Option(metavar="OUT.csv", help="Write who gets no message: row, reason, what to do.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there already.")]


def opened(path: Path, *, force: bool) -> "AbstractContextManager[LeftOutFile]":
    """Open the file to write."""
    from campaign.bootstrap.exporting import left_out_file  # noqa: PLC0415 - heavy, and `--help` is not

    return left_out_file(path, header=HEADER, spell=cells, replace=force)


def told(file: "LeftOutFile") -> str:
    """Say what was written."""
    return f"left out, row by row, with what to do: {file.sheet.path} ({words.counted(file.sheet.rows, 'row')})"


def cells(each: "Excluded") -> tuple[str, str, str, str]:
    """Spell number, reason, detail and what to do."""
    if each.detail:
        detail, _, remedy = each.detail.partition("; ")
        seen = _MASKED.match(detail)
        number = each.number or (seen[0] if seen else "")
        return number, each.reason, detail, remedy or words.of(words.REFUSED, each.reason).remedy
    known = words.of(words.SKIPPED, each.reason)
    return each.number, each.reason, f"{known.words}{_more(each)}", known.remedy


def _more(each: "Excluded") -> str:
    if each.told is None:
        return ""
    who = words.of(words.SUPPRESSED_BY, each.told).words if each.reason == "suppressed" else each.told
    return f": {who}"
