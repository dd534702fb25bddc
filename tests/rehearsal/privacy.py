"""Looks for what must never be said: secrets, phone numbers, message IDs, also inside base64."""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_DIGITS = re.compile(r"\d{9,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{20,}")


def leaks(files: Iterable[Path], *, secrets: Iterable[str], numbers: Iterable[str]) -> list[str]:
    """Name each file with a finding and what kind it is; never the finding itself."""
    hidden, known = tuple(secrets), _Numbers(tuple(numbers))
    found = ((path, path.read_text(errors="replace")) for path in files)
    return [f"{path.name}: {what}" for path, text in found for what in _findings(text, hidden, known)]


class _Numbers:
    """Numbers to look for, however much stands before and behind them."""

    def __init__(self, numbers: Sequence[str]) -> None:
        # As the file has them, and as they are dialled at home: 33612000000 is 0612000000.
        national = {f"0{number[2:]}" for number in numbers}
        self._known = set(numbers) | national
        self._lengths = sorted({len(number) for number in self._known})

    def within(self, text: str) -> bool:
        return any(
            run[start : start + length] in self._known
            for run in _DIGITS.findall(text)
            for length in self._lengths
            for start in range(len(run) - length + 1)
        )


def _findings(text: str, secrets: Sequence[str], numbers: _Numbers) -> Iterator[str]:
    if any(secret in text for secret in secrets):
        yield "a secret"
    if "wamid." in text:
        yield "a message ID"
    if numbers.within(text):
        yield "a phone number"
    if any(numbers.within(plain) for word in set(_BASE64.findall(text)) for plain in _decoded(word)):
        yield "a phone number in base64"


def _decoded(word: str) -> Iterator[str]:
    """Decode from each of the four places where a group may begin."""
    plain = word.replace("-", "+").replace("_", "/")
    for start in range(4):
        piece = plain[start:]
        piece = piece[: len(piece) // 4 * 4]
        yield base64.b64decode(piece).decode("latin-1")
