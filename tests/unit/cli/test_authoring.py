"""`campaign templates` and `campaign new`: what they print, and what they leave alone."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from campaign.bootstrap import authoring
from campaign.domain.errors import ConfigurationError
from campaign.domain.template_definition import HeaderDefinition, PartDefinition, TemplateDefinition
from campaign.entrypoints.cli.app import run
from campaign.entrypoints.cli.authoring import page

SETTINGS = """\
account: {version: v23.0, business_account_id: "1", access_token: "${CAMPAIGN_TEST_TOKEN}"}
shards: [{id: paris, phone_number_id: "2"}]
"""
SALE = TemplateDefinition(
    "sale",
    "fr",
    "PAUSED",
    "MARKETING",
    "RED",
    whole=PartDefinition(HeaderDefinition("TEXT", "{{1}}"), body="Bonjour {{1}}"),
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CAMPAIGN_TEST_TOKEN", "t" * 32)
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS)
    return str(path)


def told(monkeypatch: pytest.MonkeyPatch, name: str, answer: Any) -> None:
    async def answering(*_: Any, **__: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(authoring, name, answering)


def test_templates_are_spelled_for_machines(
    settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, "list_templates", [SALE])

    assert run(["templates", "--json", "--settings", settings]) == 0

    (spelled,) = json.loads(capsys.readouterr().out)["templates"]
    assert spelled == {
        "name": "sale",
        "language": "fr",
        "status": "PAUSED",
        "category": "MARKETING",
        "quality": "RED",
        "variables": ["header.1", "1"],
    }


def test_an_account_without_templates_says_where_they_are_made(
    settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, "list_templates", [])

    assert run(["templates", "--settings", settings]) == 0
    assert "WhatsApp Manager" in capsys.readouterr().out


def test_a_list_that_nobody_tells_is_an_error_with_an_object(
    settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, "list_templates", ConfigurationError("no permission", where="account", remedy="give it"))

    assert run(["templates", "--json", "--settings", settings]) == 2

    found = json.loads(capsys.readouterr().out)
    assert (found["templates"], found["error"]["remedy"]) == ([], "give it")


def test_what_was_written_is_said_with_what_comes_next(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "campaigns" / "spring.yaml"
    told(monkeypatch, "new_campaign", authoring.Drafted(path, SALE, ["phone", "body_1"], [ConfigurationError("that")]))

    assert run(["new", "spring", "--template", "sale", "--settings", settings]) == 0

    said = capsys.readouterr().out
    assert "with the columns phone, body_1" in said
    assert "PAUSED: nothing is sent with it" in said
    assert "Still to be written: that" in said
    assert [word for word in ("check", "plan", "test", "launch") if f"campaign {word} {path}" in said] == [
        "check", "plan", "test", "launch",
    ]  # fmt: skip


def test_a_page_of_templates_has_a_line_for_each() -> None:
    console = Console(file=io.StringIO(), width=100)

    console.print(page([SALE, TemplateDefinition("bare", "en")]))

    lines = str(console.file.getvalue()).splitlines()  # type: ignore[attr-defined] # a StringIO, see above
    assert [line.split()[0] for line in lines] == ["template", "sale", "bare"]
    assert lines[1].split()[1:] == ["fr", "paused", "marketing", "red", "header.1,", "1"]
