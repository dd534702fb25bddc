"""Where a number hides in what the platform sends: in other spellings, and inside message IDs."""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Final

# The ways the platform writes a canonical number of ours: what `countries.REWRITES` takes back.
_ALSO_WRITTEN: Final[dict[str, tuple[re.Pattern[str], str]]] = {
    "+55": (re.compile(r"\+55(\d\d)9([6-9]\d{7})"), r"+55\1\2"),
    "+52": (re.compile(r"\+52(\d{10})"), r"+521\1"),
    "+54": (re.compile(r"\+549([1236]\d{9})"), r"+54\1"),
}

# Country code and number: as few and as many digits as there are in one. Source: ITU-T E.164.
_DIGITS: Final = re.compile(rb"(?<![0-9])[1-9][0-9]{6,14}(?![0-9])")

# How an On-Premises message ID begins, before the number in packed digits. Source: the samples of Meta's reference,
# gBEGkYiE… and ABGGFlA…; the third byte counts the digits' bytes, and its highest bit says that the last is half empty.
_PACKED_HEADS: Final = (b"\x80\x11", b"\x00\x11")
_HALF_EMPTY: Final = 0x80


def traces(e164: str) -> list[str]:
    """List what shows that a text is about a number: its digits, and what they become inside a message ID."""
    return sorted({each for digits in _spellings(e164) for each in (digits, *_within_ids(digits))})


def digits_of(e164: str) -> list[str]:
    """List the digits of a canonical number as the platform may write them, without a plus."""
    return sorted(_spellings(e164))


def numbers_in(text: bytes) -> set[str]:
    """Find whatever may be a number with its country code, in E.164."""
    return {f"+{digits.decode()}" for digits in _DIGITS.findall(text)}


def numbers_in_id(message_id: str) -> set[str]:
    """Find whatever may be a number inside a message ID; most are base64 around the number they are about."""
    raw = _decoded(message_id.removeprefix("wamid."))
    packed = {f"+{digits}" for digits in _unpacked(raw)}
    return numbers_in(raw) | packed


def _spellings(e164: str) -> set[str]:
    rule = _ALSO_WRITTEN.get(e164[:3])
    other = rule[0].fullmatch(e164) if rule is not None else None
    also = {other.expand(rule[1])[1:]} if rule is not None and other is not None else set()
    return {e164[1:], *also}


def _within_ids(digits: str) -> Iterator[str]:
    # Base64 of a text depends on where in a group of three bytes it begins.
    for offset in range(3):
        yield _settled(digits.encode(), offset)
    odd = len(digits) % 2
    packed = bytes.fromhex(digits + "f" * odd)
    for head in _PACKED_HEADS:
        yield from _alphabets(_settled(head + bytes([len(packed) | _HALF_EMPTY * odd]) + packed, 0))


def _settled(raw: bytes, offset: int) -> str:
    """Give the characters of base64 that depend on these bytes alone."""
    encoded = b64encode(bytes(offset) + raw).decode()
    return encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


def _alphabets(encoded: str) -> Iterable[str]:
    # As it is, as JSON may escape it, and in the alphabet for addresses.
    return {encoded, encoded.replace("/", r"\/"), encoded.replace("/", "_").replace("+", "-")}


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _unpacked(raw: bytes) -> Iterator[str]:
    if raw[:2] in _PACKED_HEADS and len(raw) > len(raw[:2]):
        digits = raw[3 : 3 + raw[2] % _HALF_EMPTY].hex().removesuffix("f")
        if digits.isdecimal():
            yield digits
