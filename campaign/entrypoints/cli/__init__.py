"""The terminal: `campaign COMMAND`. Results on stdout, everything else on stderr, exit codes that cron understands."""

import io
import os
import signal
import sys
from typing import NoReturn, TextIO


def main() -> NoReturn:
    """Run the command line and exit."""
    _have_streams()
    try:
        # Inside: Ctrl-C while Python still reads our modules is no reason for a traceback.
        from campaign.entrypoints.cli.app import run  # noqa: PLC0415 - see above

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    sys.exit(code)


def _have_streams() -> None:
    """Let nothing else take the place of a stream that was closed, and no letter be one too many for the others."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free: this one.
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(0)  # noqa: SIM115 - as long as the program
    sys.stdout, sys.stderr = _writable(sys.stdout, 1), _writable(sys.stderr, 2)


def _writable(stream: TextIO | None, number: int) -> TextIO:
    opened = stream or open(number, "w")  # noqa: SIM115 - as long as the program
    if isinstance(opened, io.TextIOWrapper):
        opened.reconfigure(errors="replace" if number == 1 else "backslashreplace")
    return opened
