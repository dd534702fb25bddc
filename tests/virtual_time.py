"""An event loop whose time passes only when everybody waits: an hour of sending takes a second of ours."""

import asyncio
import functools
import math
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

# What epoll rounds a wait up to: without it timers would be better than they are.
TICK_SECONDS = 0.001


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that jumps to the next timer; nothing to wait for is a failure, not a hang."""

    def __init__(self) -> None:
        self._seconds = 0.0
        super().__init__(_Jumping(selectors.DefaultSelector(), self._pass))

    def time(self) -> float:
        return self._seconds

    def _pass(self, seconds: float) -> None:
        # A little more than asked for, so that rounding cannot leave a timer a hair before its time.
        self._seconds += math.ceil(seconds / TICK_SECONDS - 1e-6) * TICK_SECONDS + 1e-9


class _Jumping(selectors.BaseSelector):
    """A selector that lets time pass instead of waiting."""

    def __init__(self, real: selectors.BaseSelector, let_pass: Callable[[float], None]) -> None:
        self._real = real
        self._let_pass = let_pass

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits, and nothing will ever happen")
        if timeout > 0:
            self._let_pass(timeout)
        return self._real.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Any:
        return self._real.get_map()


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Run an async test on a virtual loop."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            return runner.run(test(*args, **kwargs))

    return run


async def until(condition: Callable[[], bool], *, within: float = 3600.0, every: float = 0.01) -> None:
    """Let virtual time pass until something holds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not condition():
        assert loop.time() < deadline, f"it did not happen within {within:g} virtual seconds"
        await asyncio.sleep(every)


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Wait for work that must end in virtual time."""
    return await asyncio.wait_for(work, seconds)
