from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from campaign.settings import CampaignFile, ConfigurationErrors, Settings, load_campaign, load_settings


class Files:
    """Writes a file and loads it; `blamed` returns what was found, without the folder of the test."""

    ENVIRON: Mapping[str, str] = MappingProxyType({"TOKEN": "EAAG" + "x" * 30, "SECRET": "s" * 32})
    SETTINGS = """\
account:
  version: v23.0
  business_account_id: "102290129340398"
  access_token: ${TOKEN}
shards:
  - {id: paris, phone_number_id: "106540352242922", throughput: 80}
  - {id: lyon, phone_number_id: "106540352242923"}
"""
    CAMPAIGN = """\
campaign: spring-sale
audience: {query: SELECT phone FROM customers}
consent: recorded_elsewhere
message: {type: text, text: {body: "{{ offer }}"}}
"""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def settings(self, text: str | bytes = SETTINGS, environ: Mapping[str, str] = ENVIRON) -> Settings:
        return load_settings(self.write("config/settings.yaml", text), environ)

    def campaign(
        self, text: str | bytes = CAMPAIGN, environ: Mapping[str, str] = ENVIRON, settings: Settings | None = None
    ) -> CampaignFile:
        return load_campaign(self.write("config/campaigns/spring.yaml", text), environ, settings)

    def blamed(self, load: Callable[..., object], text: str | bytes, **more: object) -> list[str]:
        with pytest.raises(ConfigurationErrors) as raised:
            load(text, **more)
        assert raised.value.exit_code == 2
        return [line.replace(f"{self.folder}/", "") for line in str(raised.value).splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)
