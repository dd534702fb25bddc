"""`answers` of the settings: every action by its name, and mistakes at their line."""

import pytest

from campaign.domain.answers import Action
from tests.unit.settings.conftest import Files


def _with(answers: str) -> str:
    return f"{Files.SETTINGS}answers: {answers}\n"


@pytest.mark.parametrize("action", Action)
def test_every_action_can_be_asked_for(files: Files, action: Action) -> None:
    assert files.settings(_with(f"{{131053: {action.value}}}")).answers == {131053: action}


def test_without_answers_nothing_is_overridden(files: Files) -> None:
    assert files.settings().answers == {}


@pytest.mark.parametrize(
    ("answers", "blame"),
    [
        ("{131053: rejct}", "131053: 'rejct' is no action: did you mean 'reject'?"),
        ("{131053: NEXT-DAY}", "131053: 'NEXT-DAY' is no action: did you mean 'next_day'?"),
        ("{13105x: reject}", "13105x: '13105x' is no code of WhatsApp: write the number alone, as in 131053: reject"),
        ("{131053: 7}", f"131053: 7 is no action: write one of {', '.join(Action)}"),
        ("[131053]", "answers: keys and values are expected here: indent them under it, one 'key: value' a line"),
    ],
)
def test_mistakes_are_told_at_their_line(files: Files, answers: str, blame: str) -> None:
    (told,) = files.blamed(files.settings, _with(answers))

    assert told.startswith("config/settings.yaml:8:")
    assert blame.replace(": ", "") in told.replace("; ", "").replace(": ", "")
