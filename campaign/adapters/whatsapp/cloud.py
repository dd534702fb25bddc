"""The Cloud API's dialect: our message on the wire, and the wire's answer in our words."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import aiohttp
import orjson
from yarl import URL

from campaign.adapters.whatsapp.wire import Table, Upload, is_code, is_message_id, media_id, read_object
from campaign.domain.outcome import Accepted, Outcome, Unclear
from campaign.ports import Post
from campaign.ports.media import MediaFile

HELD = frozenset({"held_for_quality_assessment", "paused"})

# A read receipt is the one message that begins so: rendered messages have their members in order.
_RECEIPT = (b'{"message_id":', b'{"status":')

_HEAD = b'{"messaging_product":"whatsapp","recipient_type":"individual","to":%b,"biz_opaque_callback_data":%b,%b%b'


class CloudWire:
    """The Cloud API at one address and version."""

    def __init__(self, table: Table, *, base_url: str, version: str) -> None:
        self._table = table
        self._prefix = f"{base_url.rstrip('/')}/{version}/"
        self._urls: dict[tuple[str, str], URL] = {}

    def url(self, post: Post) -> URL:
        return self._url(post.address, post.route.endpoint)

    def envelope(self, post: Post) -> bytes:
        """Put the address, our reference and the route's members around the rendered message, without parsing it."""
        if post.content.startswith(_RECEIPT):
            return b'{"messaging_product":"whatsapp",' + post.content[1:]
        return _HEAD % (orjson.dumps(post.to), orjson.dumps(post.callback), post.route.members, post.content[1:])

    def understand(self, post: Post, status: int, _: Mapping[str, str], body: bytes) -> Outcome:
        answer = read_object(body)
        if answer is None:
            return Unclear("unreadable")
        return _accepted(post, answer) if status == 200 else self.refused(status, answer)  # noqa: PLR2004 - the one that accepts

    def refused(self, status: int, answer: Mapping[str, Any]) -> Outcome:
        error = answer.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        return self._table.outcome(status, code) if is_code(code) else Unclear(f"http_{status}")

    def upload(self, address: str, file: MediaFile) -> Upload:
        """Source: media reference, `POST /{version}/{phone number id}/media`, a form of three fields (Nov 2025)."""
        form = aiohttp.FormData({"messaging_product": "whatsapp", "type": file.mime})
        form.add_field("file", BytesIO(file.content), filename=file.name, content_type=file.mime)
        return Upload(self._url(address, "media"), form, None)

    def media_id(self, answer: Mapping[str, Any]) -> str | None:
        return media_id(answer.get("id"))

    def _url(self, address: str, endpoint: str) -> URL:
        url = self._urls.get((address, endpoint))
        if url is None:
            url = self._urls[address, endpoint] = URL(f"{self._prefix}{address}/{endpoint}")
        return url


def _accepted(post: Post, answer: dict[str, Any]) -> Outcome:
    match answer.get("messages"):
        case [{"id": message_id, **rest}] if is_message_id(message_id):
            status = rest.get("message_status")
            return Accepted(message_id, held=isinstance(status, str) and status in HELD)
        case None if answer.get("success") is True:
            return _receipt(post)
        case _:
            return Unclear("no_message_id")


def _receipt(post: Post) -> Outcome:
    """Name what was marked as read: the answer to a read receipt names nothing."""
    read = orjson.loads(post.content).get("message_id")
    return Accepted(read) if is_message_id(read) else Unclear("no_message_id")
