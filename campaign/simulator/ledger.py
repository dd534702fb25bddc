"""Who was accepted how often: the simulator's own, append-only account."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from campaign.simulator.dialect import Message
from campaign.simulator.fault import Answered

_CHUNK_BYTES = 1 << 20


class LedgerError(Exception):
    """A ledger file that cannot be continued; the text says where and what to do."""


class Ledger:
    """One JSON line per accepted request, in a file or in memory.

    A file is written through at once, so that killing the simulator loses nothing, and an existing one is continued:
    who was accepted before a restart still counts. Raises LedgerError, OSError.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lines: list[bytes] = []
        self._clear_counts()
        if path is not None and path.exists():
            self._replay(path)
        self._file = None if path is None else path.open("ab", buffering=0)

    def record(self, message: Message, *, answered: Answered) -> None:
        """Write one accepted request; `answered` is what its sender is told of it."""
        submission = message.submission
        entry = {
            "seq": message.seq,
            "at": message.at,
            "phone_number_id": message.number,
            "to": submission.to,
            "wamid": message.message_id,
            "callback_data": submission.callback_data,
            "content": submission.content,
            "category": message.category,
            "held": message.held,
            "answered": answered,
        }
        self._write(orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE))
        self._count(submission.person, submission.content)

    @property
    def recipients(self) -> int:
        return len(self._of_person)

    @property
    def duplicates(self) -> int:
        """Count acceptances beyond the first of each person."""
        return self.accepted - len(self._of_person)

    @property
    def duplicates_by_content(self) -> int:
        """Count acceptances beyond the first of each person and content."""
        return self.accepted - len(self._seen)

    def repeated(self) -> dict[str, int]:
        """List the people accepted more than once, by their digits."""
        return {person: times for person, times in self._of_person.items() if times > 1}

    def chunks(self) -> Iterator[bytes]:
        """Give the whole ledger as NDJSON, piece by piece."""
        if self._path is None:
            for start in range(0, len(self._lines), 1000):
                yield b"".join(self._lines[start : start + 1000])
            return
        with self._path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def summary(self) -> dict[str, Any]:
        return {
            "accepted": self.accepted,
            "recipients": self.recipients,
            "duplicates": self.duplicates,
            "duplicates_by_content": self.duplicates_by_content,
        }

    def clear(self) -> None:
        """Forget everything, the file's content included."""
        self._lines.clear()
        self._clear_counts()
        if self._file is not None:
            self._file.truncate(0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _clear_counts(self) -> None:
        self.accepted = 0
        self._of_person: Counter[str] = Counter()
        self._seen: set[bytes] = set()

    def _write(self, line: bytes) -> None:
        if self._file is None:
            self._lines.append(line)
        else:
            self._file.write(line)

    def _count(self, person: str, content: str) -> None:
        self.accepted += 1
        self._of_person[person] += 1
        # 16 bytes instead of two strings: a million recipients are an ordinary campaign.
        self._seen.add(hashlib.blake2b(f"{person}/{content}".encode(), digest_size=16).digest())

    def _replay(self, path: Path) -> None:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                entry = _entry(line, where=f"{path}:{number}")
                self._count("".join(filter(str.isdigit, entry["to"])), entry["content"])


def _entry(line: bytes, *, where: str) -> dict[str, Any]:
    try:
        entry = orjson.loads(line)
        return {"to": str(entry["to"]), "content": str(entry["content"])}
    except (orjson.JSONDecodeError, TypeError, KeyError):
        raise LedgerError(f"{where}: not a line of a ledger; name another file, or move this one away") from None
