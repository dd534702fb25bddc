"""A question at the terminal: a line that is typed, or a signal instead."""

import asyncio
import sys


def at_terminal() -> bool:
    """Tell whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


async def typed_number(number: int, purpose: str, *, stop: asyncio.Event) -> bool:
    """Ask for a number to be typed; anything else, an end of input or a signal is a no."""
    line = await typed_line(f"Type {number} {purpose}, anything else to leave it:", stop=stop)
    return line.replace(",", "").replace(" ", "") == str(number)


async def typed_line(question: str, *, stop: asyncio.Event) -> str:
    """Ask for a line; an end of input or a signal is an empty one."""
    sys.stderr.write(f"  {question} ")
    sys.stderr.flush()
    return (await _line(stop) or "").strip()


async def _line(stop: asyncio.Event) -> str | None:
    """Read a line without a thread: one that waits for input could not be ended by a signal."""
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), readable.set)
    waits = [asyncio.ensure_future(readable.wait()), asyncio.ensure_future(stop.wait())]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return sys.stdin.readline() if readable.is_set() else None
    finally:
        loop.remove_reader(sys.stdin.fileno())
        for wait in waits:
            wait.cancel()
