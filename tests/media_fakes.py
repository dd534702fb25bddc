"""Files as they begin, and a store and an uploader of them in memory."""

import asyncio
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from campaign.ports import KnownUpload, MediaFile, NotUploaded, Uploaded


def png(*, depth: int = 8, colours: int = 6) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">IIBBBBB", 4, 4, depth, colours, 0, 0, 0)


def ogg(*, channels: int = 1, codec: bytes = b"OpusHead") -> bytes:
    return b"OggS" + bytes(24) + codec + b"\x01" + bytes([channels]) + bytes(17)


def webp(width: int = 512, height: int = 512, *, moves: bool = False, size: int = 0) -> bytes:
    canvas = (
        bytes([0x02 if moves else 0, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    )
    return (b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00" + canvas).ljust(size, b"\x00")


def lossy(width: int = 512, height: int = 512) -> bytes:
    return b"RIFF\x00\x00\x00\x00WEBPVP8 \x00\x00\x00\x00\x00\x00\x00\x9d\x01\x2a" + struct.pack("<HH", width, height)


def lossless(width: int = 512, height: int = 512) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return b"RIFF\x00\x00\x00\x00WEBPVP8L\x00\x00\x00\x00\x2f" + bits.to_bytes(4, "little") + bytes(8)


def file(content: bytes = b"%PDF-1.7", *, mime: str = "application/pdf", name: str = "menu.pdf") -> MediaFile:
    return MediaFile(sha256(content).digest(), mime, name, content)


@dataclass
class _Upload:
    media_id: str | None = None
    expires_at: float = 0.0
    claimed_until: float = 0.0


class MemoryMedia:
    """The port `MediaStore`, in the loop's own time."""

    def __init__(self, *files: MediaFile) -> None:
        self.files = {each.sha256: each for each in files}
        self.uploads: dict[tuple[str, bytes], _Upload] = {}

    async def keep(self, files: Sequence[MediaFile]) -> None:
        for each in files:
            self.files.setdefault(each.sha256, each)

    async def file(self, sha256: bytes) -> MediaFile | None:
        return self.files.get(sha256)

    async def known(self, address: str, sha256: bytes) -> KnownUpload | None:
        found = self.uploads.get((address, sha256))
        if found is None or found.media_id is None or found.expires_at <= _now():
            return None
        return KnownUpload(found.media_id, found.expires_at - _now())

    async def claim(self, address: str, sha256: bytes, *, seconds: float, renew_before_seconds: float) -> bool:
        found = self.uploads.setdefault((address, sha256), _Upload())
        fresh = found.media_id is not None and found.expires_at > _now() + renew_before_seconds
        if fresh or found.claimed_until > _now():
            return False
        found.claimed_until = _now() + seconds
        return True

    async def hold(self, address: str, sha256: bytes, *, seconds: float) -> None:
        self.uploads[address, sha256].claimed_until = _now() + seconds

    async def note(self, address: str, sha256: bytes, media_id: str, *, seconds: float) -> None:
        self.uploads[address, sha256] = _Upload(media_id, _now() + seconds)

    async def release(self, address: str, sha256: bytes) -> None:
        self.uploads[address, sha256].claimed_until = 0.0


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class ScriptedUploads:
    """The port `MediaApi`: numbers its ids, or answers as told."""

    answer: NotUploaded | None = None
    seconds: float = 0.0
    asked: list[tuple[str, bytes]] = field(default_factory=list)

    async def upload(self, address: str, file: MediaFile) -> Uploaded | NotUploaded:
        self.asked.append((address, file.content))
        await asyncio.sleep(self.seconds)
        return self.answer or Uploaded(f"id-{len(self.asked)}")
