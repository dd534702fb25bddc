"""How a webhook is posted: signed, a few at a time, and what the receiver makes of it."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import Counter
from typing import Any

import aiohttp

from campaign.simulator.line import Lines

_PARALLEL_POSTS = 8
ANSWER_LIMIT_S = 10.0
_SLOW_MS = 1000
_OK = 200


def sign(body: bytes, secret: str) -> str:
    """Sign the raw bytes as `X-Hub-Signature-256` carries it."""
    return "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()


async def handshake(url: str, verify_token: str) -> bool:
    """Ask the receiver to echo a challenge, as the platform does when a webhook is registered."""
    challenge = str(secrets.randbelow(10**9))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_LIMIT_S)) as session,
            session.get(url, params=query, allow_redirects=False) as answer,
        ):
            return answer.status == _OK and await answer.text() == challenge
    except (aiohttp.ClientError, TimeoutError):
        return False


class Reception:
    """How often the receiver answered what, and how long it took, in whole milliseconds."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._answers: Counter[str] = Counter()
        self._took: Counter[int] = Counter()

    def note(self, status: int | None, seconds: float) -> None:
        """Count one answer; None where there was none."""
        self._answers["none" if status is None else str(status)] += 1
        if status is not None:
            self._took[int(seconds * 1000)] += 1

    def summary(self) -> dict[str, Any]:
        over = sum(times for took, times in self._took.items() if took >= _SLOW_MS)
        quantiles = {name: self._quantile(share) for name, share in (("median", 0.5), ("p99", 0.99), ("worst", 1.0))}
        return {"webhook_answers": dict(sorted(self._answers.items())), "webhook_ms": {**quantiles, "over_1s": over}}

    def _quantile(self, share: float) -> int:
        seen, wanted = 0, share * self._took.total()
        for took, times in sorted(self._took.items()):
            seen += times
            if seen >= wanted:
                return took
        return 0


class Post:
    """POSTs to the receiver, a few at a time; says whether it answered 200."""

    def __init__(self, lines: Lines, reception: Reception) -> None:
        self._lines = lines
        self._reception = reception
        self._slots = asyncio.Semaphore(_PARALLEL_POSTS)

    async def __call__(self, body: bytes, signature: str | None) -> bool:
        headers = f"X-Hub-Signature-256: {signature}\r\n".encode() if signature else b""
        async with self._slots:
            began = time.perf_counter()
            status = await self._lines.post(body, headers)
            self._reception.note(status, time.perf_counter() - began)
        return status == _OK
