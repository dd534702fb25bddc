"""How far the reading of a file is."""

import sys
from typing import Self


class Progress:
    """A line on the terminal while a file is read."""

    def __init__(self) -> None:
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def show(self, rows: int, share: float) -> None:
        if sys.stderr.isatty():
            self._shown = True
            sys.stderr.write(f"\r  {rows:,} rows, {share:.0%} of the file")
            sys.stderr.flush()
