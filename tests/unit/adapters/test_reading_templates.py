"""Templates as WhatsApp writes them, and as it might: whatever comes, something is read or nothing is."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.adapters.whatsapp.reading_templates import read_template
from campaign.domain.template_definition import TemplateDefinition

# As Meta's OpenAPI description shows one (v23.0), with a footer and the fields it leaves out.
SAID: dict[str, Any] = {
    "name": "2023_april_promo",
    "language": "en_US",
    "status": "APPROVED",
    "category": "MARKETING",
    "parameter_format": "POSITIONAL",
    "quality_score": {"score": "GREEN", "date": 1690000000},
    "id": "920070352646140",
    "components": [
        {"type": "HEADER", "format": "TEXT", "text": "Fall Sale"},
        {
            "type": "BODY",
            "text": "Hi {{1}}, our Fall Sale is on! Use promo code {{2}}",
            "example": {"body_text": [["Mark", "FALL25"]]},
        },
        {"type": "FOOTER", "text": "Tap Stop Promotions"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Stop promotions"}]},
    ],
}


def read(said: Any) -> TemplateDefinition:
    found = read_template(said)
    assert found is not None
    return found


def test_a_template_is_read_whole() -> None:
    found = read(SAID)

    assert (found.name, found.language, found.status, found.category, found.quality) == (
        "2023_april_promo", "en_US", "APPROVED", "MARKETING", "GREEN",
    )  # fmt: skip
    assert found.whole.header is not None
    assert (found.whole.header.form, found.whole.header.text) == ("TEXT", "Fall Sale")
    assert found.whole.variables == ("1", "2")
    assert found.whole.examples == {"1": "Mark", "2": "FALL25"}
    assert found.whole.footer == "Tap Stop Promotions"
    assert [each.sub_type for each in found.whole.buttons] == ["quick_reply"]
    assert (found.is_named, found.offer, found.cards, found.strange) == (False, "none", (), ())


def changed(**said: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SAID), **said}


def test_the_digest_changes_with_what_is_sent_and_with_nothing_else() -> None:
    known = read(SAID).digest
    other_text = changed()
    other_text["components"][2]["text"] = "Tap Stop"
    other_example = changed()
    other_example["components"][1]["example"] = {"body_text": [["Ada", "X"]]}

    for said in (changed(status="PAUSED"), changed(category="UTILITY"), changed(components=[]), other_text):
        assert read(said).digest != known
    for said in (changed(quality_score={"score": "RED"}), changed(id="1"), changed(new="field"), other_example):
        assert read(said).digest == known


def test_numbered_variables_come_by_their_numbers_and_once() -> None:
    body = {"type": "BODY", "text": "{{10}} {{2}} {{ 1 }} {{2}}"}

    assert read(changed(components=[body])).whole.variables == ("1", "2", "10")


def test_names_are_told_by_the_format_or_by_themselves() -> None:
    body = {
        "type": "BODY",
        "text": "{{first_name}}",
        "example": {"body_text_named_params": [{"param_name": "first_name", "example": "Ada"}]},
    }
    found = read(changed(components=[body], parameter_format=None))

    assert found.is_named
    assert found.whole.examples == {"first_name": "Ada"}
    assert read(changed(components=[body], parameter_format="NAMED")).is_named


def test_cards_an_offer_and_old_categories_are_read() -> None:
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Now", "has_expiration": True}}
    card = {"components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "{{1}}"}]}
    found = read(changed(components=[offer, {"type": "CAROUSEL", "cards": [card, card]}], category="OTP"))

    assert (found.offer, len(found.cards), found.category) == ("needed", 2, "AUTHENTICATION")
    assert found.variables == ("card 1.1", "card 2.1")


@pytest.mark.parametrize(
    "said", [None, [], "x", 7, {}, {"name": "a"}, {"language": "fr"}, {"name": 7, "language": "fr"}]
)
def test_what_has_no_name_or_language_is_no_template(said: Any) -> None:
    assert read_template(said) is None


def test_a_template_without_components_cannot_be_compared() -> None:
    assert read(changed(components=None)).strange == ("components",)
    assert read(changed(components=["HEADER"])).strange == ("components",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*SAID, "type", "text", "buttons", "cards"]), inner)
    ),
)


@given(st.dictionaries(st.sampled_from(sorted(SAID)), JSON))
def test_no_answer_is_too_odd_to_be_read(said: dict[str, Any]) -> None:
    found = read_template({"name": "a", "language": "fr", **said})

    assert found is None or found.variables is not None


def test_absurd_depth_is_cut_off() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = [deep]

    assert read(changed(components=[{"type": "BODY", "text": deep}])).digest


def test_what_should_be_one_word_is_short_and_acts_on_no_terminal() -> None:
    evil = "PA\x1b]0;x\x07USED\u202e" + "x" * 100_000

    found = read(changed(status=evil, category=evil, quality_score={"score": evil}, components=[{"type": evil}]))

    for said in (found.status, found.category, found.quality, *found.strange):
        assert said.startswith("PA\N{REPLACEMENT CHARACTER}]0;X")
        assert said.isprintable()
        assert len(said) == 64
