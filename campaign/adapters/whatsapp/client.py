"""One HTTP client for every shard: what happened comes back as an outcome, never as an exception."""

from dataclasses import replace

import aiohttp

from campaign.adapters.whatsapp.contacts import UNKNOWN_CONTACT, Contacts
from campaign.adapters.whatsapp.grants import Credentials, Grant
from campaign.adapters.whatsapp.media import Uploads
from campaign.adapters.whatsapp.session import departing, read_answer
from campaign.adapters.whatsapp.wire import Wire
from campaign.domain.outcome import Accepted, Halt, NotNow, NotSent, Outcome, Rejected, Unclear
from campaign.ports import Departure, Post
from campaign.ports.media import MediaFile, NotUploaded, Uploaded


class WhatsAppClient:
    """Posts messages and uploads files in one dialect; one session for life, no redirects, no retries, no proxies."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        wire: Wire,
        credentials: Credentials,
        contacts: Contacts | None = None,
    ) -> None:
        self._session = session
        self._wire = wire
        self._credentials = credentials
        self._contacts = contacts
        self._uploads = Uploads(session, wire, credentials)

    async def send(self, post: Post, departure: Departure) -> Outcome:
        """POST one message; whether it left is told by its departure, not by the exception."""
        grant = self._credentials.grant or await self._credentials.obtain()
        if not isinstance(grant, Grant):
            return grant
        token = departing.set(departure)
        try:
            async with self._session.post(
                self._wire.url(post), data=self._wire.envelope(post), headers=grant.headers, allow_redirects=False
            ) as response:
                body = await read_answer(response.content)
                outcome = self._wire.understand(post, response.status, response.headers, body)
        except Exception as error:  # noqa: BLE001 - any failure is an outcome; its repr would print the token
            return Unclear(type(error).__name__) if departure.departed else _not_sent(error)
        finally:
            departing.reset(token)
        if isinstance(outcome, Accepted):
            grant.proven = True
            return outcome
        return await self._reconsider(post, grant, outcome)

    async def upload(self, address: str, file: MediaFile) -> Uploaded | NotUploaded:
        """Upload one file for one sending number; never raises for what the network or WhatsApp does."""
        return await self._uploads.upload(address, file)

    async def _reconsider(self, post: Post, grant: Grant, outcome: Outcome) -> Outcome:
        """Help a refusal that we can help ourselves: a token that has expired, a contact that was not looked up."""
        match outcome:
            case NotNow(halt=Halt.TOKEN) if await self._credentials.renew(grant):
                return replace(outcome, halt=Halt.NOTHING)
            case Rejected(code) if code == UNKNOWN_CONTACT and self._contacts is not None:
                return await self._contacts.look_up(post.to, outcome, grant)
            case _:
                return outcome


def _not_sent(error: Exception) -> NotSent:
    return NotSent(type(error).__name__, connection=isinstance(error, (OSError, aiohttp.ClientError, TimeoutError)))
