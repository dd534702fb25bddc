"""What `campaign serve` answers on, and the server around it."""

import asyncio
import errno
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, cast

import structlog
from aiohttp import web

from campaign.domain.errors import ConfigurationError
from campaign.entrypoints.web.webhook import LARGEST_BODY, Webhook
from campaign.ports import Intake

log = structlog.get_logger()

CONNECTIONS = 200

# Also the deadline for a request's headers: aiohttp closes a connection that has not finished them by then.
IDLE_SECONDS = 10.0

# How long the rest of a refused body is read, so that the refusal is not lost in a reset.
LINGER_SECONDS = 1.0

# For requests under way when the server stops; the commit they wait for takes no longer.
DRAIN_SECONDS = 10.0


# Where a running application's webhook is found, to be told of new secrets.
WEBHOOK: Final = web.AppKey("webhook", Webhook)


def create_app(
    intake: Intake, *, secrets: Sequence[str], verify_token: str, path_secret: str | None = None
) -> web.Application:
    """Build the application; raise ConfigurationError without a secret to check webhooks by."""
    app = web.Application(client_max_size=LARGEST_BODY)
    webhook = Webhook(intake, secrets=secrets, verify_token=verify_token, path_secret=path_secret)
    app[WEBHOOK] = webhook
    app.add_routes(webhook.routes())

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        ready = await intake.ready()
        return web.Response(status=200 if ready else 503, text="ready\n" if ready else "the database is away\n")

    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz)])
    return app


@asynccontextmanager
async def listening(
    app: web.Application, *, host: str, port: int, connections: int = CONNECTIONS
) -> AsyncIterator[int]:
    """Answer requests inside the block; yield the port, which matters if 0 was asked for. Drains at the end."""
    runner = web.AppRunner(
        app,
        handle_signals=False,
        access_log=None,
        keepalive_timeout=IDLE_SECONDS,
        lingering_time=LINGER_SECONDS,
        auto_decompress=False,
        shutdown_timeout=DRAIN_SECONDS,
    )
    await runner.setup()
    try:
        server = await _bind(_Door(cast("web.Server", runner.server), connections, app[WEBHOOK]), host, port)
        try:
            bound = server.sockets[0].getsockname()[1]
            log.info("web.listening", host=host, port=bound)
            yield bound
        finally:
            server.close()
    finally:
        await runner.cleanup()
        log.info("web.stopped")


async def _bind(door: "_Door", host: str, port: int) -> asyncio.Server:
    try:
        return await asyncio.get_running_loop().create_server(door, host, port, backlog=128, reuse_address=True)
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be listened on ({type(error).__name__})"
        raise ConfigurationError(
            f"port {port} of {host} {why}", remedy="choose another with --port, or stop what listens there"
        ) from None


class _Door:
    """Lets in so many connections at once; aiohttp has no such limit of its own.

    One too many takes the place of the oldest over which nothing genuine came: whoever opens connections and says
    nothing would keep everybody out otherwise.
    """

    def __init__(self, server: "web.Server", connections: int, webhook: Webhook) -> None:
        self._server = server
        self._connections = connections
        self._webhook = webhook

    def __call__(self) -> asyncio.Protocol:
        present = self._server.connections
        believed = self._webhook.believed
        believed.intersection_update(present)
        if len(present) < self._connections:
            return self._server()
        self._webhook.refusals.tell("connections")
        doubtful = next((each for each in present if each not in believed), None)
        if doubtful is None:
            return _Closed()
        doubtful.force_close()
        return self._server()


class _Closed(asyncio.Protocol):
    """A connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
