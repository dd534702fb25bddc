"""CSV files for a spreadsheet: no cell is a formula, and no number is in full."""

import csv
import glob
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import mask

_NUMBER: Final = re.compile(r"\+?\d{7,}")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

# With a BOM, or Excel shows the mask's "…" as three letters.
_ENCODING: Final = "utf-8-sig"


class Sheet:
    """A file that appears when it is complete; written row by row, nothing of it is held in memory.

    Raises ConfigurationError where it cannot be written, or is there already and not to be replaced.
    """

    def __init__(self, path: Path, header: Sequence[str], *, replace: bool) -> None:
        self.path = path
        self.rows = 0
        self._header = header
        self._replace = replace
        self._part = path.parent / f".{path.name}.{os.getpid()}"
        self.completed = False

    def __enter__(self) -> Self:
        """Look first whether it can be written: what fills it may take minutes."""
        if self.path.exists() and not self.path.is_file():
            # A folder, or a device, which only root would lose.
            raise ConfigurationError("that is no regular file", where=str(self.path), remedy="choose another path")
        if self.path.exists() and not self._replace:
            raise ConfigurationError(
                "the file is there already", where=str(self.path), remedy="choose another name, or add --force"
            )
        self._remove_stale()
        try:
            self._file = self._part.open("w", encoding=_ENCODING, newline="")
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self._writer = csv.writer(self._file)
        self._writer.writerow(self._header)
        return self

    def _remove_stale(self) -> None:
        """Remove what a process that was killed left of this file."""
        for old in self.path.parent.glob(f".{glob.escape(self.path.name)}.*"):
            with suppress(OSError, ValueError):
                if not _lives(int(old.suffix[1:])):
                    old.unlink()

    def write(self, row: int, *cells: str) -> None:
        """Add one row."""
        try:
            self._writer.writerow((row, *map(safe, cells)))
        except OSError as error:
            raise _unwritable(self.path, error) from error
        self.rows += 1

    def complete(self) -> None:
        """Say that nothing is missing; without it the file is thrown away."""
        self.completed = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file into its place, or leave nothing behind."""
        try:
            self._file.close()
            if self.completed:
                self._part.replace(self.path)
        except OSError as broken:
            raise _unwritable(self.path, broken) from broken
        finally:
            with suppress(OSError):
                self._part.unlink()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def write_refusals(path: Path, rows: Iterable[tuple[int, str, str]]) -> None:
    """Write (row, reason, what to do), in the place of an older file."""
    with Sheet(path, ("row", "reason", "what to do"), replace=True) as sheet:
        for each in rows:
            sheet.write(*each)
        sheet.complete()


def safe(cell: str) -> str:
    """Spell a cell so that a spreadsheet shows it and does nothing else."""
    masked = _NUMBER.sub(lambda found: mask(found[0]), cell)
    return f"'{masked}" if masked.startswith(_FORMULA) else masked


def _unwritable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(f"cannot be written ({error.strerror})", where=str(path), remedy="choose another path")
