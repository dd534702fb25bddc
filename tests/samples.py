"""The sample campaigns of config/campaigns, as tests read them."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from campaign.settings import CampaignFile, load_campaign

FOLDER = Path(__file__).parents[1] / "config" / "campaigns"
SAMPLES = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def sample(name: str) -> CampaignFile:
    """Load a sample as `campaign check` does."""
    return load_campaign(FOLDER / f"{name}.yaml", {}, None)


@cache
def people() -> tuple[Mapping[str, str], ...]:
    """Read the people all samples can be sent to."""
    with (FOLDER / "people.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
