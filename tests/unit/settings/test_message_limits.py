"""Each limit of the table, in a campaign's file: the longest passes, one more is refused with file, line and column."""

from typing import Any

import pytest

from campaign.domain.catalogue.limits import LIMITS
from campaign.domain.message import spelled
from tests.unit.catalogue.cases import CATEGORIES, ITEMS, TEXTS, Message, filled, of_length, place_of

VOICE: Message = {"type": "voice", "voice": {"id": "1"}}
FILE = "config/campaigns/spring.yaml"
HEAD = """\
campaign: spring-sale
audience: {query: SELECT phone FROM customers}
consent: recorded_elsewhere
category: marketing
message:
"""


class Page:
    """Writes a message as flow-style YAML, one key or item a line, and remembers where each value begins."""

    def __init__(self, message: Message, category: str = "marketing") -> None:
        self.lines = HEAD.replace("marketing", category).splitlines()
        self.places: dict[tuple[str | int, ...], tuple[int, int]] = {}
        self._write(message, (), " ", "")

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def _write(self, node: Any, path: tuple[str | int, ...], indent: str, before: str, after: str = "") -> None:
        self.places[path] = len(self.lines) + 1, len(indent + before) + 1
        if isinstance(node, dict | list):
            brackets = "{}" if isinstance(node, dict) else "[]"
            self.lines.append(f"{indent}{before}{brackets[0]}")
            for key, each in node.items() if isinstance(node, dict) else enumerate(node):
                label = f'"{key}": ' if isinstance(node, dict) else ""
                self._write(each, (*path, key), indent + " ", label, ",")
            self.lines.append(f"{indent}{brackets[1]}{after}")
        else:
            self.lines.append(f"{indent}{before}{_scalar(node)}{after}")


def _scalar(value: Any) -> str:
    escaped = str(value).replace("\n", "\\n")
    return f'"{escaped}"' if isinstance(value, str) else str(value).lower()


def refused(files: Any, message: Message, category: str = "marketing") -> tuple[Page, list[str]]:
    page = Page(message, category)
    return page, files.blamed(files.campaign, page.text)


def _same_code(name: str, value: str) -> Message:
    """Fill a text in; a one-time code stands in the body too."""
    message: Message = filled(TEXTS[name], value)
    if name == "one-time code":
        message["template"]["components"][0]["parameters"][0]["text"] = value
    return message


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_the_longest_text_passes_and_one_more_is_refused_where_it_stands(files: Any, name: str) -> None:
    limit, path, category = LIMITS[name], place_of(TEXTS[name]), CATEGORIES.get(name, "marketing")
    assert path is not None
    files.campaign(Page(_same_code(name, of_length(limit.unit, limit.most)), category).text)

    page, blamed = refused(files, _same_code(name, of_length(limit.unit, limit.most + 1)), category)

    line, column = page.places[path]
    told = [each for each in blamed if each.startswith(f"{FILE}:{line}:{column}: {spelled(path)}: ")]
    assert len(told) == 1, blamed
    assert str(limit.most) in told[0]


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_the_most_items_pass_and_one_more_is_refused_where_it_stands(files: Any, name: str) -> None:
    made, place = ITEMS[name]
    most = LIMITS[name].most
    files.campaign(Page(made(most)).text)

    page, blamed = refused(files, made(most + 1))

    line, column = page.places[place(most)]
    sentence = f"{FILE}:{line}:{column}: {spelled(place(most))}: {most + 1} {name}; "
    assert [each for each in blamed if each.startswith(sentence)] != [], blamed


def test_every_violation_is_told_at_once(files: Any) -> None:
    message = {
        "type": "interactive",
        "interactive": {
            "type": "button",
            "header": {"type": "text", "text": "x" * 61},
            "body": {"text": ""},
            "foter": {"text": "x"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "x" * 21}}] * 4},
        },
    }
    _, blamed = refused(files, message)
    assert [line.split(": ")[1] for line in blamed] == [
        "message.interactive.header.text",
        "message.interactive.body.text",
        "message.interactive.foter",
        "message.interactive.action.buttons[0].reply.title",
        "message.interactive.action.buttons[1].reply.id",
        "message.interactive.action.buttons[1].reply.title",
        "message.interactive.action.buttons[1].reply.title",
        "message.interactive.action.buttons[2].reply.id",
        "message.interactive.action.buttons[2].reply.title",
        "message.interactive.action.buttons[2].reply.title",
        "message.interactive.action.buttons[3]",
        "message.interactive.action.buttons[3].reply.id",
        "message.interactive.action.buttons[3].reply.title",
        "message.interactive.action.buttons[3].reply.title",
    ]
    assert len({line.split(":")[1] for line in blamed}) > 8


def test_without_settings_the_dialect_is_that_of_the_cloud_api(files: Any) -> None:
    page, blamed = refused(files, VOICE)
    line, column = page.places["type",]
    advice = "the Cloud API knows no 'voice' here; write type: audio, audio: {..., voice: true}"
    assert blamed == [f"{FILE}:{line}:{column}: message.type: {advice}"]


def test_with_settings_the_dialect_is_that_of_the_account(files: Any) -> None:
    client = (
        'account: {dialect: on_premises, base_url: "https://wa.example.com", username: admin, password: "${TOKEN}"}'
    )
    settings = files.settings(f"{client}\nshards: {{count: 1}}\n")
    assert files.campaign(Page(VOICE).text, settings=settings).message == VOICE
