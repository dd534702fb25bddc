"""The demo's processes: started in sessions of their own, ended by their pid, none left behind."""

import asyncio
import json
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any, Final

from campaign.domain.errors import CampaignError
from campaign.entrypoints.demo.stage import Stage

START_SECONDS: Final = 30.0
END_SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Child:
    """One process and where its log goes."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def over(self) -> bool:
        return self.process.returncode is not None

    async def said(self) -> dict[str, Any]:
        """Read the object a command prints, as `serve` and `simulate` do when they listen."""
        output = self.process.stdout
        assert output is not None  # noqa: S101 - every child is started with a pipe
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await output.readline()
        except TimeoutError:
            line = b""
        try:
            told: dict[str, Any] = json.loads(line)
        except ValueError:
            raise self.failed() from None
        return told

    async def ended(self) -> int:
        """Wait for the end; returns the exit code."""
        output = self.process.stdout
        assert output is not None  # noqa: S101 - see above
        while await output.read(1 << 16):
            pass
        return await self.process.wait()

    def kill(self) -> None:
        """Kill -9, without a word of warning."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def failed(self) -> CampaignError:
        """Say why it did not do what it was started for, with the end of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        said = " | ".join(lines[-3:]) or "nothing was said"
        return CampaignError(f"`campaign {self.name}` did not do its part: {said}", remedy="run the demo again")


@dataclass(slots=True)
class Children:
    """Every process of a demo."""

    stage: Stage
    _all: list[Child] = field(default_factory=list)

    async def start(self, name: str, *arguments: str) -> Child:
        """Start a command of ours; its log goes to a file of the stage."""
        log = self.stage.folder / f"{name}-{len(self._all)}.log"
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *self.stage.command(name, *arguments),
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=errors,
                env=self.stage.environ,
                cwd=self.stage.folder,
                # Ctrl-C is for the demo, which ends them in order.
                start_new_session=True,
            )
        child = Child(name, process, log)
        self._all.append(child)
        return child

    async def end(self) -> None:
        """End all that still run: politely, and after a while not."""
        running = [child for child in self._all if not child.over]
        for child in running:
            with suppress(ProcessLookupError):
                child.process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(_ended(child) for child in running))


async def _ended(child: Child) -> None:
    try:
        async with asyncio.timeout(END_SECONDS):
            await child.process.wait()
    except TimeoutError:
        child.kill()
        await child.process.wait()
