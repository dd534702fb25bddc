"""`campaign demo`: the whole story ends well, and leaves neither a process nor a file, even when it is interrupted."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.children import CAMPAIGN, ROOT, tell, until

# It promises two minutes on a machine that does nothing else; a test allows ten times that.
PATIENCE_SECONDS = 1200


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give the demo a folder that the ledger's server may enter, whoever that is."""
    made = Path(tempfile.mkdtemp(prefix="demo-test-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def _start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(
        [*CAMPAIGN, "demo", "--json"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _left_behind(folder: Path) -> list[str]:
    """List the processes that name the folder in their command, and what is in it."""
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            commands.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return [each for each in commands if str(folder) in each] + [str(path) for path in folder.iterdir()]


def test_the_story_ends_well_and_leaves_nothing(folder: Path) -> None:
    began = time.monotonic()
    demo = _start(folder)
    out, err = demo.communicate(timeout=PATIENCE_SECONDS)

    told = json.loads(out)
    tell("demo", seconds=round(time.monotonic() - began), unknown=told["send"]["unknown"])
    assert demo.returncode == 0, err
    assert (told["state"], told["error"]) == ("finished", None)
    assert told["audience"] == 5000 == told["planned"] + sum(told["refused"].values())
    assert sum(told["send"].values()) == told["planned"]
    assert sum(told["delivery"].values()) == told["send"]["accepted"] == told["verdict"]["accepted"]
    assert told["verdict"]["duplicates"] == 0
    assert "kill -9" in err
    assert _left_behind(folder) == []


def test_an_interrupted_demo_leaves_nothing_and_owes_its_object(folder: Path) -> None:
    demo = _start(folder)
    until(lambda: len(list(folder.glob("*/launch-*.log"))) > 0, what="the first launch")
    demo.send_signal(signal.SIGINT)
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=PATIENCE_SECONDS)

    assert demo.returncode == 130, err
    assert json.loads(out)["verdict"] is None
    assert "Traceback" not in err
    assert _left_behind(folder) == []
