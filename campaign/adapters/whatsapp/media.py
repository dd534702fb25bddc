"""Uploads: a file becomes an id of the sending number."""

import aiohttp

from campaign.adapters.whatsapp.asking import Reply, ask
from campaign.adapters.whatsapp.grants import Credentials, Grant
from campaign.adapters.whatsapp.wire import Wire
from campaign.domain.outcome import Halt, NotNow, NotSent, Rejected, Unclear
from campaign.ports.media import MediaFile, NotUploaded, Uploaded

# A document of 100 MB, the largest there is, over a line of 3 Mbit/s.
UPLOAD_SECONDS = 300.0

# HTTP statuses of 4xx that say nothing about the file.
_PASSING = frozenset({401, 408, 425, 429})


class Uploads:
    """Uploads files, with another token if the first one is refused."""

    def __init__(self, session: aiohttp.ClientSession, wire: Wire, credentials: Credentials) -> None:
        self._session = session
        self._wire = wire
        self._credentials = credentials

    async def upload(self, address: str, file: MediaFile) -> Uploaded | NotUploaded:
        """Upload one file for one sending number; never raises for what the network or WhatsApp does."""
        grant = await self._credentials.obtain()
        if not isinstance(grant, Grant):
            return _unlet(grant)
        done = await self._upload(address, file, grant)
        if isinstance(done, NotNow) and done.halt is Halt.TOKEN:
            return await self._again(address, file, grant, done)
        return _unlet(done) if isinstance(done, NotNow) else done

    async def _again(self, address: str, file: MediaFile, refused: Grant, why: NotNow) -> Uploaded | NotUploaded:
        grant = await self._credentials.obtain() if await self._credentials.renew(refused) else why
        if not isinstance(grant, Grant):
            return _unlet(grant)
        done = await self._upload(address, file, grant)
        return _unlet(done) if isinstance(done, NotNow) else done

    async def _upload(self, address: str, file: MediaFile, grant: Grant) -> Uploaded | NotUploaded | NotNow:
        url, data, content_type = self._wire.upload(address, file)
        reply = await ask(
            self._session, "POST", url, grant, data=data, content_type=content_type, seconds=UPLOAD_SECONDS
        )
        media_id = self._wire.media_id(reply.content) if reply.ok else None
        return Uploaded(media_id) if media_id else self._not_uploaded(reply)

    def _not_uploaded(self, reply: Reply) -> NotUploaded | NotNow:
        if not reply.status:
            return NotUploaded(reply.why)
        match self._wire.refused(reply.status, reply.content):
            case NotNow() as answer:
                return answer
            case Rejected(code, halt):
                return NotUploaded("the file was refused", refused=True, code=code, halt=halt)
            case Unclear(why, code, halt=halt) if halt is not Halt.NOTHING:
                # No id came, so unlike a message the file is certainly not there.
                return NotUploaded(why, refused=True, code=code, halt=halt)
            case Unclear(why, code):
                definite = 400 <= reply.status < 500 and reply.status not in _PASSING  # noqa: PLR2004 - refused, not unwell
                return NotUploaded("no id in the answer" if reply.ok else why, refused=definite, code=code)
            case other:
                return NotUploaded(type(other).__name__)


def _unlet(answer: NotNow | NotSent) -> NotUploaded:
    """Say why nothing can be uploaded now; what only a person can change is refused."""
    match answer:
        case NotNow(code, halt=Halt.NOTHING):
            return NotUploaded("not now", code=code)
        case NotNow(code, halt=halt):
            return NotUploaded(f"refused: {halt.value}", refused=True, code=code, halt=halt)
        case NotSent(why):
            return NotUploaded(why)
