"""What is typed at a question, on a terminal of its own."""

import asyncio
import io
import os
import pty
import sys

import pytest

from campaign.entrypoints.cli.asking import typed_number


@pytest.mark.parametrize(
    ("typed", "agreed"), [("4627\n", True), ("4,627\n", True), ("4626\n", False), ("y\n", False), ("\x04", False)]
)
async def test_a_number_is_typed_and_nothing_else_agrees(
    typed: str, agreed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, terminal = pty.openpty()
    with os.fdopen(terminal, "r+b", buffering=0) as raw, io.TextIOWrapper(io.BufferedReader(raw)) as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)
        os.write(person, typed.encode())

        assert await typed_number(4627, "to send it", stop=asyncio.Event()) is agreed
    os.close(person)


async def test_a_signal_at_the_question_is_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    person, terminal = pty.openpty()
    stop = asyncio.Event()
    stop.set()
    with os.fdopen(terminal) as keyboard:
        monkeypatch.setattr(sys, "stdin", keyboard)

        assert not await typed_number(4627, "to send it", stop=stop)
    os.close(person)
