"""Good messages of every kind, and one message for each limit."""

from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]
LINK = "https://example.com/spring"
CODE = {"type": "text", "text": "123456"}


def template(*components: Message, **more: Any) -> Message:
    language = {"code": "en_US"}
    return {"type": "template", "template": {"name": "sale", "language": language, "components": [*components], **more}}


def component(kind: str, *parameters: Message) -> Message:
    return {"type": kind, "parameters": [*parameters]}


def button(sub_type: str, index: int, *parameters: Message) -> Message:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [*parameters]}


def text(value: str) -> Message:
    return {"type": "text", "text": value}


def reply(index: int) -> Message:
    return button("quick_reply", index, {"type": "payload", "payload": f"payload {index}"})


def link(index: int) -> Message:
    return button("url", index, text("spring"))


def coupon(code: str = "SPRING25", index: int = 0) -> Message:
    return button("copy_code", index, {"type": "coupon_code", "coupon_code": code})


def action(sub_type: str, **members: Any) -> Message:
    return button(sub_type, 0, {"type": "action", "action": members})


def header(kind: str, content: Message) -> Message:
    return component("header", {"type": kind, kind: content})


def offer(*more: Message) -> Message:
    expiry = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1_800_000_000_000}}
    return template(component("limited_time_offer", expiry), *more)


def cards(many: int, *more: Message) -> Message:
    first = header("image", {"link": LINK})
    made = [{"card_index": index, "components": [first, *more]} for index in range(many)]
    return template(component("body", text("Hello")), {"type": "carousel", "cards": made})


def products(*counts: int) -> list[Message]:
    return [
        {"title": f"Part {at}", "product_items": [{"product_retailer_id": f"item-{at}-{each}"} for each in range(many)]}
        for at, many in enumerate(counts)
    ]


def mpm(*counts: int) -> Message:
    return template(action("mpm", thumbnail_product_retailer_id="item-0-0", sections=products(*counts)))


def interactive(kind: str, action: Any, **parts: Any) -> Message:
    body = {"body": {"text": "Choose"}}
    return {"type": "interactive", "interactive": {"type": kind, **body, **parts, "action": action}}


def buttons(many: int = 2, **parts: Any) -> Message:
    made = [{"type": "reply", "reply": {"id": f"id-{each}", "title": f"Title {each}"}} for each in range(many)]
    return interactive("button", {"buttons": made}, **parts)


def row(number: int, **more: Any) -> Message:
    return {"id": f"row-{number}", "title": f"Row {number}", **more}


def choices(sections: list[Message], opens: str = "Open") -> Message:
    return interactive("list", {"button": opens, "sections": sections})


def product_list(*counts: int) -> Message:
    shop = {"catalog_id": "1", "sections": products(*counts)}
    return interactive("product_list", shop, header=text("Shop"))


def cta(label: str = "Look") -> Message:
    return {"name": "cta_url", "parameters": {"display_text": label, "url": LINK}}


def carousel(many: int = 2, body: str = "A card") -> Message:
    card = {"type": "cta_url", "header": {"type": "image", "image": {"link": LINK}}, "body": {"text": body}}
    return interactive("carousel", {"cards": [{"card_index": index, **card, "action": cta()} for index in range(many)]})


def product_cards(many: int = 2) -> Message:
    made = [
        {"card_index": each, "type": "product", "action": {"product_retailer_id": f"item-{each}", "catalog_id": "1"}}
        for each in range(many)
    ]
    return interactive("carousel", {"cards": made})


def flow(label: str = "Begin", **more: Any) -> Message:
    parameters = {"flow_message_version": "3", "flow_id": "1", "flow_cta": label, **more}
    return interactive("flow", {"name": "flow", "parameters": parameters})


def contacts(many: int = 1, **more: Any) -> Message:
    person = {"name": {"formatted_name": "Ada Lovelace", "first_name": "Ada"}, **more}
    return {"type": "contacts", "contacts": [person] * many}


FULL_CONTACT = {
    "birthday": "1999-01-23",
    "phones": [{"phone": "+1 555 0100", "type": "Landline", "wa_id": "{{ wa_id }}"}],
    "emails": [{"email": "info@example.com", "type": "Work"}],
    "urls": [{"url": "https://example.com", "type": "Company"}],
    "addresses": [{"street": "1 Road", "city": "Paris", "country": "France", "country_code": "FR", "type": "HOME"}],
    "org": {"company": "Spring", "department": "Sales", "title": "Lead"},
}
PLACE = {"latitude": "48.8584", "longitude": 2.2945, "name": "Tower", "address": "Paris"}
EXACT = {"fallback_value": "{{ total }} EUR", "code": "EUR", "amount_1000": "{{ thousandths }}"}

GOOD: dict[str, Message] = {
    "text": {"type": "text", "text": {"body": "Hello {{ name }}", "preview_url": True}},
    "reply": {"type": "text", "text": {"body": "Yes"}, "context": {"message_id": "{{ message_id }}"}},
    "image": {"type": "image", "image": {"link": "https://example.com/{{ city }}.jpg", "caption": "{{ name }}"}},
    "video": {"type": "video", "video": {"id": "1", "caption": "Look"}},
    "audio": {"type": "audio", "audio": {"file": "spring.ogg", "voice": True}},
    "document": {"type": "document", "document": {"link": LINK, "filename": "{{ name }}.pdf", "caption": "Yours"}},
    "sticker": {"type": "sticker", "sticker": {"id": "1"}},
    "location": {"type": "location", "location": PLACE},
    "location per recipient": {"type": "location", "location": {"latitude": "{{ lat }}", "longitude": "{{ lon }}"}},
    "contacts": contacts(**FULL_CONTACT),
    "reaction": {"type": "reaction", "reaction": {"message_id": "{{ message_id }}", "emoji": "\N{PARTY POPPER}"}},
    "no reaction": {"type": "reaction", "reaction": {"message_id": "{{ message_id }}", "emoji": ""}},
    "read receipt": {"status": "read", "message_id": "{{ message_id }}"},
    "template": {"type": "template", "template": {"name": "sale", "language": {"code": "fr"}}},
    "template header text": template(component("header", text("{{ name }}"))),
    "template header image": template(header("image", {"link": LINK})),
    "template header video": template(header("video", {"id": "1"})),
    "template header document": template(header("document", {"file": "a.pdf", "filename": "a.pdf"})),
    "template header location": template(header("location", PLACE)),
    "template header product": template(header("product", {"product_retailer_id": "item", "catalog_id": "1"})),
    "template header gif": template(header("gif", {"id": "1"})),
    "template positional": template(component("body", text("{{ a }}"), {"type": "currency", "currency": EXACT})),
    "template date": template(component("body", {"type": "date_time", "date_time": {"fallback_value": "1 May"}})),
    "template named": template(component("body", {**text("{{ name }}"), "parameter_name": "first_name"})),
    "template in capitals": template(component("BODY", text("x")), {**link(0), "type": "BUTTON", "sub_type": "URL"}),
    "template buttons": template(reply(0), reply(1), link(2), link(3)),
    "template coupon": template(coupon("{{ code }}")),
    "template catalog": template(action("catalog", thumbnail_product_retailer_id="item")),
    "template flow": template(action("flow", flow_token="t", flow_action_data={"city": "{{ city }}"})),
    "template products": mpm(2, 3),
    "template code": template(component("body", CODE), button("url", 0, CODE)),
    "template offer": offer(coupon(), link(1)),
    "template offer without code": offer(link(0)),
    "template carousel": cards(3, component("body", text("{{ name }}")), reply(0), link(1)),
    "buttons": buttons(3, header=text("Spring"), footer={"text": "Bye"}),
    "buttons under an image": buttons(1, header={"type": "image", "image": {"file": "a.png"}}),
    "list": choices([{"rows": [row(1, description="One"), row(2)]}]),
    "list of sections": choices([{"title": "A", "rows": [row(1)]}, {"title": "B", "rows": [row(2)]}]),
    "link": interactive("cta_url", cta("{{ label }}")),
    "product": {
        "type": "interactive",
        "interactive": {"type": "product", "action": {"catalog_id": "1", "product_retailer_id": "{{ item }}"}},
    },
    "product list": product_list(2, 3),
    "catalog": interactive("catalog_message", {"name": "catalog_message"}, footer={"text": "Bye"}),
    "flow": flow(mode="draft", flow_token="t", flow_action_payload={"screen": "FIRST", "data": {"name": "{{ name }}"}}),
    "location request": interactive("location_request_message", {"name": "send_location"}),
    "carousel": carousel(10),
    "product carousel": product_cards(),
    "address": interactive("address_message", {"name": "address_message", "parameters": {"country": "IN"}}),
    "call permission": interactive("call_permission_request", {"name": "call_permission_request"}),
}

# Where a limit counts characters: a message with this word in the place.
HERE = "HERE"
TEXTS: dict[str, Message] = {
    "text body": {"type": "text", "text": {"body": HERE}},
    "caption": {"type": "document", "document": {"id": "1", "caption": HERE}},
    "interactive body": interactive(
        "list", choices([{"rows": [row(1)]}])["interactive"]["action"], body={"text": HERE}
    ),
    "interactive header": buttons(header=text(HERE)),
    "interactive header sub-text": buttons(header={**text("A"), "sub_text": HERE}),
    "interactive footer": buttons(footer={"text": HERE}),
    "reply button id": interactive("button", {"buttons": [{"type": "reply", "reply": {"id": HERE, "title": "A"}}]}),
    "reply button title": interactive("button", {"buttons": [{"type": "reply", "reply": {"id": "a", "title": HERE}}]}),
    "list button": choices([{"rows": [row(1)]}], HERE),
    "section title": choices([{"title": HERE, "rows": [row(1)]}]),
    "row id": choices([{"rows": [row(1, id=HERE)]}]),
    "row title": choices([{"rows": [row(1, title=HERE)]}]),
    "row description": choices([{"rows": [row(1, description=HERE)]}]),
    "link button": interactive("cta_url", cta(HERE)),
    "product": interactive("product", {"catalog_id": "1", "product_retailer_id": HERE}),
    "flow button": flow(HERE),
    "carousel card body": carousel(2, HERE),
    "carousel card line breaks": carousel(2, HERE),
    "template name": template(name=HERE),
    "template header": template(component("header", text(HERE))),
    "template body": template(component("body", {"type": "date_time", "date_time": {"fallback_value": HERE}})),
    "template offer body": offer(component("body", text(HERE))),
    "template card body": cards(2, component("body", text(HERE))),
    "template URL": template(button("url", 0, text(HERE))),
    "coupon code": template(coupon(HERE)),
    "one-time code": template(component("body", CODE), button("url", 0, text(HERE))),
    "template section title": template(
        action("mpm", thumbnail_product_retailer_id="a", sections=[{**products(1)[0], "title": HERE}])
    ),
}
# Limits that hold in campaigns of one category alone.
CATEGORIES = {"one-time code": "authentication"}
# Where it counts items: a message with so many, and where the first one too many stands.
Counted = tuple[Callable[[int], Message], Callable[[int], tuple[str | int, ...]]]
IN_LIST = ("interactive", "action", "sections")
IN_TEMPLATE = ("template", "components")
IN_MPM = (*IN_TEMPLATE, 0, "parameters", 0, "action", "sections")
ITEMS: dict[str, Counted] = {
    "contacts": (contacts, lambda extra: ("contacts", extra)),
    "reply buttons": (buttons, lambda extra: ("interactive", "action", "buttons", extra)),
    "list sections": (
        lambda many: choices([{"title": f"Part {each}", "rows": [row(each)]} for each in range(many)]),
        lambda extra: (*IN_LIST, extra),
    ),
    "list rows": (
        lambda many: choices(
            [{"title": "A", "rows": [row(0)]}, {"title": "B", "rows": list(map(row, range(1, many)))}]
        ),
        lambda extra: (*IN_LIST, 1, "rows", extra - 1),
    ),
    "product sections": (lambda many: product_list(*[1] * many), lambda extra: (*IN_LIST, extra)),
    "products": (
        lambda many: product_list(1, many - 1),
        lambda extra: (*IN_LIST, 1, "product_items", extra - 1),
    ),
    "carousel cards": (carousel, lambda extra: ("interactive", "action", "cards", extra)),
    "header parameters": (
        lambda many: template(component("header", *[text("a")] * many)),
        lambda extra: (*IN_TEMPLATE, 0, "parameters", extra),
    ),
    "button parameters": (
        lambda many: template(button("url", 0, *[text("a")] * many)),
        lambda extra: (*IN_TEMPLATE, 0, "parameters", extra),
    ),
    "offer parameters": (
        lambda many: template(
            component("limited_time_offer", *offer()["template"]["components"][0]["parameters"] * many)
        ),
        lambda extra: (*IN_TEMPLATE, 0, "parameters", extra),
    ),
    "template buttons": (
        lambda many: template(*(button("catalog", index) | {"parameters": [item]} for index, item in catalog(many))),
        lambda extra: (*IN_TEMPLATE, extra),
    ),
    "template quick replies": (lambda many: template(*map(reply, range(many))), lambda extra: (*IN_TEMPLATE, extra)),
    "template URL buttons": (lambda many: template(*map(link, range(many))), lambda extra: (*IN_TEMPLATE, extra)),
    "template copy code buttons": (
        lambda many: template(*(coupon(index=index) for index in range(many))),
        lambda extra: (*IN_TEMPLATE, extra),
    ),
    "template card buttons": (
        lambda many: cards(2, *map(reply, range(many))),
        lambda extra: (*IN_TEMPLATE, 1, "cards", 0, "components", extra + 1),
    ),
    "template cards": (cards, lambda extra: (*IN_TEMPLATE, 1, "cards", extra)),
    "template product sections": (lambda many: mpm(*[1] * many), lambda extra: (*IN_MPM, extra)),
    "template products": (lambda many: mpm(1, many - 1), lambda extra: (*IN_MPM, 1, "product_items", extra - 1)),
}


def catalog(many: int) -> Iterator[tuple[int, Message]]:
    for index in range(many):
        yield index, {"type": "action", "action": {"thumbnail_product_retailer_id": "item"}}


def filled(node: Any, value: str) -> Any:
    """Put a text where HERE stands."""
    if isinstance(node, dict):
        return {key: filled(each, value) for key, each in node.items()}
    if isinstance(node, list):
        return [filled(each, value) for each in node]
    return value if node == HERE else node


def place_of(node: Any, path: tuple[str | int, ...] = ()) -> tuple[str | int, ...] | None:
    """Find the first place where HERE stands."""
    if node == HERE:
        return path
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return next((found for key, each in inside if (found := place_of(each, (*path, key)))), None)


def of_length(unit: str, many: int) -> str:
    return "x" * many if unit == "characters" else "x\n" * many + "x"
