"""The sample campaigns of config/campaigns, as tests read them."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from campaign.settings import CampaignFile, load_campaign

FOLDER = Path(__file__).parents[1] / "config" / "campaigns"
TEMPLATES = Path(__file__).parent / "data" / "templates.yaml"
SAMPLES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def sample(name: str) -> CampaignFile:
    """Load a sample as `campaign check` does."""
    return load_campaign(FOLDER / f"{name}.yaml", {}, None)


@cache
def templates() -> tuple[Mapping[str, Any], ...]:
    """Read the templates that the samples send, in the simulator's words."""
    return tuple(YAML(typ="safe").load(TEMPLATES.read_text(encoding="utf-8")))


@cache
def people() -> tuple[Mapping[str, str], ...]:
    """Read the people all samples can be sent to."""
    with (FOLDER / "people.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
