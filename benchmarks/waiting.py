"""Ports for what is measured, and waiting until somebody listens there."""

import socket
import subprocess
import sys
import time


def wait_for(port: int, server: "subprocess.Popen[str]") -> None:
    """Wait until a server of ours listens; end if it ends before."""
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    sys.exit(f"it ended with {server.returncode} before it listened")


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
