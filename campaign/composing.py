"""A run's messages, made ready for one sending number: files uploaded, dialect spoken, route chosen."""

import asyncio
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
import structlog

from campaign.domain.dialects import Dialect, shaped
from campaign.domain.media import UPLOAD_SECONDS, Carried, carried, rewritten, sha256_of
from campaign.domain.rendering import UnusableMessage, compile_message
from campaign.domain.variants import variants_of
from campaign.ports import (
    Composed,
    KnownUpload,
    MediaApi,
    MediaStore,
    NotComposed,
    Route,
    RunningRun,
    Uploaded,
)

log = structlog.get_logger()

# An id is renewed when it serves for less than this: an upload that fails has a day to be tried again.
RENEW_BEFORE_SECONDS: Final = 86_400.0
# How soon a renewal that failed, or that somebody else is at, is looked at again.
RETRY_SECONDS: Final = 300.0
# A claim outlives its process by this, as a shard does; a living one holds it for as long as the upload takes.
CLAIM_SECONDS: Final = 10.0
HOLD_EVERY_SECONDS: Final = 3.0
# Who finds a file being uploaded looks again so often, for as long as a dead uploader could keep them waiting.
LOOK_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = CLAIM_SECONDS + LOOK_SECONDS
# Shards that share a number share what became of its upload, too.
SHARED_SECONDS: Final = 1.0

_BEING_UPLOADED: Final = NotComposed("a file of the message is being uploaded")


@dataclass(slots=True)
class _Turn:
    """Whose turn it is, of one process's shards, to see to one file for one number; and what the last one met."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    failed: NotComposed | None = None
    failed_at: float = -math.inf


class MessageComposer:
    """The port `Composer`. One of all processes uploads a file for a number; the others wait until it is there."""

    def __init__(self, store: MediaStore, api: MediaApi, *, dialect: Dialect) -> None:
        self._store = store
        self._api = api
        self._dialect = dialect
        self._turns: defaultdict[tuple[str, bytes], _Turn] = defaultdict(_Turn)

    async def compose(self, run: RunningRun, address: str) -> Composed | NotComposed:
        """Make a run's messages ready for the number `address`; uploads what it does not have yet."""
        variants = variants_of(run.definition)
        ids: dict[bytes, str] = {}
        good_for = math.inf
        for sha256 in {sha256_of(each.value) for variant in variants for each in carried(variant.message)}:
            found = await self._id(address, sha256)
            if isinstance(found, NotComposed):
                return found
            ids[sha256] = found.media_id
            good_for = min(good_for, _good_for(found))
        compiled = []
        for variant in variants:
            try:
                wire = shaped(with_ids(variant.message, ids), self._dialect)
                compiled.append(compile_message(wire, self._dialect, category=run.definition.get("category")))
            except UnusableMessage as error:
                return NotComposed(f"variant {variant.name}: {error}" if variant.name else str(error), refused=True)
        return Composed(tuple(compiled), route_of(run.definition), good_for)

    async def _id(self, address: str, sha256: bytes) -> KnownUpload | NotComposed:
        """Find what the number calls a file; what fails while an older id serves changes nothing."""
        known = await self._store.known(address, sha256)
        if known is not None and known.seconds_left > RENEW_BEFORE_SECONDS:
            return known
        if known is None:
            return await self._in_turn(address, sha256)
        renewed = await self._upload(address, sha256)
        return known if isinstance(renewed, NotComposed) else renewed

    async def _in_turn(self, address: str, sha256: bytes) -> KnownUpload | NotComposed:
        """Have a file uploaded that the number does not know; the shards of a number that ask together ask once."""
        turn, now = self._turns[address, sha256], asyncio.get_running_loop().time
        async with turn.lock:
            if turn.failed is not None and now() - turn.failed_at < SHARED_SECONDS:
                return turn.failed
            made = await self._store.known(address, sha256) or await self._awaited(address, sha256)
            turn.failed, turn.failed_at = made if isinstance(made, NotComposed) else None, now()
        return made

    async def _awaited(self, address: str, sha256: bytes) -> KnownUpload | NotComposed:
        """Upload a file, or wait for the process that does."""
        for _ in range(round(PATIENCE_SECONDS / LOOK_SECONDS)):
            made = await self._upload(address, sha256)
            if made is not _BEING_UPLOADED:
                return made
            await asyncio.sleep(LOOK_SECONDS)
            if (known := await self._store.known(address, sha256)) is not None:
                return known
        return _BEING_UPLOADED

    async def _upload(self, address: str, sha256: bytes) -> KnownUpload | NotComposed:
        claimed = await self._store.claim(
            address, sha256, seconds=CLAIM_SECONDS, renew_before_seconds=RENEW_BEFORE_SECONDS
        )
        if not claimed:
            return _BEING_UPLOADED
        made = await self._upload_claimed(address, sha256)
        if isinstance(made, NotComposed):
            await self._store.release(address, sha256)
        return made

    async def _upload_claimed(self, address: str, sha256: bytes) -> KnownUpload | NotComposed:
        file = await self._store.file(sha256)
        if file is None:
            return NotComposed("a file of the message is not in the ledger", refused=True)
        async with self._holding(address, sha256):
            answer = await self._api.upload(address, file)
        if not isinstance(answer, Uploaded):
            log.warning("media.not_uploaded", why=answer.why, code=answer.code)
            return NotComposed(answer.why, answer.refused, answer.code, answer.halt)
        seconds = UPLOAD_SECONDS[self._dialect]
        await self._store.note(address, sha256, answer.media_id, seconds=seconds)
        log.info("media.uploaded", bytes=len(file.content), mime=file.mime)
        return KnownUpload(answer.media_id, seconds)

    @asynccontextmanager
    async def _holding(self, address: str, sha256: bytes) -> AsyncIterator[None]:
        """Keep the claim while the block lasts: an upload may take minutes, a dead process must not."""

        async def hold() -> None:
            while True:
                await asyncio.sleep(HOLD_EVERY_SECONDS)
                await self._store.hold(address, sha256, seconds=CLAIM_SECONDS)

        holding = asyncio.create_task(hold(), name="hold an upload")
        try:
            yield
        finally:
            holding.cancel()


def with_ids(message: Mapping[str, Any], ids: Mapping[bytes, str]) -> dict[str, Any]:
    """Put the platform's ids in the places of the files."""

    def write(each: Carried, node: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in node.items() if key != "file"} | {"id": ids[sha256_of(each.value)]}

    return rewritten(message, write)


def route_of(definition: Mapping[str, Any]) -> Route:
    """Choose the endpoint a run asked for, with what it wants told beside the message."""
    via = definition.get("via") or {}
    if via.get("endpoint") != "marketing_messages":
        return Route()
    members = sorted(via["members"].items())
    return Route(
        "marketing_messages", b"".join(b"%b:%b," % (orjson.dumps(key), orjson.dumps(it)) for key, it in members)
    )


def _good_for(upload: KnownUpload) -> float:
    if upload.seconds_left > RENEW_BEFORE_SECONDS:
        return upload.seconds_left - RENEW_BEFORE_SECONDS
    return min(RETRY_SECONDS, upload.seconds_left)
