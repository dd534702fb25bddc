"""The Cloud API's dialect: our message on the wire, and the wire's answer in our words."""

from typing import Any, TypeGuard

import orjson

from campaign.adapters.whatsapp.answers import LISTED, REST_SECONDS
from campaign.adapters.whatsapp.json_text import is_text
from campaign.domain.outcome import Accepted, Outcome, Unclear
from campaign.ports import Post

HELD = frozenset({"held_for_quality_assessment", "paused"})
LONGEST_MESSAGE_ID = 512

# What the ledger's column holds; WhatsApp's codes have six digits.
LARGEST_CODE = 2**31 - 1


def envelope(post: Post) -> bytes:
    """Put the address and our reference around the rendered message, without parsing it."""
    return b'{"messaging_product":"whatsapp","recipient_type":"individual","to":%b,"biz_opaque_callback_data":%b,%b' % (
        orjson.dumps(post.to),
        orjson.dumps(post.callback),
        post.content[1:],
    )


def understand(status: int, body: bytes) -> Outcome:
    """Read an answer; whatever is not a documented one is unclear, since the message may have been accepted."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Unclear("unreadable", code=None)
    if not isinstance(answer, dict):
        return Unclear("unreadable")
    return _accepted(answer) if status == 200 else _refused(status, answer)  # noqa: PLR2004 - the one that accepts


def _accepted(answer: dict[str, Any]) -> Outcome:
    match answer.get("messages"):
        case [{"id": message_id, **rest}] if is_text(message_id, longest=LONGEST_MESSAGE_ID):
            status = rest.get("message_status")
            return Accepted(message_id, held=isinstance(status, str) and status in HELD)
        case _:
            return Unclear("no_message_id")


def _refused(status: int, answer: dict[str, Any]) -> Outcome:
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if not _is_code(code):
        return Unclear(f"http_{status}")
    if not 400 <= status < 500:  # noqa: PLR2004 - only a 4xx says that nothing was accepted
        return Unclear(f"http_{status}", code=code, rest_seconds=REST_SECONDS.get(code, 0.0))
    return LISTED.get(code) or Unclear("unlisted_code", code=code, rest_seconds=REST_SECONDS.get(code, 0.0))


def _is_code(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= LARGEST_CODE
