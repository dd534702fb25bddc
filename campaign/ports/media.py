"""What files in messages need: the ledger as their store, and WhatsApp as the place they are uploaded to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from campaign.domain.outcome import Halt


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that messages carry."""

    sha256: bytes
    mime: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The platform took a file, and named it for one sending number."""

    media_id: str


@dataclass(frozen=True, slots=True)
class NotUploaded:
    """The platform did not take a file; with `refused` it will not take it later either."""

    why: str
    refused: bool = False
    code: int | None = None
    halt: Halt = Halt.NOTHING  # what the answer stops besides this upload


class MediaApi(Protocol):
    """WhatsApp, as uploads use it."""

    async def upload(self, address: str, file: MediaFile) -> Uploaded | NotUploaded:
        """Upload one file for one sending number; never raises for what the network or WhatsApp does."""
        ...


@dataclass(frozen=True, slots=True)
class KnownUpload:
    """An id that still serves for so many seconds."""

    media_id: str
    seconds_left: float


class MediaStore(Protocol):
    """The ledger, as the store of files and of their ids."""

    async def keep(self, files: Sequence[MediaFile]) -> None:
        """Store files that are not there yet."""
        ...

    async def file(self, sha256: bytes) -> MediaFile | None: ...

    async def known(self, address: str, sha256: bytes) -> KnownUpload | None: ...

    async def claim(self, address: str, sha256: bytes, *, seconds: float, renew_before_seconds: float) -> bool:
        """Become the one who uploads, unless somebody else does or a fresh id is there."""
        ...

    async def hold(self, address: str, sha256: bytes, *, seconds: float) -> None:
        """Stay the one who uploads for so many seconds more."""
        ...

    async def note(self, address: str, sha256: bytes, media_id: str, *, seconds: float) -> None:
        """Keep an id that serves for so many seconds."""
        ...

    async def release(self, address: str, sha256: bytes) -> None:
        """Let somebody else try: the upload came to nothing."""
        ...
