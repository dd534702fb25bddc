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
SECRET, OLD = "s" * 32, "o" * 32


def _settings(folder: Path, dialect: str, more: str) -> Settings:
    path = folder / "settings.yaml"
    path.write_text(f"account: {{{ACCOUNTS[dialect]}{more}}}\nshards: {SHARDS[dialect]}\n")
    return load_settings(path, {"SECRET": SECRET, "OLD": OLD})


@pytest.mark.parametrize(
    ("dialect", "more", "proof"),
    [
        ("cloud", ', app_secret: "${SECRET}", verify_token: "${SECRET}"', Proof((SECRET,), SECRET)),
        (
            "cloud",
            ', app_secret: "${SECRET}", previous_app_secret: "${OLD}", verify_token: "${SECRET}"',
            Proof((SECRET, OLD), SECRET),
        ),
        ("on_premises", ', webhook_path: "${SECRET}"', Proof((), "", SECRET)),
        ("on_premises", ', app_secret: "${SECRET}", previous_app_secret: "${OLD}"', Proof((SECRET, OLD), "")),
        ("on_premises", ', app_secret: "${SECRET}"', Proof((SECRET,), "")),
    ],
)
def test_webhooks_are_believed_by_what_the_settings_hold(tmp_path: Path, dialect: str, more: str, proof: Proof) -> None:
    assert proof_of(_settings(tmp_path, dialect, more)) == proof


def test_a_replaced_secret_is_read_again_from_both_files(tmp_path: Path) -> None:
    now, before = tmp_path / "now", tmp_path / "before"

    def write(*secrets: str) -> None:
        for path, secret in zip((now, before), secrets, strict=True):
            path.write_text(secret)
            path.chmod(0o600)

    write("1" * 32, "0" * 32)
    more = f', app_secret: "file:{now}", previous_app_secret: "file:{before}", verify_token: "${{SECRET}}"'
    settings = _settings(tmp_path, "cloud", more)

    write("2" * 32, "1" * 32)

    assert settings.reread() == ["app_secret", "previous_app_secret"]
    assert proof_of(settings).secrets == ("2" * 32, "1" * 32)


@pytest.mark.parametrize(
    ("dialect", "more", "key"),
    [
        ("cloud", "", "app_secret"),
        ("cloud", ', app_secret: "${SECRET}"', "verify_token"),
        ("cloud", ', previous_app_secret: "${OLD}", verify_token: "${SECRET}"', "app_secret"),
        ("on_premises", "", "webhook_path"),
    ],
)
def test_without_any_proof_nothing_is_received(tmp_path: Path, dialect: str, more: str, key: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        proof_of(_settings(tmp_path, dialect, more))

    assert refused.value.remedy is not None
    assert refused.value.remedy.startswith(f"write {key}: ${{")
    assert "settings.yaml:1:" in str(refused.value.where)
