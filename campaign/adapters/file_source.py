"""A CSV file as an audience."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from campaign.adapters.files import CsvFile

BATCH: Final = 2_000


class FileSource:
    """Reads a file's rows; `share` says how much of it was read, from 0 to 1, estimated from its characters."""

    def __init__(self, file: CsvFile) -> None:
        self._file = file
        self._size = max(1, file.path.stat().st_size)
        self._read = _length(file.columns)

    @property
    def share(self) -> float:
        return min(1.0, self._read / self._size)

    async def columns(self) -> Sequence[str]:
        return self._file.columns

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        for rows in self._file.rows(BATCH):
            self._read += sum(_length(cells) for _, cells in rows)
            yield rows


def _length(cells: Sequence[str]) -> int:
    """Count a line's characters, its delimiters and its end."""
    return len(cells) + sum(map(len, cells))
