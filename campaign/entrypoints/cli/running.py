"""From a command to the event loop and back: the first signal drains, the second stops at once."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TextIO, TypeVar

T = TypeVar("T")

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
KILLED_BY: Final = 128


class Stopped(Exception):  # noqa: N818 - somebody asked for it
    """A signal ended a command that has nothing to drain."""

    def __init__(self, code: int) -> None:
        super().__init__(f"ended by signal {code - KILLED_BY}")
        self.exit_code = code


class Stop:
    """What a signal asks for: `event` for those who drain, `code` for the exit."""

    def __init__(self, *, last_words: Callable[[], None] = lambda: None) -> None:
        self.event = asyncio.Event()
        self.code: int | None = None
        self.announce: Callable[[], None] = lambda: None
        self.last_words = last_words
        self.reread: Callable[[], None] = lambda: None
        self._at_terminal = os.isatty(sys.stderr.fileno()) if _has_number(sys.stderr) else False

    def hangup(self, number: int) -> None:
        """Have secrets read again; but if the terminal we write to is gone, that was the end of it."""
        if self._at_terminal and not os.isatty(sys.stderr.fileno()):
            self.first(number)
        else:
            self.reread()

    def first(self, number: int) -> None:
        """Ask for an orderly end."""
        self.code = KILLED_BY + number
        self.event.set()
        self.announce()

    def second(self, number: int) -> None:
        """End at once: whatever is in flight is settled by the next process, as after a crash."""
        with suppress(Exception):
            self.last_words()
        os._exit(KILLED_BY + number)


def _has_number(stream: TextIO) -> bool:
    try:
        return stream.fileno() >= 0
    except (OSError, ValueError):
        return False


def draining(work: Callable[[Stop], Awaitable[T]], stop: Stop) -> T:
    """Run a command that watches `stop.event` and ends by itself."""

    async def drained() -> T:
        _on_signals(stop, stop.first)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.hangup, signal.SIGHUP)
        return await work(stop)

    return _run(drained)


def cancelling(work: Callable[[], Awaitable[T]], stop: Stop, *, patient: bool = False) -> T:
    """Run a command that a signal cancels; raises Stopped. A `patient` one is left to clean up, however often asked."""

    async def cancelled() -> T:
        task = asyncio.ensure_future(work())

        def first(number: int) -> None:
            stop.first(number)
            task.cancel()

        _on_signals(stop, first, patient=patient)
        try:
            return await task
        except asyncio.CancelledError:
            if stop.code is None:
                raise
            raise Stopped(stop.code) from None

    return _run(cancelled)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    import uvloop  # noqa: PLC0415 - only commands that need a loop pay for it

    async def main() -> T:
        return await work()

    # What is imported stays: a full collection that walks all of it stalls the loop by tens of milliseconds, and what
    # had left evenly arrives in a bunch.
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main())


def _on_signals(stop: Stop, first: Callable[[int], None], *, patient: bool = False) -> None:
    loop = asyncio.get_running_loop()

    def handle(number: int) -> None:
        if stop.code is None:
            first(number)
        elif not patient:
            stop.second(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, handle, number)


def announce_drain(answers: int) -> None:
    """Tell a person at the terminal what the first signal did."""
    if answers:
        waiting = f"draining: waiting for {answers:,} answer{'s' * (answers != 1)}"
    else:
        waiting = "draining: nothing is in flight"
    sys.stderr.write(f"\n{waiting}; press again to stop at once\n")
    sys.stderr.flush()
