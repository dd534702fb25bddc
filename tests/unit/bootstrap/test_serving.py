"""What webhooks are believed by: a signature, or On-Premises a path nobody can guess."""

from pathlib import Path

import pytest

from campaign.bootstrap.serving import Proof, proof_of
from campaign.domain.errors import ConfigurationError
from campaign.settings import Settings, load_settings

ACCOUNTS = {
    "cloud": 'version: v23.0, business_account_id: "1", access_token: "${SECRET}"',
    "on_premises": 'dialect: on_premises, base_url: "https://wa.example.com", access_token: "${SECRET}"',
}
SHARDS = {"cloud": '[{id: a, phone_number_id: "1"}]', "on_premises": "{count: 1}"}
SECRET = "s" * 32


def _settings(folder: Path, dialect: str, more: str) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(f"account: {{{ACCOUNTS[dialect]}{more}}}\nshards: {SHARDS[dialect]}\n")
    return load_settings(path, {"SECRET": SECRET})


@pytest.mark.parametrize(
    ("dialect", "more", "proof"),
    [
        ("cloud", ', app_secret: "${SECRET}", verify_token: "${SECRET}"', Proof((SECRET,), SECRET)),
        ("on_premises", ', webhook_path: "${SECRET}"', Proof((), "", SECRET)),
        ("on_premises", ', app_secret: "${SECRET}"', Proof((SECRET,), "")),
    ],
)
def test_webhooks_are_believed_by_what_the_settings_hold(tmp_path: Path, dialect: str, more: str, proof: Proof) -> None:
    assert proof_of(_settings(tmp_path, dialect, more)) == proof


@pytest.mark.parametrize(
    ("dialect", "more", "key"),
    [
        ("cloud", "", "app_secret"),
        ("cloud", ', app_secret: "${SECRET}"', "verify_token"),
        ("on_premises", "", "webhook_path"),
    ],
)
def test_without_any_proof_nothing_is_received(tmp_path: Path, dialect: str, more: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        proof_of(_settings(tmp_path, dialect, more))

    assert refused.value.remedy is not None
    assert refused.value.remedy.startswith(f"write {key}: ${{")
    assert "settings.yaml:1:" in str(refused.value.where)
