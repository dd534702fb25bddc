"""What somebody writes, as the webhook carries it."""

from typing import Any

import pytest

from campaign.simulator.inbound import Writing, writing_of


def written(**order: Any) -> Writing:
    writing = writing_of({"from": "33600000001", **order})
    assert isinstance(writing, Writing), writing
    return writing


@pytest.mark.parametrize(
    ("order", "content"),
    [
        ({"text": "Hi"}, {"type": "text", "text": {"body": "Hi"}}),
        (
            {"button": {"payload": "STOP", "text": "Stop"}},
            {"type": "button", "button": {"payload": "STOP", "text": "Stop"}},
        ),
        (
            {"reply": {"id": "stop", "title": "Stop"}},
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "stop", "title": "Stop"}},
            },
        ),
        (
            {"list": {"id": "stop", "title": "Stop", "description": "no more"}},
            {
                "type": "interactive",
                "interactive": {
                    "type": "list_reply",
                    "list_reply": {"id": "stop", "title": "Stop", "description": "no more"},
                },
            },
        ),
        ({"message": {"type": "unsupported", "errors": []}}, {"type": "unsupported", "errors": []}),
    ],
)
def test_each_kind_has_its_own_words(order: dict[str, Any], content: dict[str, Any]) -> None:
    assert written(**order).content == content


@pytest.mark.parametrize("kind", ["image", "audio", "video", "document", "sticker"])
def test_a_file_says_where_it_is_and_what_it_is(kind: str) -> None:
    content = written(**{kind: {"caption": "Look"}}).content

    assert content["type"] == kind
    assert content[kind].keys() == {"mime_type", "sha256", "id", "caption"}


def test_the_same_message_can_be_told_again() -> None:
    writing = written(text="Hi", id="wamid.9", number=106, context="wamid.1", age_s=60)

    assert (writing.message_id, writing.number, writing.context, writing.age_s) == ("wamid.9", "106", "wamid.1", 60)


@pytest.mark.parametrize("order", [{"from": "33600000001"}, {"text": "Hi"}, {"from": "1", "text": "x", "age_s": "old"}])
def test_an_order_nobody_understands_says_how_one_is_written(order: dict[str, Any]) -> None:
    assert isinstance(writing_of(order), str)
