"""The terminal: `campaign COMMAND`. Results on stdout, everything else on stderr, exit codes that cron understands."""

import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        # Inside: Ctrl-C while Python still reads our modules is no reason for a traceback.
        from campaign.entrypoints.cli.app import run  # noqa: PLC0415 - see above

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    sys.exit(code)
