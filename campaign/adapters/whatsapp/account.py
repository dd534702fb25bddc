"""A look at the account before the first message: does the API answer, is the token good, is the number there."""

import aiohttp
import orjson

from campaign.domain.errors import ConfigurationError, Unreachable

_SECONDS = aiohttp.ClientTimeout(total=15, sock_connect=5)

# Error codes page, 19 Nov 2025: 0 and 190 are the token, 3, 10 and 200-299 its permissions.
_TOKEN = frozenset({0, 190})
_PERMISSION = frozenset({3, 10, *range(200, 300)})


async def check_numbers(
    session: aiohttp.ClientSession, *, base_url: str, version: str, token: str, numbers: dict[str, str]
) -> None:
    """Ask for each shard's number (`numbers`: shard -> phone number id); raises CampaignError with the remedy."""
    for shard, number in numbers.items():
        url = f"{base_url.rstrip('/')}/{version}/{number}?fields=id,status,throughput"
        code, status = await _ask(session, url, token)
        _judge(shard, code, status)


async def _ask(session: aiohttp.ClientSession, url: str, token: str) -> tuple[int | None, int]:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with session.get(url, headers=headers, allow_redirects=False, timeout=_SECONDS) as response:
            return _code(await response.content.read(64 * 1024)), response.status
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise Unreachable(
            f"WhatsApp's API cannot be reached ({type(error).__name__})",
            where="account.base_url",
            remedy="check the address and the network; nothing was sent, run the command again later",
        ) from None


def _code(body: bytes) -> int | None:
    try:
        answer = orjson.loads(body)
        code = answer["error"]["code"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
    return code if isinstance(code, int) else None


def _judge(shard: str, code: int | None, status: int) -> None:
    if status == 200:  # noqa: PLR2004 - the number is there
        return
    if code in _TOKEN:
        raise ConfigurationError(
            "WhatsApp does not accept the access token",
            where="account.access_token",
            remedy="make a new one for the system user in Business settings and put it where the settings point",
        )
    if code in _PERMISSION:
        raise ConfigurationError(
            "the access token may not send for this account",
            where="account.access_token",
            remedy="give the system user whatsapp_business_messaging on the account, then make a new token",
        )
    if 400 <= status < 500 and code is not None:  # noqa: PLR2004 - refused, not unwell
        raise ConfigurationError(
            f"WhatsApp knows no such number for shard '{shard}' (error {code})",
            where="shards",
            remedy="copy its phone_number_id from WhatsApp Manager",
        )
    raise Unreachable(
        f"WhatsApp's API is not well (HTTP {status})",
        where="account.base_url",
        remedy="nothing was sent; run the command again later",
    )
