"""The On-Premises client's dialect, which providers still speak; see the Cloud API's for what the methods promise.

Source: Meta, On-Premises messages reference, errors, and rate limits (since v2.25.3).
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

import orjson
from yarl import URL

from campaign.adapters.whatsapp.wire import Table, Upload, is_code, is_message_id, media_id, read_object
from campaign.domain.outcome import Accepted, Halt, NotNow, Outcome, Rejected, Scope, Unclear
from campaign.ports import Post
from campaign.ports.media import MediaFile

# The sentence is the client's, and there only when the message is held; the words are what providers pass on.
HELD: Final = frozenset(
    {"Message has been held because quality assessment is pending", "held_for_quality_assessment", "paused"}
)

TAKEN: Final = (200, 201)

# HTTP statuses of the client that need no code to be understood.
NOT_LOGGED_IN: Final = 401
TOO_MANY_REQUESTS: Final = 429

# What others mean without a code. 503 is the client's overload: nothing documents that the message was refused.
_PLAIN: Final = {
    403: Unclear("http_403_not_allowed"),
    404: Unclear("http_404_no_such_path"),
    405: Unclear("http_405_wrong_method"),
    503: Unclear("http_503_overloaded", rest_seconds=2.0),
}

_LONGEST_RETRY_AFTER: Final = 3600


class OnPremisesWire:
    """An On-Premises client, or a provider that speaks like one, at one address."""

    def __init__(self, table: Table, *, base_url: str) -> None:
        self._table = table
        self._messages = URL(f"{base_url.rstrip('/')}/v1/messages")
        self._media = URL(f"{base_url.rstrip('/')}/v1/media")

    def url(self, _: Post) -> URL:
        return self._messages

    def envelope(self, post: Post) -> bytes:
        """Put the address around the rendered message; the dialect has no place for a reference of ours."""
        return b'{"recipient_type":"individual","to":%b,%b' % (
            orjson.dumps(post.to.removeprefix("+")),
            post.content[1:],
        )

    def understand(self, _: Post, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        answer = read_object(body)
        if status in TAKEN:
            return _accepted(answer)
        if status == TOO_MANY_REQUESTS and not any(_codes(answer or {})):
            return self._too_many(headers.get("Retry-After"))
        if answer is None and status not in (NOT_LOGGED_IN, *_PLAIN):
            return Unclear("unreadable")
        return self.refused(status, answer or {})

    def refused(self, status: int, answer: Mapping[str, Any]) -> Outcome:
        if status == NOT_LOGGED_IN:
            return self._table.listed.get(status) or NotNow(status, Scope.NUMBER, 1.0, Halt.TOKEN)
        found = [self._table.outcome(status, code) for code in _codes(answer)]
        if found:
            return max(found, key=_weight)
        if status == TOO_MANY_REQUESTS:
            return self._too_many(None)
        return _PLAIN.get(status) or Unclear(f"http_{status}")

    def upload(self, _: str, file: MediaFile) -> Upload:
        """Source: On-Premises media reference, `POST /v1/media`: the bytes, with their type."""
        return Upload(self._media, BytesIO(file.content), file.mime)

    def media_id(self, answer: Mapping[str, Any]) -> str | None:
        match answer.get("media"):
            case [{"id": found}]:
                return media_id(found)
        return None

    def _too_many(self, retry_after: str | None) -> Outcome:
        """Slow down: the rate limit of requests, a status without a code."""
        known = self._table.listed.get(TOO_MANY_REQUESTS)
        if isinstance(known, NotNow) and retry_after and retry_after.isascii() and retry_after.isdecimal():
            seconds = float(min(int(retry_after[:9]), _LONGEST_RETRY_AFTER))
            return NotNow(known.code, known.scope, max(known.seconds, seconds), known.halt)
        return known or NotNow(TOO_MANY_REQUESTS, Scope.SHARD, 1.0)


def _accepted(answer: dict[str, Any] | None) -> Outcome:
    if answer is None:
        return Unclear("unreadable")
    match answer.get("messages"):
        case [{"id": message_id, **rest}] if is_message_id(message_id):
            status = rest.get("message_status")
            return Accepted(message_id, held=isinstance(status, str) and status in HELD)
        case _:
            return Unclear("no_message_id")


def _codes(answer: Mapping[str, Any]) -> Iterator[int]:
    errors = answer.get("errors")
    for error in errors if isinstance(errors, list) else []:
        code = error.get("code") if isinstance(error, dict) else None
        if is_code(code):
            yield code


def _weight(outcome: Outcome) -> int:
    """Rank what several errors of one answer mean: doubt first, then what stops most, then what is never sent again."""
    match outcome:
        case Unclear():
            return 3
        case NotNow(halt=halt) if halt is not Halt.NOTHING:
            return 2
        case Rejected():
            return 1
        case _:
            return 0
