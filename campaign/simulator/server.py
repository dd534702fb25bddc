"""The simulator as a process: start, listen, misbehave, stop."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Self

import orjson
from aiohttp import web

from campaign.simulator.clock import Clock
from campaign.simulator.cloud import CloudDialect
from campaign.simulator.cloud_routes import CloudRoutes
from campaign.simulator.control import ControlRoutes
from campaign.simulator.dialect import Dialect
from campaign.simulator.ledger import Ledger, LedgerError
from campaign.simulator.listening import Listener
from campaign.simulator.on_premises import OnPremisesDialect
from campaign.simulator.on_premises_client import ClientState
from campaign.simulator.on_premises_routes import OnPremisesRoutes
from campaign.simulator.options import Options
from campaign.simulator.platform import Platform
from campaign.simulator.posting import handshake

EXIT_OK = 0
EXIT_BROKEN = 1
EXIT_USAGE = 2
EXIT_UNAVAILABLE = 69


class Simulator:
    """One running simulator: `async with Simulator(options) as simulator` listens on `simulator.port`.

    Raises OSError where it cannot listen, LedgerError where its ledger cannot be continued.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = ClientState()
        self.port = 0
        self.over = asyncio.Event()
        self.broken = False

    async def __aenter__(self) -> Self:
        options = self._options
        self._ledger = Ledger(options.ledger)
        self.platform = Platform(
            options,
            dialect=self._dialect(),
            ledger=self._ledger,
            later=asyncio.get_running_loop().call_later,
            clock=Clock(),
        )
        self._listener = Listener(self._app(), host=options.host, port=options.port)
        try:
            self.port = await self._listener.open()
        except OSError:
            self._ledger.close()
            raise
        self._start(self.platform.outbox.run(), name="webhooks")
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listener.close()
        self._ledger.close()

    def _app(self) -> web.Application:
        app = web.Application()
        app.add_routes(ControlRoutes(self.platform, refuse=self._refuse).routes())
        if self._options.dialect == "on_premises":
            app.add_routes(OnPremisesRoutes(self.platform, self._client).routes())
        else:
            app.add_routes(CloudRoutes(self.platform, account=self._options.business_account_id).routes())
        return app

    def _dialect(self) -> Dialect:
        if self._options.dialect == "on_premises":
            return OnPremisesDialect(settings=self._client.settings)
        return CloudDialect(business_account_id=self._options.business_account_id)

    def _refuse(self, seconds: float) -> None:
        self._start(self._listener.refuse(seconds), name="outage")

    def _start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say it aloud when background work breaks: a silent simulator proves nothing."""
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.broken = True
            self.over.set()
            context = {"message": f"simulator: {task.get_name()} stopped", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)


async def serve(options: Options) -> int:
    """Simulate until SIGINT or SIGTERM; writes `{"port": N}` to stdout when it listens. Returns the exit code."""
    try:
        async with Simulator(options) as simulator:
            sys.stdout.write(orjson.dumps({"port": simulator.port}).decode() + "\n")
            sys.stdout.flush()
            _on_stop_signals(simulator.over.set)
            if not await _webhook_answers(options):
                return EXIT_UNAVAILABLE
            await simulator.over.wait()
            return EXIT_BROKEN if simulator.broken else EXIT_OK
    except LedgerError as error:
        _complain(str(error))
        return EXIT_USAGE
    except OSError as error:
        where = error.filename or f"{options.host}:{options.port}"
        _complain(
            f"{where}: {error.strerror or error}; stop what holds it, or choose another (--port 0 takes a free one)"
        )
        return EXIT_UNAVAILABLE


def run(options: Options) -> int:
    """Simulate until a signal; returns the exit code: 0, 1 (broke down), 2 (ledger) or 69 (cannot listen)."""
    # A full collection walks the whole ledger, and the stall would be taken for a bunch of arrivals.
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        return runner.run(serve(options))


def _on_stop_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)


async def _webhook_answers(options: Options) -> bool:
    """Register the webhook as the platform does, if a verify token was given."""
    if options.webhook is None or options.verify_token is None:
        return True
    if await handshake(options.webhook, options.verify_token.get_secret_value()):
        return True
    _complain(f"{options.webhook}: the handshake failed; start the receiver first, with the same verify token")
    return False


def _complain(text: str) -> None:
    sys.stderr.write(f"simulator: {text}\n")


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - optional: the standard loop does, only slower
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
