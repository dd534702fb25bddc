"""Natural batching: whoever waits goes together, and nobody waits for a batch to fill."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Batches(Generic[T]):
    """A queue whose taker gets everything that waits, up to a limit."""

    def __init__(self) -> None:
        self._waiting: list[T] = []
        self._some = asyncio.Event()
        self._closed = False

    def put(self, item: T) -> None:
        self._waiting.append(item)
        self._some.set()

    def close(self) -> None:
        """Let the taker finish: it gets what still waits, then nothing."""
        self._closed = True
        self._some.set()

    def __len__(self) -> int:
        return len(self._waiting)

    async def take(self, limit: int) -> list[T]:
        """Wait for the next batch; an empty one says that there will be no more."""
        while not self._waiting and not self._closed:
            self._some.clear()
            await self._some.wait()
        batch, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return batch
