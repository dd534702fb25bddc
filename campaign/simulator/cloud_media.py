"""Media of the Cloud API: upload, look up, delete (media reference; Nov 2025)."""

import hashlib

from aiohttp import BodyPartReader, web

from campaign.simulator.broken import plain
from campaign.simulator.dialect import Refusal
from campaign.simulator.media import Medium, objection
from campaign.simulator.platform import Platform
from campaign.simulator.replying import shown, stranger, upload_trouble

_INVALID = 100
_CHUNK_BYTES = 1 << 16


class CloudMedia:
    """Keeps what a file is, and forgets its bytes."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def upload(self, request: web.Request) -> web.Response:
        if refused := stranger(request, self._platform):
            return refused
        form = await _form_of(request)
        if isinstance(form, str):
            return self._refused(form)
        mime_type, size, sha256 = form
        if wrong := objection(mime_type, size):
            return self._refused(wrong)
        if refused := await upload_trouble(self._platform):
            return refused
        medium = self._platform.checks.media.put(request.match_info["number"], mime_type, size=size, sha256=sha256)
        return shown({"id": medium.media_id})

    def found(self, request: web.Request, media_id: str) -> web.Response | None:
        """Say what a file is; None where there is none of that id."""
        medium = self._platform.checks.media.find(media_id)
        return None if medium is None else stranger(request, self._platform) or shown(_medium_json(medium, request))

    async def delete(self, request: web.Request) -> web.Response:
        if refused := stranger(request, self._platform):
            return refused
        if self._platform.checks.media.delete(request.match_info["media_id"]):
            return shown({"success": True})
        return self._refused("The object does not exist.")

    def _refused(self, details: str) -> web.Response:
        return plain(self._platform.refused(Refusal(_INVALID, details)).answer)


def _medium_json(medium: Medium, request: web.Request) -> dict[str, object]:
    return {
        "url": f"{request.url.origin()}/media/{medium.media_id}",
        "mime_type": medium.mime_type,
        "sha256": medium.sha256,
        "file_size": medium.size,
        "id": medium.media_id,
        "messaging_product": "whatsapp",
    }


async def _form_of(request: web.Request) -> tuple[str, int, str] | str:
    """Read the form: type, size and hash of its file, or what is wrong with it."""
    if request.content_type != "multipart/form-data":
        return "The parameter file is required."
    fields, file = {}, None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            file = await _file_of(part)
        else:
            fields[part.name] = await part.text()
    if fields.get("messaging_product") != "whatsapp":
        return "The parameter messaging_product is required."
    if file is None:
        return "The parameter file is required."
    mime_type, size, sha256 = file
    # The reference asks for `type`, the OpenAPI file does not know it: the file's own header does as well.
    return fields.get("type") or mime_type, size, sha256


async def _file_of(part: BodyPartReader) -> tuple[str, int, str]:
    size, sha256 = 0, hashlib.sha256()
    while chunk := await part.read_chunk(_CHUNK_BYTES):
        size += len(chunk)
        sha256.update(chunk)
    return part.headers.get("Content-Type", ""), size, sha256.hexdigest()
