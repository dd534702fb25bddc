"""`campaign check`: what it says of a file that is right."""

import pytest

from campaign.entrypoints.cli.app import run
from campaign.resources import resource


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("read", "read receipt"),
        ("text", "text, to those who wrote within the last 24 hours"),
        ("interactive-list", "interactive list, to those who wrote within the last 24 hours"),
        ("template-text", "template order_shipped (en)"),
        ("marketing-messages", "template spring_sale (fr), through the Marketing Messages API"),
    ],
)
def test_a_message_is_named_in_words_with_its_way_and_whom_it_reaches(
    name: str, told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    monkeypatch.delenv("CAMPAIGN_SETTINGS", raising=False)

    assert run(["check", str(resource("config", "campaigns", f"{name}.yaml"))]) == 0

    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert ["message", told] in lines
