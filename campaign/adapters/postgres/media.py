"""The ledger as the store of files that messages carry, and of what WhatsApp calls them."""

from collections.abc import Sequence

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.ports import KnownUpload, MediaFile

_SQL = load_queries("media")


class PostgresMedia:
    """The port `MediaStore`. A command keeps files and asks once; all else waits for a ledger that is away."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def keep(self, files: Sequence[MediaFile]) -> None:
        """Store files that are not there yet; their bytes travel only then."""
        for each in files:
            await ask(lambda each=each: self._keep(each))  # type: ignore[misc] # the loop's own file

    async def _keep(self, file: MediaFile) -> None:
        if not await self._pool.fetchval(_SQL["has_file"], file.sha256):
            await self._pool.execute(_SQL["keep_file"], file.sha256, file.mime, file.name, file.content)

    async def file(self, sha256: bytes) -> MediaFile | None:
        row = await self._fetchrow("file", sha256)
        return MediaFile(*row) if row is not None else None

    async def known(self, address: str, sha256: bytes) -> KnownUpload | None:
        row = await self._fetchrow("known_upload", address, sha256)
        return KnownUpload(*row) if row is not None else None

    async def claim(self, address: str, sha256: bytes, *, seconds: float, renew_before_seconds: float) -> bool:
        return await self._fetchrow("claim_upload", address, sha256, seconds, renew_before_seconds) is not None

    async def hold(self, address: str, sha256: bytes, *, seconds: float) -> None:
        await self._fetchrow("hold_upload", address, sha256, seconds)

    async def note(self, address: str, sha256: bytes, media_id: str, *, seconds: float) -> None:
        await self._fetchrow("note_upload", address, sha256, media_id, seconds)

    async def release(self, address: str, sha256: bytes) -> None:
        await self._fetchrow("release_upload", address, sha256)

    async def _fetchrow(self, name: str, *args: object) -> asyncpg.Record | None:
        return await patiently(lambda: self._pool.fetchrow(_SQL[name], *args))
