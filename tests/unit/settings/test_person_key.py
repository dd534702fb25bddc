from typing import Any

import pytest

from campaign.domain.errors import ConfigurationError
from campaign.settings import load_person_key


def test_only_creation_makes_a_key_and_only_once(files: Any) -> None:
    settings = files.settings()
    key = load_person_key(settings, create=True)
    assert len(key) == 32
    assert load_person_key(settings, create=True) == key
    assert load_person_key(settings, create=False) == key
    assert (settings.home / "person_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in settings.home.iterdir()] == ["person_key"]


def test_a_lost_key_is_never_replaced_in_silence(files: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load_person_key(files.settings(), create=False)
    assert str(raised.value).endswith(
        ".campaign/person_key: the person key is not there; "
        "bring it back from a backup; for a new ledger run `campaign db init`"
    )


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_damaged_key_is_refused_and_kept(files: Any, content: str) -> None:
    settings = files.settings()
    files.write(".campaign/person_key", content).chmod(0o600)
    with pytest.raises(ConfigurationError, match="the person key is damaged; bring it back from a backup"):
        load_person_key(settings, create=True)
    assert (settings.home / "person_key").read_text() == content


def test_a_key_of_the_environment_is_taken(files: Any) -> None:
    text = files.SETTINGS + "person_key: ${KEY}\n"
    environ = {**files.ENVIRON, "KEY": "ab" * 32}
    assert load_person_key(files.settings(text, environ=environ), create=False) == b"\xab" * 32
    assert files.blamed(files.settings, text, environ={**environ, "KEY": "ab"}) == [
        (
            "config/settings.yaml:8:13: person_key: a person key is 64 hexadecimal digits; "
            "make one with: openssl rand -hex 32"
        )
    ]
