"""CSV files: audiences read as a stream."""

import codecs
import csv
import hashlib
import io
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from campaign.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

DELIMITERS: Final = ",;\t"
LONGEST_FIELD: Final = 1_000_000
BATCH: Final = 1_000

_CHUNK: Final = 1 << 17
_SAVE_AS: Final = "save it as CSV UTF-8"
_NAMES_FIRST: Final = "begin with a line of column names"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_LINE: Final = 8 * LONGEST_FIELD
_PHONE: Final = re.compile(r"'?\+?[\d\s().-]{7,}")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file with a header that makes sense; nothing of it is held in memory."""

    path: Path
    columns: tuple[str, ...]
    delimiter: str

    def rows(self, batch: int = BATCH) -> Iterator[list[tuple[int, list[str]]]]:
        """Read the data rows in batches, numbered from 1; blank lines are no rows.

        Raises ConfigurationError at the first byte or record that cannot be read, naming file and line.
        """
        with _opened(self.path) as text:
            records = _records(self.path, text, self.delimiter)
            next(records, None)
            yield from _batches(self.path, records, len(self.columns), batch)

    def digest(self) -> str:
        """Hash the file's bytes, so that a later reading can tell whether it changed."""
        with open_regular(self.path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def open_csv(path: Path) -> CsvFile:
    """Read the header of an audience file; raise ConfigurationError if it cannot be used.

    UTF-8 with or without BOM; comma, semicolon or tab, whichever the header uses most.
    """
    delimiter = _delimiter(path)
    with _opened(path) as text:
        records = _records(path, text, delimiter)
        _, header = next(records, (1, []))
        columns = _columns(path, header)
        if next(records, None) is None:
            raise ConfigurationError("the file has a header and no rows", where=str(path), remedy="export it again")
    return CsvFile(path, columns, delimiter)


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file, and nothing that never ends; raise ConfigurationError. A pipe cannot be read twice."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ConfigurationError("this is a directory", where=str(path), remedy="name the CSV file in it")
        if not stat.S_ISREG(mode):
            raise ConfigurationError(
                "this is no regular file, and has to be read more than once",
                where=str(path),
                remedy="save it as a file",
            )
        return path.open("rb", buffering=0)
    except OSError as error:
        remedy = "correct the path" if isinstance(error, FileNotFoundError) else "make it readable"
        raise ConfigurationError(f"cannot be read ({error.strerror})", where=str(path), remedy=remedy) from error


def _opened(path: Path) -> io.TextIOWrapper:
    csv.field_size_limit(LONGEST_FIELD)
    vetted = io.BufferedReader(_Vetted(path, open_regular(path)), _CHUNK)
    return io.TextIOWrapper(vetted, encoding="utf-8-sig", newline="")


class _Vetted(io.RawIOBase):
    """Passes a file's bytes on, and refuses what is no text or would not fit into memory."""

    def __init__(self, path: Path, file: io.FileIO) -> None:
        self._path = path
        self._file = file
        self._offset = 0
        self._line_begins = 0

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        chunk = self._file.read(len(view))
        self._vet(chunk)
        view[: len(chunk)] = chunk
        self._offset += len(chunk)
        return len(chunk)

    def _vet(self, chunk: bytes) -> None:
        if self._offset == 0 and chunk.startswith(_UTF_16):
            raise ConfigurationError("the file is UTF-16 (byte 0)", where=f"{self._path}:1", remedy=_SAVE_AS)
        if (nul := chunk.find(b"\0")) >= 0:
            message = f"byte {self._offset + nul} is NUL, which no text contains"
            raise ConfigurationError(message, where=str(self._path), remedy=_SAVE_AS)
        end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._line_begins = self._offset + end + 1 if end >= 0 else self._line_begins
        if self._offset + len(chunk) - self._line_begins > _LONGEST_LINE:
            message = f"the line that begins at byte {self._line_begins} has more than {_LONGEST_LINE:,} bytes"
            raise ConfigurationError(
                message, where=str(self._path), remedy="export the file again, one record per line"
            )


def _delimiter(path: Path) -> str:
    with _opened(path) as text:
        try:
            line = text.readline()
        except UnicodeDecodeError as error:
            raise _not_utf8(path) from error
    if not line.strip():
        message = "the first line is blank" if line else "the file is empty"
        raise ConfigurationError(message, where=f"{path}:1", remedy=_NAMES_FIRST)
    outside_quotes = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=outside_quotes.count)


def _columns(path: Path, header: list[str]) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in header)
    where = f"{path}:1"
    if any(map(_PHONE.fullmatch, columns)):
        raise ConfigurationError("the first line holds a number", where=where, remedy=_NAMES_FIRST)
    if "" in columns:
        message = f"column {columns.index('') + 1} has no name"
        raise ConfigurationError(message, where=where, remedy="name it, or delete the column")
    for index, name in enumerate(columns):
        if (first := columns.index(name)) != index:
            message = f"columns {first + 1} and {index + 1} are both called '{name}'"
            raise ConfigurationError(message, where=where, remedy="rename or delete one")
    return columns


def _records(path: Path, text: io.TextIOWrapper, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line it begins on."""
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    begins = 1
    try:
        for record in reader:
            if record:
                yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _broken(path, begins, error) from error
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error


def _batches(
    path: Path, records: Iterable[tuple[int, list[str]]], width: int, batch: int
) -> Iterator[list[tuple[int, list[str]]]]:
    rows: list[tuple[int, list[str]]] = []
    for number, (line, record) in enumerate(records, 1):
        if len(record) != width:
            raise ConfigurationError(
                f"the record has {len(record)} fields, the header {width}",
                where=f"{path}:{line}",
                remedy="complete it, or put quotes around a field that holds the delimiter",
            )
        rows.append((number, record))
        if len(rows) == batch:
            yield rows
            rows = []
    if rows:
        yield rows


def _broken(path: Path, line: int, error: csv.Error) -> ConfigurationError:
    remedy = "close the quote, and double the quotes inside a quoted field"
    if "limit" in str(error):
        message = f"a field has more than {LONGEST_FIELD:,} characters, as after a quote that is never closed"
    elif "end of data" in str(error):
        message = "a quote is opened and never closed"
    else:
        message = "a quoted field goes on after its closing quote"
    return ConfigurationError(f"in the record that begins here, {message}", where=f"{path}:{line}", remedy=remedy)


def _not_utf8(path: Path) -> ConfigurationError:
    """Find the byte again: the decoder saw a piece of the file and does not know where in it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, line, chunk = 0, 1, b" "
    with open_regular(path) as file:
        while chunk:
            chunk = file.read(_CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                carried = len(error.object) - len(chunk)
                byte, line = offset - carried + error.start, line + error.object[carried : error.start].count(b"\n")
                message = f"byte {byte} is not UTF-8, as in a file saved as Latin-1 or Windows-1252"
                return ConfigurationError(message, where=f"{path}:{line}", remedy=_SAVE_AS)
            offset, line = offset + len(chunk), line + chunk.count(b"\n")
    return ConfigurationError("the file changed while it was read", where=str(path), remedy="try again")
