"""The proof that a webhook comes from the platform."""

import hmac
import re
from collections.abc import Sequence
from hashlib import sha256

HEADER = "X-Hub-Signature-256"

_FORM = re.compile(r"sha256=([0-9a-f]{64})", re.ASCII)


def sign(body: bytes, secret: str) -> str:
    """Write the header's value as Meta does: HMAC-SHA256 of the raw bytes, keyed with the app secret."""
    return "sha256=" + hmac.digest(secret.encode(), body, sha256).hex()


def is_signed(body: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Tell whether one of the secrets signed these raw bytes; two are in use while one is being replaced.

    Raw means as received: the same JSON written again, with its escapes or emoji spelled otherwise, is another text.
    """
    match = _FORM.fullmatch(header) if header is not None else None
    if match is None:
        return False
    claimed = bytes.fromhex(match[1])
    genuine = False
    # No early return: how long it takes must not tell which secret it was.
    for secret in secrets:
        genuine |= hmac.compare_digest(hmac.digest(secret.encode(), body, sha256), claimed)
    return genuine
