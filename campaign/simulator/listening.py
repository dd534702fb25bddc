"""The socket: bound or failed at once, closed for an outage, and bound again on the same port."""

import asyncio
import socket

from aiohttp import web

from campaign.simulator.broken import reset

_BACKLOG = 1024
_ANSWER_PAUSE_S = 0.05


class Listener:
    """Listens for one application. `refuse` makes the port refuse connections for a while, as a dead host does."""

    def __init__(self, app: web.Application, *, host: str, port: int) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handle_signals=False)
        self._host = host
        self._port = port
        self._site: web.SockSite | None = None

    async def open(self) -> int:
        """Listen; returns the port. Raises OSError where it cannot."""
        await self._runner.setup()
        try:
            await self._bind()
        except OSError:
            await self._runner.cleanup()
            raise
        return self._port

    async def refuse(self, seconds: float) -> None:
        """Reset every connection, refuse new ones, and listen again after that many seconds."""
        # The order to refuse is itself a request: let its answer out first.
        await asyncio.sleep(_ANSWER_PAUSE_S)
        if self._site is None:
            return
        await self._site.stop()
        self._site = None
        self._reset_connections()
        await asyncio.sleep(seconds)
        await self._bind()

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _bind(self) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        sock = socket.create_server((self._host, self._port), family=family, backlog=_BACKLOG)
        self._port = sock.getsockname()[1]
        self._site = web.SockSite(self._runner, sock, backlog=_BACKLOG)
        await self._site.start()

    def _reset_connections(self) -> None:
        server = self._runner.server
        for connection in server.connections if server else ():
            # Not by its type: a transport of uvloop is no asyncio.Transport.
            if connection.transport is not None:
                reset(connection.transport)
