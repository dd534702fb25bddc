"""What the client needs of a dialect, and what both dialects share in reading answers."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeGuard

import orjson
from yarl import URL

from campaign.adapters.whatsapp.json_text import is_text
from campaign.domain.answers import Action, Dialect, in_doubt, listed
from campaign.domain.outcome import Outcome, Unclear
from campaign.ports import Post
from campaign.ports.media import MediaFile

LONGEST_MESSAGE_ID = 512
LONGEST_MEDIA_ID = 512

# What the ledger's column holds; WhatsApp's codes have at most seven digits.
LARGEST_CODE = 2**31 - 1


class Upload(NamedTuple):
    """A file as a request: `data` is what aiohttp sends, in pieces, so that others get their turn."""

    url: URL
    data: Any
    content_type: str | None


class Wire(Protocol):
    """A dialect: our message on the wire, and the wire's answer in our words."""

    def url(self, post: Post) -> URL: ...

    def envelope(self, post: Post) -> bytes: ...

    def understand(self, post: Post, status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Read an answer; whatever is not a documented one is unclear, since the message may have been accepted."""
        ...

    def refused(self, status: int, answer: Mapping[str, Any]) -> Outcome:
        """Read an answer that is no acceptance."""
        ...

    def upload(self, address: str, file: MediaFile) -> Upload: ...

    def media_id(self, answer: Mapping[str, Any]) -> str | None: ...


class Table(NamedTuple):
    """What the codes of a dialect mean: in an answer of 4xx, and in one of 5xx."""

    listed: Mapping[int, Outcome]
    in_doubt: Mapping[int, Outcome]

    def outcome(self, status: int, code: int) -> Outcome:
        """Look a code up. Only a 4xx says that nothing was accepted."""
        if 400 <= status < 500:  # noqa: PLR2004 - the range that refuses
            return self.listed.get(code) or Unclear("unlisted_code", code=code)
        doubted = self.in_doubt.get(code) if status >= 500 else None  # noqa: PLR2004 - the range that fails
        return doubted or Unclear(f"http_{status}", code=code)


def table_of(dialect: Dialect, overrides: Mapping[int, Action] | None = None) -> Table:
    """Take a dialect's answers, with the settings' own actions in place of some."""
    overrides = overrides or {}
    return Table(listed(dialect, overrides), in_doubt(dialect, overrides))


def read_object(body: bytes) -> dict[str, Any] | None:
    """Read an answer's JSON; None if it is no object."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None


def is_code(value: object) -> TypeGuard[int]:
    """Tell whether a value is a code that the ledger can hold."""
    return type(value) is int and 0 <= value <= LARGEST_CODE


def is_message_id(value: object) -> TypeGuard[str]:
    """Tell whether a value can be the id of a message."""
    return is_text(value, longest=LONGEST_MESSAGE_ID)


def media_id(value: object) -> str | None:
    """Take the id of an uploaded file; some answers write it as a number."""
    if type(value) is int:
        return str(value)
    return value if isinstance(value, str) and is_text(value, longest=LONGEST_MEDIA_ID) else None
