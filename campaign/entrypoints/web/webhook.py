"""The webhook: Meta's handshake, and signed events that are committed before they are answered."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import hdrs, web

from campaign.adapters.whatsapp.signature import HEADER, is_signed
from campaign.domain.errors import ConfigurationError, Unreachable
from campaign.entrypoints.web.refusals import Refusals
from campaign.ports import Intake

# Webhooks are at most 3 MB (webhooks overview); beyond this nothing of a body is read.
LARGEST_BODY = 4 * 1024 * 1024

# For a whole body to arrive. aiohttp alone kept one open for more than 20 s at a byte a second.
READ_SECONDS = 10.0

# Anybody may post, and what is posted lies in memory before its signature is checked: 200 connections with 4 MB each
# were seen to take a gigabyte. So many larger bodies at once; nearly all webhooks are smaller, and wait for nobody.
LARGER_BODIES = 4
SMALL_BODY = 64 * 1024

# For one of them to be done with. Then whoever posts is told to come again.
TURN_SECONDS = 5.0

LONGEST_CHALLENGE = 256

# A path that stands in for the signature must be as hard to guess as one.
SHORTEST_PATH_SECRET = 32

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Webhook:
    """The requests of `/webhook`. `path_secret` takes the signature's place On-Premises, and only there."""

    def __init__(
        self, intake: Intake, *, secrets: Sequence[str], verify_token: str, path_secret: str | None = None
    ) -> None:
        self._intake = intake
        self.refusals = Refusals()
        self._turns = asyncio.Semaphore(LARGER_BODIES)
        # Connections over which something genuine came; whoever counts connections takes out those that are gone.
        self.believed: set[asyncio.Protocol] = set()
        self.believe(secrets=secrets, verify_token=verify_token, path_secret=path_secret)

    def believe(self, *, secrets: Sequence[str], verify_token: str, path_secret: str | None = None) -> None:
        """Take what proves who posts; raise ConfigurationError if that is nothing. Also later: secrets change."""
        usable = [secret for secret in secrets if secret]
        if not usable and not path_secret:
            raise ConfigurationError(
                "the webhook has no secret, so nothing it receives could be trusted",
                remedy="set `account.app_secret` (On-Premises: `account.webhook_path`)",
            )
        if path_secret and len(path_secret) < SHORTEST_PATH_SECRET:
            raise ConfigurationError(
                f"`account.webhook_path` is shorter than {SHORTEST_PATH_SECRET} characters",
                remedy="make it a long random one",
            )
        self._secrets = usable
        self._verify_token = verify_token.encode()
        self._path_secret = path_secret.encode() if path_secret else None

    def routes(self) -> list[web.RouteDef]:
        """List the routes."""
        return [
            web.get("/webhook", self.handshake, allow_head=False),
            web.post("/webhook", self.receive),
            web.post("/webhook/{secret}", self.receive_by_path),
        ]

    async def handshake(self, request: web.Request) -> web.Response:
        """Echo the challenge to whoever knows the verify token."""
        query = request.query
        told = query.get("hub.verify_token", "").encode(errors="surrogateescape")
        challenge = query.get("hub.challenge", "")
        known = bool(self._verify_token) and hmac.compare_digest(told, self._verify_token)
        if not known or query.get("hub.mode") != "subscribe" or not 0 < len(challenge) <= LONGEST_CHALLENGE:
            return self._refuse(403, "handshake")
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def receive(self, request: web.Request) -> web.Response:
        """Keep a signed body, then answer 200."""
        signatures = request.headers.getall(HEADER, [])
        return await self._receive(
            request, lambda body: len(signatures) == 1 and is_signed(body, signatures[0], self._secrets)
        )

    async def receive_by_path(self, request: web.Request) -> web.Response:
        """Keep a body that came by the secret path, then answer 200."""
        told = request.match_info["secret"].encode(errors="surrogateescape")
        known = self._path_secret is not None and hmac.compare_digest(told, self._path_secret)
        if not known:
            return self._refuse(404, "path")
        return await self._receive(request, lambda _: True)

    async def _receive(self, request: web.Request, is_genuine: Callable[[bytes], bool]) -> web.Response:
        if _is_encoded(request):
            return self._refuse(415, "encoding")
        if (request.content_length or 0) > LARGEST_BODY:
            return self._refuse(413, "size")
        if _is_small(request):
            return await self._read(request, is_genuine)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            return self._refuse(503, "memory")
        try:
            return await self._read(request, is_genuine)
        finally:
            self._turns.release()

    async def _read(self, request: web.Request, is_genuine: Callable[[bytes], bool]) -> web.Response:
        try:
            body = await _body(request)
        except TimeoutError:
            return self._refuse(408, "slow")
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(413, "size")
        except ConnectionError:  # whoever asked has left
            return web.Response(status=400)
        # Off the loop: the hash of megabytes takes longer than many an answer.
        genuine = is_genuine(body) if len(body) <= SMALL_BODY else await asyncio.to_thread(is_genuine, body)
        if not genuine:
            return self._refuse(401, "signature")
        self.believed.add(request.protocol)
        return await self._keep(body)

    async def _keep(self, body: bytes) -> web.Response:
        try:
            await self._intake.keep(body)
        except Unreachable:
            return self._refuse(503, "database")
        return web.Response()

    def _refuse(self, status: int, reason: str) -> web.Response:
        self.refusals.tell(reason, status=status)
        refusal = web.Response(status=status)
        # What is left of the request, if anything, is not worth reading.
        refusal.force_close()
        return refusal


def _is_encoded(request: web.Request) -> bool:
    transfer = request.headers.get(hdrs.TRANSFER_ENCODING, "chunked")
    return hdrs.CONTENT_ENCODING in request.headers or transfer.lower() != "chunked"


def _is_small(request: web.Request) -> bool:
    """Tell whether a body takes little memory, or none that it does not take already."""
    length = request.content_length
    return request.content.is_eof() or (length is not None and length <= SMALL_BODY)


async def _body(request: web.Request) -> bytes:
    if request.content.is_eof():  # most come in one piece, and a timer costs more than it would guard
        return await request.read()
    async with asyncio.timeout(READ_SECONDS):
        return await request.read()
