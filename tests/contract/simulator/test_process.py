"""The simulator as a process: its port, its signals, its exit codes."""

import asyncio
import base64
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.contract.simulator.client import (
    PATIENCE_S,
    SECRET,
    Api,
    Receiver,
)


@asynccontextmanager
async def process(*arguments: str, **variables: str) -> AsyncIterator[asyncio.subprocess.Process]:
    simulator = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "campaign.simulator", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **variables},
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield simulator
    finally:
        if simulator.returncode is None:
            simulator.kill()
        await simulator.communicate()


@asynccontextmanager
async def client_of(simulator: asyncio.subprocess.Process) -> AsyncIterator[Api]:
    assert simulator.stdout is not None
    port = json.loads(await simulator.stdout.readline())["port"]
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
        yield Api(session)


async def test_it_says_where_it_listens_and_stops_cleanly_on_a_signal(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.ndjson"
    async with process("--profile", "instant", "--ledger", str(ledger)) as simulator, client_of(simulator) as api:
        await api.send()
        simulator.send_signal(signal.SIGTERM)

        assert await simulator.wait() == 0
    assert len(ledger.read_bytes().splitlines()) == 1


async def test_a_hanging_request_does_not_keep_it_from_stopping() -> None:
    async with process("--profile", "instant") as simulator, client_of(simulator) as api:
        await api.post("/_simulator/faults", {"accept_then_hang": 1})
        hanging = asyncio.create_task(api.send())
        await api.until(lambda summary: summary["accepted"] == 1)
        simulator.send_signal(signal.SIGINT)

        assert await simulator.wait() == 0
        with pytest.raises(aiohttp.ClientError):
            await hanging


async def test_a_taken_port_ends_it_with_69() -> None:
    """Else the sender would talk to whatever else listens there, and the run would look fine."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with process("--port", str(taken.getsockname()[1])) as simulator:
            stdout, stderr = await simulator.communicate()

    assert (simulator.returncode, stdout) == (69, b"")
    assert b"in use" in stderr


async def test_a_failed_handshake_ends_it_with_69() -> None:
    with socket.create_server(("127.0.0.1", 0)) as vacated:
        url = f"http://127.0.0.1:{vacated.getsockname()[1]}/webhook"
    options = ("--webhook", url, "--secret-env", "APP", "--verify-env", "VERIFY")
    async with process(*options, APP=SECRET, VERIFY="token") as simulator:
        _, stderr = await simulator.communicate()

    assert simulator.returncode == 69
    assert b"handshake" in stderr


async def test_the_handshake_registers_the_webhook(receiver: Receiver) -> None:
    options = ("--webhook", receiver.url, "--secret-env", "APP", "--verify-env", "VERIFY", "--profile", "instant")
    async with process(*options, APP=SECRET, VERIFY="token") as simulator, client_of(simulator) as api:
        await api.send()
        await api.settled()

    assert [status["status"] for status in receiver.statuses()] == ["sent", "delivered"]


async def test_it_speaks_the_other_dialect_when_told_to() -> None:
    options = ("--dialect", "on_premises", "--username-env", "NAME", "--password-env", "WORD", "--profile", "instant")
    async with process(*options, NAME="admin", WORD="pass") as simulator, client_of(simulator) as api:
        login = {"Authorization": "Basic " + base64.b64encode(b"admin:pass").decode()}
        status, answer = await api.ask("POST", "/v1/users/login", headers=login)

        assert (status, len(answer["users"])) == (200, 1)
        assert (await api.ask("GET", "/v1/health"))[0] == 401


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--profile", "wild"), b'profile "wild": no such name'),
        (("--throughput", "fast"), b'"fast" is no rate'),
        (("--token-env", "NO_SUCH_VARIABLE"), b"NO_SUCH_VARIABLE: this variable is empty"),
        (("--webhook", "https://example.org/"), b"this machine alone"),
        (("--dialect", "telegram"), b"invalid choice"),
        (("--username-env", "PATH"), b"a user needs a name and a password"),
    ],
)
async def test_wrong_options_end_it_with_2(arguments: tuple[str, ...], complaint: bytes) -> None:
    async with process(*arguments) as simulator:
        _, stderr = await simulator.communicate()

    assert simulator.returncode == 2
    assert complaint in stderr
