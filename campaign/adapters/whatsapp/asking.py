"""Requests that are no messages: logins, uploads, questions about the account."""

from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
import orjson
from yarl import URL

from campaign.adapters.whatsapp.grants import Grant
from campaign.adapters.whatsapp.session import CONNECT_SECONDS, LONGEST_ANSWER, read_answer

ASK_SECONDS = 15.0

Method = Literal["GET", "POST", "PATCH"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: with `status` 0 nothing did, and `why` names the error."""

    status: int
    content: dict[str, Any] = field(default_factory=dict)
    why: str = ""

    @property
    def ok(self) -> bool:
        return self.status in (200, 201)


async def ask(
    session: aiohttp.ClientSession,
    method: Method,
    url: URL | str,
    grant: Grant,
    *,
    data: Any = None,  # noqa: ANN401 - whatever aiohttp sends
    content_type: str | None = None,
    seconds: float = ASK_SECONDS,
    longest: int = LONGEST_ANSWER,
) -> Reply:
    """Ask once; never raises for what the network or WhatsApp does, as the client does not.

    Of an answer at most `longest` bytes are read: a longer one has no content.
    """
    headers = {"Authorization": grant.authorization}
    if content_type is not None:
        headers["Content-Type"] = content_type
    timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS)
    try:
        async with session.request(
            method, url, data=data, headers=headers, allow_redirects=False, timeout=timeout
        ) as response:
            return Reply(response.status, _object(await read_answer(response.content, longest)))
    except Exception as error:  # noqa: BLE001 - any failure is an answer; its repr would print the token
        return Reply(0, why=type(error).__name__)


def _object(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
