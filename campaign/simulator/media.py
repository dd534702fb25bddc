"""Files somebody uploaded: kept by their id, without their bytes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_MB = 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument"

# Bytes a file of each type may have (media reference, Cloud; Nov 2025).
SIZE_LIMITS: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("image/jpeg", "image/png"), 5 * _MB),
        **dict.fromkeys(("video/mp4", "video/3gp", "video/3gpp"), 16 * _MB),
        **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * _MB),
        **dict.fromkeys(
            (
                "text/plain",
                "application/pdf",
                "application/msword",
                "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                f"{_OFFICE}.wordprocessingml.document",
                f"{_OFFICE}.spreadsheetml.sheet",
                f"{_OFFICE}.presentationml.presentation",
            ),
            100 * _MB,
        ),
        # An animated sticker; a still one has 100 KB, which its type does not tell.
        "image/webp": 500 * 1024,
    }
)


@dataclass(frozen=True, slots=True)
class Medium:
    """One file, as its number may use it."""

    media_id: str
    number: str
    mime_type: str
    size: int
    sha256: str


class MediaStore:
    """The files of all numbers. An id is good for the number it was uploaded to alone."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._kept: dict[str, Medium] = {}
        self.uploads = 0

    def put(self, number: str, mime_type: str, *, size: int, sha256: str) -> Medium:
        medium = Medium(str(10**15 + secrets.randbelow(10**14)), number, mime_type, size, sha256)
        self._kept[medium.media_id] = medium
        self.uploads += 1
        return medium

    def find(self, media_id: str) -> Medium | None:
        return self._kept.get(media_id)

    def delete(self, media_id: str) -> bool:
        """Forget a file; False where there is none of that id."""
        return self._kept.pop(media_id, None) is not None

    def knows(self, number: str, media_id: str) -> bool:
        medium = self._kept.get(media_id)
        return medium is not None and medium.number == number


def objection(mime_type: str, size: int) -> str | None:
    """Say what speaks against a file of that type and size, if anything."""
    limit = SIZE_LIMITS.get(mime_type.partition(";")[0].strip().lower())
    if limit is None:
        return "Param file must be a file with one of the types the platform takes."
    if size == 0:
        return "Param file is empty."
    return None if size <= limit else f"Param file must be at most {limit} bytes long."
