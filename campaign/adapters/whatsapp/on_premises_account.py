"""A look at an On-Premises client: can we log in, is it connected, does it tell us what was sent.

Source: Meta, On-Premises references "Health", "Application settings" and "Shards" (`/v1/account/shards`).
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import orjson

from campaign.adapters.whatsapp.asking import Method, Reply, ask
from campaign.adapters.whatsapp.grants import Credentials, Grant
from campaign.adapters.whatsapp.login import NEW_PASSWORD_NEEDED
from campaign.adapters.whatsapp.refusals import away, unwell
from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.domain.outcome import NotNow, NotSent

# Both are good health.
CONNECTED: Final = frozenset({"connected", "connecting"})

_ACCESS_DENIED: Final = 1005


class OnPremisesAccount:
    """An On-Premises client as commands look at it before they send; whatever is wrong raises CampaignError."""

    def __init__(
        self, session: aiohttp.ClientSession, *, base_url: str, credentials: Credentials, key: bool = False
    ) -> None:
        """Look over `session`; with a `key`, a provider's, there is nothing to log in to."""
        self._session = session
        self._prefix = f"{base_url.rstrip('/')}/v1"
        self._credentials = credentials
        self._key = key

    async def health(self) -> dict[str, str]:
        """Tell each container's connection to WhatsApp in the client's words; a single one has no name."""
        reply = await self._ask("GET", "/health")
        if reply.status == 404 and self._key:  # noqa: PLR2004 - a provider that has no such page
            return {}
        if not reply.ok:
            raise self._refused(reply)
        health = reply.content.get("health")
        if not isinstance(health, dict) or not health:
            raise unwell("/v1/health says nothing")
        if "gateway_status" in health:
            return {"": _status(health)}
        return {str(name): _status(each) for name, each in health.items()}

    async def check(self, *, shards: int = 1) -> None:
        """See that we can log in and that the client is connected over every one of its shards."""
        judge_health(await self.health(), shards=shards)

    async def shards(self) -> int | None:
        """Tell into how many shards the client is cut; None if it does not say."""
        reply = await self._ask("GET", "/account/shards")
        account = reply.content.get("account")
        count = account.get("shards") if reply.ok and isinstance(account, dict) else None
        return count if type(count) is int else None

    async def sent_status(self) -> bool:
        """Tell whether the client's webhooks say `sent`. Needs the role admin."""
        return _sends_sent(await self._settings())

    async def set_sent_status(self) -> None:
        """Have the client's webhooks say `sent`. Needs the role admin."""
        newer = isinstance(_webhooks(await self._settings()).get("message"), dict)
        # Since v2.41.2 each kind of status has a switch of its own.
        wanted = {"webhooks": {"message": {"sent": True}}} if newer else {"sent_status": True}
        reply = await self._ask("PATCH", "/settings/application", wanted)
        if not reply.ok:
            raise self._refused(reply)

    async def _settings(self) -> dict[str, Any]:
        reply = await self._ask("GET", "/settings/application")
        settings = reply.content.get("settings")
        application = settings.get("application") if isinstance(settings, dict) else None
        if not reply.ok or not isinstance(application, dict):
            raise self._refused(reply)
        return application

    async def _ask(self, method: Method, path: str, content: object = None) -> Reply:
        grant = await self._grant()
        data = None if content is None else orjson.dumps(content)
        content_type = None if content is None else "application/json"
        reply = await ask(self._session, method, f"{self._prefix}{path}", grant, data=data, content_type=content_type)
        if not reply.status:
            raise away(reply.why)
        return reply

    async def _grant(self) -> Grant:
        match await self._credentials.obtain():
            case NotNow(code) if code == NEW_PASSWORD_NEEDED:
                raise ConfigurationError(
                    "the client wants a new password before it lets this user in (error 1024)",
                    where="account.password",
                    remedy="log in once by hand: POST /v1/users/login with new_password; then put the new one there",
                )
            case NotNow():
                raise ConfigurationError(
                    "the client does not accept the user name and password",
                    where="account.password",
                    remedy="check account.username, and put the password that belongs to it where the settings point",
                )
            case NotSent(why):
                raise _not_logged_in(why)
            case grant:
                return grant

    def _refused(self, reply: Reply) -> CampaignError:
        if reply.status == 401 and self._key:  # noqa: PLR2004 - not logged in
            return ConfigurationError(
                "the provider does not accept the key",
                where="account.access_token",
                remedy="ask the provider for a new one and put it where the settings point",
            )
        if reply.status in (401, 403) or _code(reply) == _ACCESS_DENIED:
            return ConfigurationError(
                "the client lets this user in, but not do this",
                where="account.username",
                remedy="give the user the role admin at the client, or name another one",
            )
        if reply.status in (404, 405):
            return ConfigurationError(
                f"no On-Premises client is at this address (HTTP {reply.status})",
                where="account.base_url",
                remedy="write the address without /v1, as in https://whatsapp.example.com",
            )
        return unwell(f"HTTP {reply.status}")


def judge_health(health: Mapping[str, str], *, shards: int) -> None:
    """Refuse a client that cannot send over all of its shards; raises CampaignError.

    With several containers some are spare and not connected: as many as there are shards must be.
    """
    seen = Counter(health.values())
    connected = sum(seen[status] for status in CONNECTED)
    if seen["unregistered"]:
        raise ConfigurationError(
            "the client's number is not registered",
            where="account.base_url",
            remedy="register it at the client (POST /v1/account) with the certificate of WhatsApp Manager",
        )
    if not health or connected >= min(shards, len(health)):
        return
    others = ", ".join(f"{count} {status}" for status, count in sorted(seen.items()) if status not in CONNECTED)
    raise CampaignError(
        f"the client is connected to WhatsApp with {connected} of {shards} shards ({others})",
        where="account.base_url",
        remedy="look at its containers and their way to the internet (/v1/health); nothing was sent",
    )


def _status(container: object) -> str:
    """Read a container's word; one that answers with errors instead of a status says so."""
    status = container.get("gateway_status") if isinstance(container, dict) else None
    return status if isinstance(status, str) else "without a status"


def _sends_sent(application: Mapping[str, Any]) -> bool:
    message = _webhooks(application).get("message")
    sent = message.get("sent") if isinstance(message, dict) else application.get("sent_status")
    return sent is True


def _webhooks(application: Mapping[str, Any]) -> dict[str, Any]:
    webhooks = application.get("webhooks")
    return webhooks if isinstance(webhooks, dict) else {}


def _code(reply: Reply) -> object:
    match reply.content.get("errors"):
        case [{"code": code}, *_]:
            return code
    return None


def _not_logged_in(why: str) -> CampaignError:
    what = why.removeprefix("login_")
    return unwell(f"login, {what.replace('_', ' ').upper()}") if what.startswith("http_") else away(what)
