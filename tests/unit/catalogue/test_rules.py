"""What several places of a message must agree on, and the forms of single ones."""

from typing import Any

import pytest

from campaign.domain.message import check_message, spelled
from campaign.domain.rendering import RenderRefusal, compile_message
from tests.unit.catalogue.cases import (
    CODE,
    GOOD,
    LINK,
    Message,
    action,
    button,
    buttons,
    cards,
    carousel,
    choices,
    component,
    contacts,
    coupon,
    cta,
    flow,
    header,
    interactive,
    link,
    offer,
    product_cards,
    product_list,
    reply,
    row,
    template,
    text,
)


def changed(message: Message, value: Any, *path: str | int) -> Message:
    """Put a value at a path of a copy; a key that is not there yet is added."""
    if not path:
        return value  # type: ignore[no-any-return]
    if isinstance(message, list):
        return [changed(each, value, *path[1:]) if at == path[0] else each for at, each in enumerate(message)]  # type: ignore[return-value]
    key = str(path[0])
    return {**message, key: changed(message.get(key, {}), value, *path[1:])}


ACTION = ("interactive", "action")
COMPONENTS = ("template", "components")
CARDS = (*COMPONENTS, 1, "cards")
NAMED = {**text("a"), "parameter_name": "first_name"}
PRODUCT = {"type": "product", "product": {"product_retailer_id": "item", "catalog_id": "1"}}

REFUSED: dict[str, tuple[Message, str, str]] = {
    "no file": ({"type": "image", "image": {}}, "image", "one of id, link, file is missing"),
    "two files": (
        {"type": "image", "image": {"id": "1", "link": LINK}},
        "image.link",
        "'id' is there already",
    ),
    "file by expression": (
        {"type": "image", "image": {"file": "{{ city }}.png"}},
        "image.file",
        "'file' takes no expression",
    ),
    "link": ({"type": "image", "image": {"link": "ftp://a/b"}}, "image.link", "that is no web address"),
    "caption of audio": (
        {"type": "audio", "audio": {"id": "1", "caption": "x"}},
        "audio.caption",
        "'caption' cannot stand here",
    ),
    "no longitude": ({"type": "location", "location": {"latitude": 1}}, "location", "'longitude' is missing"),
    "latitude": (
        {"type": "location", "location": {"latitude": 90.5, "longitude": 1}},
        "location.latitude",
        "a number that fits is expected here",
    ),
    "bare name": (
        changed(contacts(), {"formatted_name": "Ada"}, "contacts", 0, "name"),
        "contacts[0].name",
        "a contact's name needs another part beside formatted_name",
    ),
    "birthday": (contacts(birthday="1999-02-30"), "contacts[0].birthday", "that is no day"),
    "reaction in a reply": (
        {**GOOD["reaction"], "context": {"message_id": "1"}},
        "context",
        "'context' cannot stand here",
    ),
    "same button": (
        changed(buttons(2), "id-0", *ACTION, "buttons", 1, "reply", "id"),
        "interactive.action.buttons[1].reply.id",
        "another one has the same id",
    ),
    "same row": (
        choices([{"title": "A", "rows": [row(1)]}, {"title": "B", "rows": [row(1)]}]),
        "interactive.action.sections[1].rows[0].id",
        "another one has the same id",
    ),
    "no rows": (choices([{"rows": []}]), "interactive.action.sections[0].rows", "'rows' is empty"),
    "untitled section": (
        choices([{"title": "A", "rows": [row(1)]}, {"rows": [row(2)]}]),
        "interactive.action.sections[1]",
        "a section beside others needs a title",
    ),
    "picture over a list": (
        changed(choices([{"rows": [row(1)]}]), {"type": "image", "image": {"id": "1"}}, "interactive", "header"),
        "interactive.header.type",
        "the platform knows no such type here",
    ),
    "product list without header": (
        {"type": "interactive", "interactive": {**product_list(1, 1)["interactive"]} | {"header": {"type": "image"}}},
        "interactive.header.type",
        "the platform knows no such type here",
    ),
    "header of a product": (
        changed(GOOD["product"], text("x"), "interactive", "header"),
        "interactive.header",
        "'header' cannot stand here",
    ),
    "no body": (
        {"type": "interactive", "interactive": {"type": "cta_url", "action": cta()}},
        "interactive",
        "'body' is missing",
    ),
    "web address": (
        changed(interactive("cta_url", cta()), "example.com", *ACTION, "parameters", "url"),
        "interactive.action.parameters.url",
        "that is no web address",
    ),
    "two flows": (
        flow(flow_name="x"),
        "interactive.action.parameters.flow_name",
        "'flow_id' is there already",
    ),
    "flow without data": (
        flow(flow_action_payload={"screen": "A", "data": {}}),
        "interactive.action.parameters.flow_action_payload.data",
        "'data' is empty",
    ),
    "screen of an endpoint": (
        flow(flow_action="data_exchange", flow_action_payload={"screen": "A"}),
        "interactive.action.parameters.flow_action_payload",
        "'flow_action_payload' goes with flow_action: navigate",
    ),
    "version of a flow": (
        flow(flow_message_version=3),
        "interactive.action.parameters.flow_message_version",
        "'flow_message_version' must be a text",
    ),
    "card out of order": (
        changed(carousel(3), 0, *ACTION, "cards", 1, "card_index"),
        "interactive.action.cards[1].card_index",
        "the card stands at place 1",
    ),
    "cards of two kinds": (
        changed(carousel(2), product_cards(2)["interactive"]["action"]["cards"][1], *ACTION, "cards", 1),
        "interactive.action.cards[1].type",
        "the cards' type is 'cta_url' in the first one",
    ),
    "headers of two kinds": (
        changed(carousel(2), {"type": "video", "video": {"id": "1"}}, *ACTION, "cards", 1, "header"),
        "interactive.action.cards[1].header.type",
        "the cards' header type is 'image' in the first one",
    ),
    "two catalogues": (
        changed(product_cards(2), "2", *ACTION, "cards", 1, "action", "catalog_id"),
        "interactive.action.cards[1].action.catalog_id",
        "the cards' action catalog_id is '1' in the first one",
    ),
    "two bodies": (
        template(component("body", text("a")), component("body", text("b"))),
        "template.components[1].type",
        "a second component of type body",
    ),
    "unnamed beside named": (
        template(component("body", NAMED, text("b"))),
        "template.components[0].parameters[1]",
        "this parameter has no name, and others have",
    ),
    "same name": (
        template(component("body", NAMED, NAMED)),
        "template.components[0].parameters[1].parameter_name",
        "another parameter has the same name",
    ),
    "no index": (
        template({key: value for key, value in reply(0).items() if key != "index"}),
        "template.components[0]",
        "'index' is missing",
    ),
    "same index": (
        template(reply(0), link(0)),
        "template.components[1].index",
        "another button has the same index",
    ),
    "scattered replies": (
        template(reply(0), link(1), reply(2)),
        "template.components[2].index",
        "quick replies and other buttons alternate, which no template can",
    ),
    "coupon": (
        template(coupon("10%")),
        "template.components[0].parameters[0].coupon_code",
        "a coupon's code takes letters and digits alone",
    ),
    "link of an offer": (
        offer(coupon(), link(2)),
        "template.components[2].index",
        "an offer's link is button 1 after its code",
    ),
    "link of an offer without code": (
        offer(link(1)),
        "template.components[1].index",
        "an offer's link is button 0 where it has no code",
    ),
    "index twice in a card": (
        cards(2, reply(0), link(0)),
        "template.components[1].cards[0].components[2].index",
        "another button has the same index",
    ),
    "unnamed in a card": (
        cards(2, component("body", NAMED)),
        "template.components[0].parameters[0]",
        "this parameter has no name, and others have",
    ),
    "parameter without type": (
        template(component("body", {"text": "x"})),
        "template.components[0].parameters[0]",
        "'type' is missing",
    ),
    "mode by expression": (
        flow(mode="{{ mode }}"),
        "interactive.action.parameters.mode",
        "'mode' takes no expression",
    ),
    "cards of two shapes": (
        changed(cards(2), header("video", {"id": "1"}), *CARDS, 1, "components", 0),
        "template.components[1].cards[1]",
        "the card has other components, or another type of header, than the first one",
    ),
    "untitled products": (
        template(
            action(
                "mpm",
                thumbnail_product_retailer_id="a",
                sections=[{"product_items": [{"product_retailer_id": "a"}]}] * 2,
            )
        ),
        "template.components[0].parameters[0].action.sections[0]",
        "a section beside others needs a title",
    ),
    "currency": (
        template(
            component(
                "body",
                {"type": "currency", "currency": {"fallback_value": "1 EUR", "code": "euro", "amount_1000": 1000}},
            )
        ),
        "template.components[0].parameters[0].currency.code",
        "that is no currency",
    ),
}


def test_a_message_that_agrees_is_not_blamed() -> None:
    assert check_message(template(component("body", NAMED), component("header", PRODUCT))) == []


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_agree_is_found_where_it_stands(case: str) -> None:
    message, place, what = REFUSED[case]
    found = [(spelled(fault.path).removeprefix("message."), fault.what) for fault in check_message(message)]
    assert (place, what) in found


@pytest.mark.parametrize(
    ("kind", "advice"), [("otp", "write sub_type: url,"), ("spm", "leave it out:"), ("phone_number", "leave it out:")]
)
def test_a_button_that_is_not_sent_as_such_is_refused_with_advice(kind: str, advice: str) -> None:
    [fault] = check_message(template(button(kind, 0, text("1"))))
    assert spelled(fault.path) == "message.template.components[0].sub_type"
    assert fault.remedy.startswith(advice)


def test_on_premises_takes_a_lone_button_without_index() -> None:
    bare = {key: value for key, value in reply(0).items() if key != "index"}
    assert check_message(template(bare), "on_premises") == []
    assert len(check_message(template(bare, bare), "on_premises")) == 2


ONE_TIME: dict[str, tuple[Message, list[str]]] = {
    "code": (GOOD["template code"], []),
    "code per recipient": (template(component("body", text("{{ code }}")), button("url", 0, text("{{ code }}"))), []),
    "two codes": (
        template(component("body", CODE), button("url", 0, text("654321"))),
        ["the button's code is not the body's"],
    ),
    "no button": (
        template(component("body", CODE)),
        ["a one-time code stands once in the body and once in the button"],
    ),
    "long": (
        template(component("body", text("1" * 16)), button("url", 0, text("1" * 16))),
        ["'text' has 16 characters", "'text' has 16 characters"],
    ),
    "no template": (GOOD["text"], ["a one-time code is sent in a template"]),
}


@pytest.mark.parametrize("case", ONE_TIME)
def test_a_campaign_of_one_time_codes_sends_one_code_twice(case: str) -> None:
    message, expected = ONE_TIME[case]
    assert [fault.what for fault in check_message(message, category="authentication")] == expected


def test_a_code_is_counted_for_each_recipient() -> None:
    compiled = compile_message(ONE_TIME["code per recipient"][0], category="authentication")
    assert isinstance(compiled.render({"code": "1" * 15}), bytes)
    assert isinstance(compiled.render({"code": "1" * 16}), RenderRefusal)


MALFORMED: dict[str, tuple[Message, dict[str, str], dict[str, str]]] = {
    "link": ({"type": "image", "image": {"link": "{{ x }}"}}, {"x": LINK}, {"x": "example.com/a.png"}),
    "latitude": (GOOD["location per recipient"], {"lat": "48.8", "lon": "-2"}, {"lat": "91", "lon": "2"}),
    "birthday": (contacts(birthday="{{ x }}"), {"x": "2000-02-29"}, {"x": "29.02.2000"}),
    "coupon": (template(coupon("{{ x }}")), {"x": "SPRING"}, {"x": "SPRING 25"}),
    "id": (changed(buttons(1), "{{ x }}", *ACTION, "buttons", 0, "reply", "id"), {"x": "a b"}, {"x": "a "}),
    "amount": (GOOD["template positional"], {"a": "b", "total": "1", "thousandths": "1000"}, {"thousandths": "1.5"}),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_the_form_of_a_text_is_checked_for_each_recipient(case: str) -> None:
    message, right, wrong = MALFORMED[case]
    assert check_message(message) == []
    compiled = compile_message(message)
    assert isinstance(compiled.render(right), bytes)
    refusal = compiled.render({**right, **wrong})
    assert isinstance(refusal, RenderRefusal)
    assert refusal.reason == "malformed"
    assert not set(wrong.values()) & {refusal.what, refusal.remedy}


def test_an_amount_is_a_number_in_json_for_each_recipient() -> None:
    rendered = compile_message(GOOD["template positional"]).render({"a": "b", "total": "1", "thousandths": "1000"})
    assert isinstance(rendered, bytes)
    assert b'"amount_1000":1000,' in rendered


def test_a_reaction_can_be_taken_back_for_some() -> None:
    emoji = {"message_id": "1", "emoji": "{{ emoji | default('') }}"}
    assert isinstance(compile_message({"type": "reaction", "reaction": emoji}).render({}), bytes)


def places(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """List every place of a message."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return (
        [path, *(deep for key, each in inside for deep in places(each, (*path, key)))]
        if path
        else [deep for key, each in inside for deep in places(each, (key,))]
    )


@pytest.mark.parametrize("junk", [None, 5, 1.5, True, "", "x", "{{ x }}", [], [None], {}, {"type": 5}, [[]]], ids=repr)
def test_no_value_in_any_place_breaks_the_check(junk: Any) -> None:
    for message in GOOD.values():
        for path in places(message):
            assert isinstance(check_message(changed(message, junk, *path)), list)
