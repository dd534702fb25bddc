"""`campaign serve`, put together: the receiver in this process, and a worker as its child."""

import asyncio
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from campaign.bootstrap.serving import receiving
from campaign.entrypoints.web.app import WEBHOOK, create_app, listening
from campaign.entrypoints.web.parse_loop import ParseLoop
from campaign.settings import Settings

log = structlog.get_logger()

# A worker that fails at once, such as while the database is away, is started again after so many seconds.
RESTART_SECONDS: Final = 5.0

# A draining worker waits for its answers, each for a minute at most.
DRAIN_SECONDS: Final = 75.0


async def receive(
    settings: Settings,
    *,
    host: str,
    port: int,
    worker: Sequence[str] | None,
    stop: asyncio.Event,
    listens: Callable[[int], None],
    on_hangup: list[Callable[[], None]],
) -> None:
    """Receive webhooks until `stop`; `listens` is told the port, `worker` is the command of the child that sends.

    `on_hangup` gets what is to be done after secrets were read again.
    """
    async with receiving(settings) as opened:
        app = create_app(opened.intake, **opened.proof()._asdict())
        on_hangup.append(lambda: app[WEBHOOK].believe(**opened.proof()._asdict()))
        parsing = ParseLoop(opened.feedback, opened.receipts, late=lambda: opened.intake.late)
        async with listening(app, host=host, port=port) as bound, asyncio.TaskGroup() as tasks:
            listens(bound)
            tasks.create_task(parsing.run(stop), name="parse")
            tasks.create_task(opened.housekeeping.run(stop), name="housekeeping")
            if worker is not None:
                tasks.create_task(_keep_working(worker, stop, on_hangup), name="worker")
            await stop.wait()


async def _keep_working(command: Sequence[str], stop: asyncio.Event, on_hangup: list[Callable[[], None]]) -> None:
    """Keep one worker alive until `stop`, then let it drain; a SIGHUP of ours is passed on to it."""
    alive: list[asyncio.subprocess.Process] = []
    on_hangup.append(lambda: _hang_up(alive))
    while not stop.is_set():
        # A group of its own: Ctrl-C reaches us alone, and we pass it on once.
        child = await asyncio.create_subprocess_exec(*command, stdin=subprocess.DEVNULL, start_new_session=True)
        log.info("worker.started", pid=child.pid)
        alive[:] = [child]
        await _until(stop, child)
        if child.returncode is None:
            await _drained(child)
        else:
            log.error("worker.ended", pid=child.pid, code=child.returncode)
            await _rest(stop)


def _hang_up(children: Sequence[asyncio.subprocess.Process]) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            child.send_signal(signal.SIGHUP)


async def _until(stop: asyncio.Event, child: asyncio.subprocess.Process) -> None:
    waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(child.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def _drained(child: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        child.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await child.wait()
    except TimeoutError:
        log.warning("worker.killed", pid=child.pid)
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _rest(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(RESTART_SECONDS):
            await stop.wait()
