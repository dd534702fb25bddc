"""What the first bytes of a file say it is; codecs deeper inside are not looked into."""

import struct
from collections.abc import Callable
from typing import Final

_PDF_WITHIN: Final = 1024
_TEXT_LOOKED_AT: Final = 65_536
# The first page of an Ogg file names its codec within these bytes.
_FIRST_PAGE: Final = 512
_PNG_DEPTH: Final = 8
_PNG_RGB: Final = frozenset({2, 6})


def begins(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signatures)


def is_mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:10] != b"3g"


def is_3gp(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:10] == b"3g"


def is_mp3(content: bytes) -> bool:
    # An ID3 tag, or the sync word of an MPEG frame of layer III.
    return content[:3] == b"ID3" or _bits(content, 0xFFE6) == 0xFFE2  # noqa: PLR2004 - see above


def is_aac(content: bytes) -> bool:
    # ADIF, or the sync word of an ADTS frame, whose layer is 0.
    return content[:4] == b"ADIF" or _bits(content, 0xFFF6) == 0xFFF0  # noqa: PLR2004 - see above


def _bits(content: bytes, mask: int) -> int:
    return int.from_bytes(content[:2]) & mask


def is_webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def is_text(content: bytes) -> bool:
    # The end may cut a character in two.
    return b"\x00" not in content[:_TEXT_LOOKED_AT] and _is_utf8(content[:_TEXT_LOOKED_AT])


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def is_pdf(content: bytes) -> bool:
    # Readers allow something before the header.
    return b"%PDF-" in content[:_PDF_WITHIN]


def is_true_colour_png(content: bytes) -> bool:
    """Tell whether a PNG has 8 bits a channel, and red, green and blue ones: bytes 24 and 25 of its header."""
    return len(content) > 25 and content[24] == _PNG_DEPTH and content[25] in _PNG_RGB  # noqa: PLR2004 - see above


def opus_channels(content: bytes) -> int | None:
    """Count the channels of an Ogg file, or None if it is not Opus. Source: RFC 7845, 5.1."""
    at = content[:_FIRST_PAGE].find(b"OpusHead")
    return None if at < 0 else int.from_bytes(content[at + 9 : at + 10])


def webp_canvas(content: bytes) -> tuple[int, int, bool]:
    """Read width, height and whether it moves; zeros if the first chunk is of no known kind.

    Source: Google, "WebP Container Specification"; RFC 6386, 9.1; "WebP Lossless Bitstream Specification", 3.
    """
    kind, head = content[12:16], content[20:30].ljust(10, b"\x00")
    if kind == b"VP8X":
        return _three(head[4:7]) + 1, _three(head[7:10]) + 1, bool(head[0] & 0x02)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[6:10])
        return width & 0x3FFF, height & 0x3FFF, False
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, False
    return 0, 0, False


def _three(content: bytes) -> int:
    return int.from_bytes(content, "little")
