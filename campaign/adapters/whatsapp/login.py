"""The On-Premises client's login: a user name and a password for a token of seven days.

Source: Meta, On-Premises "Login" (`POST /v1/users/login`): `users[0].token`, `users[0].expires_after`; error 1024 until
the first login sets a new password.
"""

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp

from campaign.adapters.whatsapp.asking import Reply, ask
from campaign.adapters.whatsapp.grants import Grant, Secret
from campaign.domain.outcome import Halt, NotNow, NotSent, Scope

NEW_PASSWORD_NEEDED: Final = 1024
REFUSED: Final = 401

_WEEK: Final = 7 * 86_400.0
_RENEWED_AFTER: Final = 0.9  # of its life: with seven days, most of a day is left to try in
_TRY_AGAIN_SECONDS: Final = 60.0

# A token that is refused so soon, and has never served, would be refused again.
_YOUNG_SECONDS: Final = 60.0

# A wait that is longer makes messages too old to be sent; they go back in line.
_LOGIN_SECONDS: Final = 10.0

_TOKEN: Final = re.compile(r"[\x21-\x7e]{1,8192}")


class Login:
    """Logs in when a token is needed, once for all who wait for it, and again well before it expires."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        username: str,
        password: Secret,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._url = f"{base_url.rstrip('/')}/v1/users/login"
        self._username = username
        self._password = password
        self._now = now
        self._grant: Grant | None = None
        self._renew_at = 0.0
        self._expires_at = 0.0
        self._under_way: asyncio.Task[Grant | NotNow | NotSent] | None = None

    @property
    def grant(self) -> Grant | None:
        if self._grant is None or (now := self._now()) >= self._expires_at:
            return None
        if now >= self._renew_at:
            # The old one still serves: nobody waits for this.
            self._begin()
        return self._grant

    async def obtain(self) -> Grant | NotNow | NotSent:
        grant = self.grant
        return await asyncio.shield(self._begin()) if grant is None else grant

    async def renew(self, refused: Grant) -> bool:
        if not refused.proven and self._now() - refused.since < _YOUNG_SECONDS:
            return False
        if self._grant is refused:
            self._grant = None
        # A client that cannot be reached is no reason to stop: the next message will wait for it.
        return not isinstance(await self.obtain(), NotNow)

    async def close(self) -> None:
        """Give up a login that is under way."""
        if self._under_way is not None:
            self._under_way.cancel()
            await asyncio.wait([self._under_way])

    def _begin(self) -> asyncio.Task[Grant | NotNow | NotSent]:
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._log_in(), name="login")
        return self._under_way

    async def _log_in(self) -> Grant | NotNow | NotSent:
        try:
            reply = await self._ask()
            if _refused(reply) and self._password.reread():
                reply = await self._ask()
            return self._understand(reply)
        finally:
            self._under_way = None

    async def _ask(self) -> Reply:
        written = f"{self._username}:{self._password.reveal()}".encode()
        basic = Grant(f"Basic {b64encode(written).decode()}")
        return await ask(self._session, "POST", self._url, basic, seconds=_LOGIN_SECONDS)

    def _understand(self, reply: Reply) -> Grant | NotNow | NotSent:
        now = self._now()
        match reply.content.get("users"):
            case [{"token": str(token), **rest}] if reply.ok and _TOKEN.fullmatch(token):
                life = _life(rest.get("expires_after"), now)
                self._renew_at, self._expires_at = now + _RENEWED_AFTER * life, now + life
                self._grant = Grant(f"Bearer {token}", since=now)
                return self._grant
        self._renew_at = now + _TRY_AGAIN_SECONDS
        if _refused(reply):
            return NotNow(_code(reply) or REFUSED, Scope.NUMBER, 1.0, Halt.TOKEN)
        return NotSent(f"login_{reply.why or f'http_{reply.status}'}")


def _refused(reply: Reply) -> bool:
    return reply.status in (401, 403) or _code(reply) == NEW_PASSWORD_NEEDED


def _code(reply: Reply) -> int | None:
    match reply.content.get("errors"):
        case [{"code": int(code)}, *_] if code == NEW_PASSWORD_NEEDED:
            return code
    return None


def _life(expires_after: Any, now: float) -> float:  # noqa: ANN401 - JSON
    """Read for how many seconds a token serves; a time in the past is a clock that is wrong, here or there."""
    try:
        expires = datetime.fromisoformat(expires_after)
    except (TypeError, ValueError):
        return _WEEK
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    life = expires.timestamp() - now
    return min(life, _WEEK) if life > 0 else _WEEK
