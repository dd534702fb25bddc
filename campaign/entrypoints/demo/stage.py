"""Where the demo plays: a folder of its own, secrets of its own, and nothing of either afterwards."""

import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from campaign.domain.errors import ConfigurationError
from campaign.resources import resource
from campaign.settings import CampaignFile, Settings, load_campaign, load_settings

FILES: Final = ("settings.yaml", "campaign.yaml", "recipients.csv", "whatsapp.yaml")
SECRETS: Final = ("CAMPAIGN_DEMO_TOKEN", "CAMPAIGN_DEMO_APP_SECRET", "CAMPAIGN_DEMO_VERIFY_TOKEN")
URL: Final = "CAMPAIGN_DEMO_URL"

# Until the simulator has told its port: nothing listens there, and nothing is asked there.
NOWHERE: Final = "http://127.0.0.1:9"


@dataclass(slots=True)
class Stage:
    """A copy of the demo's files, and the environment its processes get."""

    folder: Path
    environ: dict[str, str]

    @classmethod
    def build(cls) -> Self:
        """Make the folder and the secrets."""
        folder = Path(tempfile.mkdtemp(prefix="campaign-demo-", dir=_parent()))
        # As root the ledger's server runs as somebody else, who has to pass through.
        folder.chmod(0o755)
        (folder / "config").mkdir()
        for name in FILES:
            (folder / "config" / name).write_bytes(resource("config", "demo", name).read_bytes())
        return cls(folder, _environment())

    @property
    def settings_path(self) -> Path:
        return self.folder / "config" / "settings.yaml"

    @property
    def campaign_path(self) -> Path:
        return self.folder / "config" / "campaign.yaml"

    @property
    def profile_path(self) -> Path:
        return self.folder / "config" / "whatsapp.yaml"

    @property
    def settings(self) -> Settings:
        """Read the settings as the processes do."""
        return load_settings(self.settings_path, self.environ)

    @property
    def campaign(self) -> CampaignFile:
        """Read the campaign as the processes do."""
        return load_campaign(self.campaign_path, self.environ, self.settings)

    def connect_to(self, port: int) -> None:
        """Tell every process from now on where the simulator is."""
        self.environ[URL] = f"http://127.0.0.1:{port}"

    def command(self, *arguments: str) -> list[str]:
        """Spell a command of ours as a process."""
        return [sys.executable, "-m", "campaign", "--settings", str(self.settings_path), *arguments]

    def strike(self) -> None:
        """Remove the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CAMPAIGN_")}
    package = str(Path(__file__).resolve().parents[3])
    path = os.pathsep.join(filter(None, (package, inherited.get("PYTHONPATH"))))
    made_up = {name: secrets.token_hex(24) for name in SECRETS}
    return {**inherited, **made_up, URL: NOWHERE, "PYTHONPATH": path}


def _parent() -> Path:
    """Choose a short folder that everybody may enter: sockets have short paths, and the server may be another user."""
    candidates: Mapping[str, None] = dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp"))  # noqa: S108 - to make a folder in
    for candidate in map(Path, candidates):
        if candidate.is_dir() and os.access(candidate, os.W_OK) and _open_to_all(candidate.resolve()):
            return candidate
    raise ConfigurationError(
        "there is no temporary folder that every user may enter", remedy="set TMPDIR to one, with mode 1777"
    )


def _open_to_all(folder: Path) -> bool:
    return os.geteuid() != 0 or all(step.stat().st_mode & stat.S_IXOTH for step in (folder, *folder.parents))
