"""Every type, variant and limit, in both dialects: the longest that is allowed passes, one more does not."""

import copy
from typing import Any

import orjson
import pytest

from campaign.simulator import cloud_reading, on_premises_reading
from campaign.simulator.dialect import Refusal, Submission
from tests.unit.simulator.bodies import (
    BOTH,
    BUTTONS,
    CLOUD_ONLY,
    LINK,
    OFFER,
    PERSON,
    PRODUCTS,
    button,
    card,
    flow,
    interactive,
    part,
    products,
    replies,
    rows,
    shown_card,
    template,
    words,
)

TO = "+33600000001"


def on_cloud(kind: str, content: Any) -> object:
    body = {"messaging_product": "whatsapp", "to": TO, "type": kind, kind: content}
    return cloud_reading.read(orjson.dumps(body))


def on_premises(kind: str, content: Any) -> object:
    return on_premises_reading.read(orjson.dumps({"to": TO, "type": kind, kind: content}))


def code(read: object) -> int | None:
    assert isinstance(read, Submission | Refusal)
    return read.code if isinstance(read, Refusal) else None


@pytest.mark.parametrize(("kind", "content"), [*BOTH, *CLOUD_ONLY])
def test_the_cloud_api_takes_each_type(kind: str, content: Any) -> None:
    assert isinstance(on_cloud(kind, content), Submission), on_cloud(kind, content)


@pytest.mark.parametrize(("kind", "content"), BOTH)
def test_the_on_premises_client_takes_each_type_it_has(kind: str, content: Any) -> None:
    assert isinstance(on_premises(kind, content), Submission), on_premises(kind, content)


def listed(**changes: Any) -> dict[str, Any]:
    return interactive("list", {"button": "Open", "sections": [{"rows": rows(1)}], **changes})


def row(**changes: Any) -> dict[str, Any]:
    return listed(sections=[{"rows": [{**rows(1)[0], **changes}]}])


def pressed(**changes: Any) -> dict[str, Any]:
    return interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "a", "title": "A", **changes}}]})


def sections(count: int, items: int) -> list[dict[str, Any]]:
    return [{"title": f"s{n}", "product_items": products(items)} for n in range(count)]


def product_list(**changes: Any) -> dict[str, Any]:
    return interactive("product_list", {**PRODUCTS, **changes}, header={"type": "text", "text": "All"})


def rail(count: int) -> dict[str, Any]:
    return interactive("carousel", {"cards": [shown_card(n) for n in range(count)]})


def carded(body: str) -> dict[str, Any]:
    return interactive("carousel", {"cards": [shown_card(0, body={"text": body}), shown_card(1)]})


LIMITS = {
    "text": lambda n: ("text", {"body": "x" * n}),
    "caption": lambda n: ("image", {"id": "1", "caption": "x" * n}),
    "buttons": lambda n: ("interactive", interactive("button", {"buttons": replies(*map(str, range(n)))})),
    "button id": lambda n: ("interactive", pressed(id="x" * n)),
    "button title": lambda n: ("interactive", pressed(title="x" * n)),
    "body": lambda n: ("interactive", interactive("button", BUTTONS, body={"text": "x" * n})),
    "header": lambda n: ("interactive", interactive("button", BUTTONS, header={"type": "text", "text": "x" * n})),
    "footer": lambda n: ("interactive", interactive("button", BUTTONS, footer={"text": "x" * n})),
    "list button": lambda n: ("interactive", listed(button="x" * n)),
    "rows": lambda n: ("interactive", listed(sections=[{"title": "a", "rows": rows(n)}])),
    "rows in all": lambda n: (
        "interactive",
        listed(sections=[{"title": "a", "rows": rows(5)}, {"title": "b", "rows": rows(n - 5, 5)}]),
    ),
    "section title": lambda n: ("interactive", listed(sections=[{"title": "x" * n, "rows": rows(1)}])),
    "row id": lambda n: ("interactive", row(id="x" * n)),
    "row title": lambda n: ("interactive", row(title="x" * n)),
    "row description": lambda n: ("interactive", row(description="x" * n)),
    "link button": lambda n: (
        "interactive",
        interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "x" * n, "url": LINK}}),
    ),
    "product id": lambda n: (
        "interactive",
        interactive("product", {"catalog_id": "1", "product_retailer_id": "x" * n}, body=...),
    ),
    "product sections": lambda n: ("interactive", product_list(sections=sections(n, 1))),
    "products": lambda n: ("interactive", product_list(sections=sections(1, n))),
    "template name": lambda n: ("template", {**template(), "name": "a" * n}),
    "template header": lambda n: ("template", template(part("header", words("x" * n)))),
    "template body": lambda n: ("template", template(part("body", words("x" * n)))),
    "template body in all": lambda n: ("template", template(part("body", words("x" * 500), words("x" * (n - 500))))),
    "template buttons": lambda n: ("template", template(button("url", words("x"), n - 1))),
    "template cards": lambda n: ("template", template({"type": "carousel", "cards": [card(i) for i in range(n)]})),
    "coupon": lambda n: (
        "template",
        template(button("copy_code", {"type": "coupon_code", "coupon_code": "X" * n})),
    ),
}  # fmt: skip

LONGEST = [
    ("text", 4096, 100, 1001),
    ("caption", 1024, 100, 1009),
    ("buttons", 3, 131009, 1009),
    ("button id", 256, 100, 1009),
    ("button title", 20, 100, 1009),
    ("body", 1024, 100, 1009),
    ("header", 60, 100, 1009),
    ("footer", 60, 100, 1009),
    ("list button", 20, 100, 1009),
    ("rows", 10, 131009, 1009),
    ("rows in all", 10, 131009, 1009),
    ("section title", 24, 100, 1009),
    ("row id", 200, 100, 1009),
    ("row title", 24, 100, 1009),
    ("row description", 72, 100, 1009),
    ("link button", 20, 100, 1009),
    ("product id", 100, 100, 1009),
    ("product sections", 10, 131009, 1009),
    ("products", 30, 131009, 1009),
    ("template name", 512, 100, 1009),
    ("template header", 60, 132005, 2005),
    ("template body", 1024, 132005, 2005),
    ("template body in all", 1024, 132005, 2005),
    ("template buttons", 10, 131009, 1009),
    ("template cards", 10, 131009, 1009),
    ("coupon", 20, 100, 1009),
]


@pytest.mark.parametrize(("limit", "most", "cloud", "client"), LONGEST)
def test_the_longest_passes_and_one_more_is_refused(limit: str, most: int, cloud: int, client: int) -> None:
    kind, longest = LIMITS[limit](most)
    _, too_long = LIMITS[limit](most + 1)

    assert (code(on_cloud(kind, longest)), code(on_cloud(kind, too_long))) == (None, cloud)
    assert (code(on_premises(kind, longest)), code(on_premises(kind, too_long))) == (None, client)


@pytest.mark.parametrize(
    ("make", "cloud_most", "client_most"),
    [
        (lambda n: ("interactive", {**listed(), "body": {"text": "x" * n}}), 4096, 1024),
        (lambda n: ("interactive", interactive("flow", flow(flow_cta="x" * n))), 30, 20),
    ],
)
def test_two_limits_differ_between_the_dialects(make: Any, cloud_most: int, client_most: int) -> None:
    assert code(on_cloud(*make(cloud_most))) is None
    assert code(on_cloud(*make(cloud_most + 1))) == 100
    assert code(on_premises(*make(client_most))) is None
    assert code(on_premises(*make(client_most + 1))) == 1009


def test_a_carousel_has_two_to_ten_cards_of_little_text() -> None:
    assert [code(on_cloud("interactive", rail(n))) for n in (1, 2, 10, 11)] == [131008, None, None, 131009]
    texts = ["x" * 160, "x" * 161, "a\nb\nc", "a\nb\nc\nd"]
    assert [code(on_cloud("interactive", carded(text))) for text in texts] == [None, 100, None, 131009]


def product_card(index: int, catalog: str = "1") -> dict[str, Any]:
    action = {"catalog_id": catalog, "product_retailer_id": "p"}
    return {"card_index": index, "type": "product", "action": action}


def quick_card(index: int) -> dict[str, Any]:
    pressed = {"type": "quick_reply", "quick_reply": {"id": "a", "title": "A"}}
    return {**shown_card(index), "type": "button", "action": {"buttons": [pressed]}}


@pytest.mark.parametrize(
    ("cards", "refused"),
    [
        ([product_card(0), product_card(1)], None),
        ([product_card(0), product_card(1, "2")], 131009),
        ([quick_card(0), quick_card(1)], None),
        ([shown_card(0), shown_card(1, header={"type": "video", "video": {"id": "1"}})], 131009),
        ([shown_card(0), product_card(1)], 131009),
    ],
)
def test_the_cards_of_a_carousel_are_of_one_kind(cards: list[dict[str, Any]], refused: int | None) -> None:
    assert code(on_cloud("interactive", interactive("carousel", {"cards": cards}))) == refused


def without(content: Any, path: str) -> Any:
    """Leave out one member, named by its path."""
    changed = copy.deepcopy(content)
    *way, last = path.split(".")
    inside = changed
    for step in way:
        inside = inside[int(step) if step.isdecimal() else step]
    del inside[last]
    return changed


@pytest.mark.parametrize(
    ("kind", "content", "path"),
    [
        ("text", {"body": "a"}, "body"),
        ("image", {"id": "1"}, "id"),
        ("location", {"latitude": 1, "longitude": 2}, "longitude"),
        ("reaction", {"message_id": "a", "emoji": ""}, "message_id"),
        ("reaction", {"message_id": "a", "emoji": ""}, "emoji"),
        ("contacts", [PERSON], "0.name"),
        ("contacts", [PERSON], "0.name.first_name"),
        ("interactive", interactive("button", BUTTONS), "type"),
        ("interactive", interactive("button", BUTTONS), "body"),
        ("interactive", interactive("button", BUTTONS), "action"),
        ("interactive", interactive("button", BUTTONS), "action.buttons.0.reply.id"),
        ("interactive", product_list(), "header"),
        ("interactive", interactive("flow", flow()), "action.parameters.flow_id"),
        ("template", template(), "name"),
        ("template", template(), "language"),
        ("template", template(button("url", words())), "components.0.sub_type"),
        ("template", template(button("url", words())), "components.0.parameters"),
        ("template", template(part("limited_time_offer", OFFER)), "components.0.parameters"),
    ],
)
def test_what_is_needed_may_not_be_missing(kind: str, content: Any, path: str) -> None:
    assert code(on_cloud(kind, content)) is None
    assert code(on_cloud(kind, without(content, path))) == 131008
    assert code(on_premises(kind, without(content, path))) == 1008


@pytest.mark.parametrize(
    ("kind", "content", "cloud", "client"),
    [
        ("image", {"id": "1", "link": LINK}, 100, 1010),
        ("image", {"link": "file:///etc/passwd"}, 131009, 1009),
        ("location", {"latitude": 91, "longitude": 0}, 131009, 1009),
        ("location", {"latitude": "north", "longitude": 0}, 100, 1009),
        ("contacts", [{**PERSON, "birthday": "10 Dec"}], 131009, 1009),
        ("interactive", interactive("poll", {}), 131009, 1009),
        ("interactive", interactive("button", {"buttons": replies("a", "a")}), 131009, 1009),
        ("interactive", listed(sections=[{"rows": rows(1)}, {"rows": rows(1, 1)}]), 131008, 1008),
        ("interactive", interactive("flow", flow(flow_name="f")), 100, 1010),
        ("interactive", interactive("flow", flow(flow_action_payload={"data": {}})), 131009, 1009),
        ("interactive", interactive("carousel", {"cards": [shown_card(0), shown_card(0)]}), 131009, 1009),
        ("location", {"latitude": "nan", "longitude": "inf"}, 131009, 1009),
        ("template", template(button("url", words(), "1.0")), 100, 1009),
        ("template", template(button("url", words(), "inf")), 100, 1009),
        ("template", {**template(), "name": "Spring Sale"}, 131009, 1009),
        ("template", template(part("body"), part("body")), 100, 1010),
        ("template", template(part("body", words(), {**words(), "parameter_name": "a"})), 132012, 2012),
        ("template", template(part("body", {"type": "image", "image": {"id": "1"}})), 131009, 1009),
        ("template", template(button("url", words()), button("url", words())), 131009, 1009),
        ("template", {**template(), "language": {"code": "fr", "policy": "fallback"}}, 131009, 1009),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, content: Any, cloud: int, client: int) -> None:
    assert (code(on_cloud(kind, content)), code(on_premises(kind, content))) == (cloud, client)
