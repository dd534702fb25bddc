from copy import deepcopy

import pytest

from campaign.domain.dialects import shaped
from tests.unit.catalogue.cases import GOOD, Message, cards, component, reply, template, text

NAMED = {"name": "sale", "language": {"code": "en_US", "policy": "deterministic"}}
SPELLED: dict[str, tuple[Message, Message]] = {
    "preview": (
        {"type": "text", "text": {"body": "x", "preview_url": True}, "context": {"message_id": "1"}},
        {"type": "text", "text": {"body": "x"}, "preview_url": True, "context": {"message_id": "1"}},
    ),
    "no preview": ({"type": "text", "text": {"body": "x"}}, {"type": "text", "text": {"body": "x"}}),
    "voice": ({"type": "audio", "audio": {"id": "1", "voice": True}}, {"type": "voice", "voice": {"id": "1"}}),
    "no voice": ({"type": "audio", "audio": {"id": "1", "voice": False}}, {"type": "audio", "audio": {"id": "1"}}),
    "language": (
        {"type": "template", "template": {"name": "sale", "language": {"code": "en_US"}}},
        {"template": NAMED},
    ),
    "index": (
        template(component("body", text("x")), reply(0)),
        {"template": {**NAMED, "components": [component("body", text("x")), {**reply(0), "index": "0"}]}},
    ),
}


@pytest.mark.parametrize("case", SPELLED)
def test_on_premises_has_its_own_spelling(case: str) -> None:
    message, wanted = SPELLED[case]
    assert shaped(message, "on_premises") == {"type": message["type"], **wanted}


@pytest.mark.parametrize("case", SPELLED)
def test_what_is_spelt_so_already_stays(case: str) -> None:
    once = shaped(SPELLED[case][0], "on_premises")
    assert shaped(once, "on_premises") == once


def test_the_buttons_of_cards_are_counted_in_text_too() -> None:
    made = shaped(cards(2, reply(0)), "on_premises")
    inside = made["template"]["components"][1]["cards"]
    assert [card["components"][1]["index"] for card in inside] == ["0", "0"]
    assert [card["card_index"] for card in inside] == [0, 1]


@pytest.mark.parametrize("case", GOOD)
def test_the_cloud_api_gets_the_message_as_it_is(case: str) -> None:
    assert shaped(GOOD[case], "cloud") == GOOD[case]


@pytest.mark.parametrize("case", GOOD)
def test_the_message_itself_is_never_changed(case: str) -> None:
    before = deepcopy(GOOD[case])
    shaped(GOOD[case], "on_premises")
    assert GOOD[case] == before
