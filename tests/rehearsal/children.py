"""Processes of a rehearsal: started alone, ended by their pid, and every word they say kept."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PYTHON = (sys.executable, "-X", "faulthandler")
CAMPAIGN = (*PYTHON, "-m", "campaign")

Predicate = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that is over: its exit code and what it said."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        """Read stdout, which is to hold one object and nothing else."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    def events(self, name: str) -> list[dict[str, Any]]:
        """List the log lines of one event."""
        lines = (json.loads(line) for line in self.err.splitlines() if line.startswith("{"))
        return [line for line in lines if line.get("event") == name]


@dataclass(frozen=True, slots=True)
class Child:
    """A process that runs; `out` and `err` are the files it writes to."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path
    began: float

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill9(self) -> Ended:
        """End it as a power cut would."""
        self.process.kill()
        return self.end()

    def end(self, *, within: float = 120) -> Ended:
        """Wait for its own end."""
        code = self.process.wait(within)
        return Ended(code, self.out.read_text(), self.err.read_text(), time.monotonic() - self.began)


class Children:
    """All processes of one rehearsal, with their words in one folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.folder.mkdir()
        self._environment = environment
        self._started: list[Child] = []

    def start(self, command: Sequence[str], *, name: str) -> Child:
        """Start a process in a session of its own, so that no signal of the terminal reaches it."""
        stem = self.folder / f"{len(self._started):03d}-{name}"
        out, err = stem.with_suffix(".out"), stem.with_suffix(".err")
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        child = Child(process, out, err, time.monotonic())
        self._started.append(child)
        return child

    def end_all(self) -> None:
        """Ask every process that still runs to end, and make those that do not listen."""
        running = [child for child in reversed(self._started) if child.running]
        for child in running:
            child.signal(signal.SIGTERM)
            # One that was stopped must go on to hear it.
            child.signal(signal.SIGCONT)
        for child in running:
            _end(child.process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def until(is_so: Predicate, *, within: float = 60, every: float = 0.02, what: str = "") -> None:
    """Wait for something that other processes do; fails after `within` seconds."""
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"not so within {within:g} s: {what or is_so}")
        time.sleep(every)


def tell(title: str, **figures: object) -> None:
    """Print one line of figures; `-s` shows it."""
    sys.stdout.write(f"\n  {title}: " + "  ".join(f"{name}={value}" for name, value in figures.items()) + "\n")
    sys.stdout.flush()
