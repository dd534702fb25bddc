"""What `doctor` makes of what an On-Premises client says."""

from pathlib import Path
from typing import cast

from campaign.adapters.whatsapp.on_premises_account import OnPremisesAccount
from campaign.bootstrap.doctor import client_count, sent_status
from campaign.settings import Settings, load_settings


def _settings(folder: Path) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(
        'account: {dialect: on_premises, base_url: "https://wa.example.com", access_token: "${KEY}"}\n'
        "shards: {count: 4}\n"
    )
    return load_settings(path, {"KEY": "k" * 32})


class _Client:
    """An account whose client does not tell what was sent, until it is told to."""

    def __init__(self) -> None:
        self.tells = False

    async def sent_status(self) -> bool:
        return self.tells

    async def set_sent_status(self) -> None:
        self.tells = True


def test_another_number_of_shards_is_told_with_what_to_write(tmp_path: Path) -> None:
    settings = _settings(tmp_path)

    assert client_count(settings, 4).ok
    assert client_count(settings, None).ok
    wrong = client_count(settings, 8)
    assert (wrong.ok, wrong.remedy) == (False, "write count: 8")
    assert str(wrong.where).endswith("settings.yaml:2:17")


async def test_sent_status_is_offered_and_only_set_when_asked_to() -> None:
    client = _Client()
    account = cast("OnPremisesAccount", client)

    offered = await sent_status(account, fix=False)
    assert (offered.ok, client.tells) == (False, False)
    assert "--fix" in str(offered.remedy)
    assert (await sent_status(account, fix=True)).ok
    assert client.tells
    assert (await sent_status(account, fix=False)).ok
