"""A place to measure in: a temporary folder with settings, secrets and an embedded ledger, gone at the end."""

import asyncio
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.adapters.postgres import embedded

MESSAGE = """\
message:
  type: template
  template:
    name: launch_demo
    language: {code: en}
    components:
      - {type: body, parameters: [{type: text, text: "{{ first_name }}"}]}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where commands run, and with which environment."""

    folder: Path
    environment: Mapping[str, str]

    def write(self, name: str, text: str) -> Path:
        path = self.folder / "config" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, *arguments: str, log: Path | None = None) -> "subprocess.Popen[str]":
        """Start a command that goes on; what it logs is lost, unless `log` names a file for it."""
        with Path(log or os.devnull).open("w", encoding="utf-8") as said:
            return subprocess.Popen(
                self._words(arguments), env=dict(self.environment), stdout=subprocess.PIPE, stderr=said, text=True
            )

    def campaign(self, *arguments: str) -> Any:  # noqa: ANN401 - whatever the command prints
        """Run a command and read its JSON."""
        done = subprocess.run(
            self._words(arguments), env=dict(self.environment), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"campaign {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return json.loads(done.stdout) if "--json" in arguments else None

    def _words(self, arguments: Sequence[str]) -> list[str]:
        settings = str(self.folder / "config" / "settings.yaml")
        return [sys.executable, "-m", "campaign", "--settings", settings, *arguments]


@contextmanager
def place(settings: str) -> Iterator[Place]:
    """Make a ledger for `settings`, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="campaign-bench-"))
    # The ledger's server may run as another user, who has to reach it.
    folder.chmod(0o755)
    here = Place(folder, {**os.environ, "WHATSAPP_TOKEN": secrets.token_hex(20)})
    here.write("settings.yaml", settings)
    try:
        here.campaign("db", "init")
        yield here
    finally:
        asyncio.run(embedded.stop(folder / ".campaign"))
        shutil.rmtree(folder, ignore_errors=True)
