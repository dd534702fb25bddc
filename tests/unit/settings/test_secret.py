import os
from typing import Any

import pytest

from campaign.settings import Secret, without_password

LINE = "config/settings.yaml:4:17: access_token: "
PASTE = "paste it again, without quotes or line breaks"
TOKENS = {
    "": "the secret is empty; put a value into the variable or file",
    " \n": "the secret is empty; put a value into the variable or file",
    "'" + "x" * 30 + "'": f"the secret is wrapped in quotes; {PASTE}",
    "x" * 20 + " y": f"the secret holds a space, a line break or a character no token has; {PASTE}",
    "x" * 20 + "\ny": f"the secret holds a space, a line break or a character no token has; {PASTE}",
    "x" * 19: "the secret has 19 characters, fewer than 20; check that it is complete",
}


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_that_cannot_work_is_refused_unprinted(files: Any, token: str) -> None:
    text = files.SETTINGS
    assert files.blamed(files.settings, text, environ={"TOKEN": token}) == [LINE + TOKENS[token]]


def test_a_file_is_read_beside_the_settings_without_its_last_newline(files: Any) -> None:
    files.write("config/token", "x" * 30 + "\n").chmod(0o600)
    settings = files.settings(files.SETTINGS.replace("${TOKEN}", "file:token"))
    assert settings.account.access_token.reveal() == "x" * 30


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_others_can_read_is_refused(files: Any, mode: int) -> None:
    files.write("config/token", "x" * 30).chmod(mode)
    found = files.blamed(files.settings, files.SETTINGS.replace("${TOKEN}", "file:token"))
    assert found == [
        LINE + f"config/token is readable by others (0{mode:o}); run: chmod 600 config/token",
    ]


def test_a_missing_file_a_folder_and_a_pipe_are_refused(files: Any) -> None:
    files.write("config/x", "")
    os.mkfifo(files.folder / "config/pipe", 0o600)
    for name, sentence in [
        ("nowhere", "there is no file config/nowhere; create it, or check the path"),
        (".", "config is not a file with a secret in it; name the file itself"),
        ("pipe", "config/pipe is not a file with a secret in it; name the file itself"),
    ]:
        text = files.SETTINGS.replace("${TOKEN}", f"file:{name}")
        assert files.blamed(files.settings, text) == [LINE + sentence]


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("postgresql://u:pw@h:5/db?a=1&password=pw", "postgresql://u@h:5/db?a=1"),
        ("postgresql:///db?host=/run", "postgresql:///db?host=%2Frun"),
    ],
)
def test_a_url_can_be_shown_without_its_password(url: str, public: str) -> None:
    assert without_password(Secret(url)) == public


def test_a_secret_of_a_file_is_read_again_and_says_whether_it_changed(files: Any) -> None:
    path = files.write("config/token", "x" * 30)
    path.chmod(0o600)
    secret = files.settings(files.SETTINGS.replace("${TOKEN}", "file:token")).account.access_token

    assert not secret.reread()
    path.write_text("y" * 30 + "\n")
    assert secret.reread()
    assert not secret.reread()
    assert secret.reveal() == "y" * 30


@pytest.mark.parametrize("content", ["", "too short", "two lines of\n" + "x" * 30, b"\xff\xfe" + b"x" * 30])
def test_a_secret_outlives_a_file_that_holds_none(files: Any, content: str | bytes) -> None:
    path = files.write("config/token", "x" * 30)
    path.chmod(0o600)
    secret = files.settings(files.SETTINGS.replace("${TOKEN}", "file:token")).account.access_token

    files.write("config/token", content)
    assert not secret.reread()
    path.unlink()
    assert not secret.reread()
    assert secret.reveal() == "x" * 30


def test_a_secret_of_the_environment_has_nothing_to_read_again(files: Any) -> None:
    assert not files.settings().account.access_token.reread()


def test_a_secret_prints_as_stars() -> None:
    secret = Secret("canary")
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
