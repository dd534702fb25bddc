"""Interactive messages: what a person can press."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from campaign.simulator.bodies.plain import media, place
from campaign.simulator.bodies.rules import Rules
from campaign.simulator.bodies.shapes import (
    Check,
    Wrong,
    anything,
    by,
    differing,
    exactly_one,
    many,
    number,
    one_of,
    record,
    text,
)
from campaign.simulator.reasons import Reason

HEADER_LIMIT = FOOTER_LIMIT = 60
BODY_LIMIT = 1024
CARD_BODY_LIMIT = 160
CARD_BODY_LINE_BREAKS = 2
BUTTON_LIMIT = 20
BUTTON_ID_LIMIT = 256
SECTION_TITLE_LIMIT = ROW_TITLE_LIMIT = 24
ROW_ID_LIMIT = 200
ROW_DESCRIPTION_LIMIT = 72
MOST_BUTTONS = 3
MOST_SECTIONS = MOST_ROWS = 10
MOST_PRODUCTS = 30
MOST_CARDS = 10
PRODUCT_ID_LIMIT = 100


def interactive(rules: Rules) -> Check:
    """Describe the content of type interactive."""
    kinds = {name: make(rules) for name, make in _KINDS.items() if name in rules.interactive_types}
    return by("type", kinds)


def _message(
    rules: Rules, action: Check, *, headers: Sequence[str] = (), header_needed: bool = False, body: Check | None = None
) -> Check:
    """Describe one kind: its header is one of these, and its body has to be there unless `body` says how it may be."""
    needs: dict[str, Check] = {"type": anything, "action": action}
    takes: dict[str, Check] = {"footer": record(rules, {"text": text(rules, FOOTER_LIMIT)})}
    (takes if body else needs)["body"] = body or record(rules, {"text": text(rules, BODY_LIMIT)})
    if headers:
        (needs if header_needed else takes)["header"] = _header(rules, headers)
    return record(rules, needs, takes)


def _header(rules: Rules, kinds: Sequence[str]) -> Check:
    contents: dict[str, Check] = {
        "text": text(rules, HEADER_LIMIT),
        "image": media(rules, caption=True),
        "video": media(rules, caption=True),
        "document": media(rules, caption=True, filename=True),
        "location": place(rules),
    }
    shape = {kind: record(rules, {"type": anything, kind: contents[kind]}, {"sub_text": anything}) for kind in kinds}
    return by("type", shape)


_ANY_HEADER = ("text", "image", "video", "document")


def _buttons(rules: Rules) -> Check:
    return _message(rules, record(rules, {"buttons": _replies(rules, "reply", MOST_BUTTONS)}), headers=_ANY_HEADER)


def _replies(rules: Rules, kind: str, most: int) -> Check:
    reply = record(
        rules,
        {"id": text(rules, BUTTON_ID_LIMIT, trimmed=True), "title": text(rules, BUTTON_LIMIT, trimmed=True)},
    )
    button = record(rules, {"type": one_of(kind), kind: reply})
    unique = [differing(lambda b: b[kind]["id"], "id"), differing(lambda b: b[kind]["title"], "title")]
    return many(button, 1, most, also=unique)


def _list(rules: Rules) -> Check:
    row = record(
        rules,
        {"id": text(rules, ROW_ID_LIMIT, trimmed=True), "title": text(rules, ROW_TITLE_LIMIT, trimmed=True)},
        {"description": text(rules, ROW_DESCRIPTION_LIMIT, least=0)},
    )
    sections = _sections(rules, "rows", row, most_in_all=MOST_ROWS, unique="id")
    action = record(rules, {"button": text(rules, BUTTON_LIMIT, trimmed=True), "sections": sections})
    body = record(rules, {"text": text(rules, rules.list_body_limit)})
    return record(
        rules,
        {"type": anything, "action": action, "body": body},
        {"header": _header(rules, ("text",)), "footer": record(rules, {"text": text(rules, FOOTER_LIMIT)})},
    )


def _sections(rules: Rules, items: str, item: Check, *, most_in_all: int, unique: str | None = None) -> Check:
    section = record(rules, {items: many(item, 1)}, {"title": text(rules, SECTION_TITLE_LIMIT, least=0, trimmed=True)})

    def whole(sections: Sequence[Mapping[str, Any]], where: str) -> Wrong | None:
        if len(sections) > 1 and not all(each.get("title") for each in sections):
            return Wrong(Reason.MISSING, f"Param {where} has several sections; each needs a title.")
        inside = [each for one in sections for each in one[items]]
        if len(inside) > most_in_all:
            return Wrong(Reason.WRONG_VALUE, f"Param {where} takes at most {most_in_all} {items} in all.")
        return differing(lambda each: each[unique], unique)(inside, where) if unique else None

    return many(section, 1, MOST_SECTIONS, also=[whole])


def product_sections(rules: Rules) -> Check:
    """Describe the products of a multi-product message, in a message or in a template's button."""
    item = record(rules, {"product_retailer_id": text(rules, PRODUCT_ID_LIMIT)})
    return _sections(rules, "product_items", item, most_in_all=MOST_PRODUCTS)


def _product(rules: Rules) -> Check:
    product = {"catalog_id": text(rules), "product_retailer_id": text(rules, PRODUCT_ID_LIMIT)}
    return _message(rules, record(rules, product), body=record(rules, {"text": text(rules, BODY_LIMIT)}))


def _products(rules: Rules) -> Check:
    action = record(rules, {"catalog_id": text(rules), "sections": product_sections(rules)})
    return _message(rules, action, headers=("text",), header_needed=True)


def _named(rules: Rules, name: str, parameters: Check | None, *, needed: bool = True) -> Check:
    """Describe an action that has a name; `needed` says whether its parameters are."""
    needs: dict[str, Check] = {"name": one_of(name)}
    takes: dict[str, Check] = {}
    if parameters is not None:
        (needs if needed else takes)["parameters"] = parameters
    return record(rules, needs, takes)


def _link(rules: Rules) -> Check:
    parameters = {"display_text": text(rules, BUTTON_LIMIT), "url": text(rules, pattern=r"https?://[^\s]+")}
    return _named(rules, "cta_url", record(rules, parameters))


def _flow(rules: Rules) -> Check:
    payload = record(rules, {}, {"screen": text(rules), "data": _full_object})
    parameters = record(
        rules,
        {"flow_message_version": one_of("3"), "flow_cta": text(rules, rules.flow_button_limit)},
        {
            "flow_id": text(rules),
            "flow_name": text(rules),
            "mode": one_of("draft", "published"),
            "flow_token": text(rules),
            "flow_action": one_of("navigate", "data_exchange"),
            "flow_action_payload": payload,
        },
        also=[exactly_one("flow_id", "flow_name")],
    )
    return _message(rules, _named(rules, "flow", parameters), headers=_ANY_HEADER)


def _full_object(value: object, where: str) -> Wrong | None:
    return None if isinstance(value, dict) and value else Wrong(Reason.WRONG_VALUE, f"Param {where} must not be empty.")


def _catalog(rules: Rules) -> Check:
    parameters = record(rules, {}, {"thumbnail_product_retailer_id": text(rules, PRODUCT_ID_LIMIT)})
    return _message(rules, _named(rules, "catalog_message", parameters, needed=False))


def _whereabouts(rules: Rules) -> Check:
    return _message(rules, _named(rules, "send_location", None))


def _region_limited(rules: Rules) -> Check:
    """Describe what few regions have; the platform looks into its action, the simulator does not."""
    return _message(rules, anything, headers=_ANY_HEADER, body=anything)


def _carousel(rules: Rules) -> Check:
    cards = many(_card(rules), 2, MOST_CARDS, also=[differing(lambda card: card["card_index"], "index"), _same_kind])
    return _message(rules, record(rules, {"cards": cards}))


def _card(rules: Rules) -> Check:
    index: dict[str, Check] = {"card_index": number(0, MOST_CARDS - 1, whole=True), "type": anything}
    header = _header(rules, ("image", "video"))
    takes: dict[str, Check] = {"body": record(rules, {"text": _card_body(rules)})}
    product = record(rules, {"catalog_id": text(rules), "product_retailer_id": text(rules, PRODUCT_ID_LIMIT)})
    replies = record(rules, {"buttons": _replies(rules, "quick_reply", MOST_BUTTONS)})
    return by(
        "type",
        {
            "cta_url": record(rules, {**index, "header": header, "action": _link(rules)}, takes),
            "button": record(rules, {**index, "header": header, "action": replies}, takes),
            "product": record(rules, {**index, "action": product}),
        },
    )


def _card_body(rules: Rules) -> Check:
    within = text(rules, CARD_BODY_LIMIT)

    def check(value: Any, where: str) -> Wrong | None:  # noqa: ANN401 - looked at by the check above first
        if wrong := within(value, where):
            return wrong
        if value.count("\n") > CARD_BODY_LINE_BREAKS:
            return Wrong(Reason.WRONG_VALUE, f"Param {where} takes at most {CARD_BODY_LINE_BREAKS} line breaks.")
        return None

    return check


def _same_kind(cards: Sequence[Mapping[str, Any]], where: str) -> Wrong | None:
    headers = {card["header"]["type"] if "header" in card else None for card in cards}
    catalogs = {card["action"].get("catalog_id") for card in cards}
    if len(headers) == len(catalogs) == 1:
        return None
    return Wrong(Reason.WRONG_VALUE, f"Param {where} needs the same type of header, or one catalogue, on each card.")


_KINDS: Mapping[str, Callable[[Rules], Check]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": lambda rules: _message(rules, _link(rules), headers=_ANY_HEADER),
    "location_request_message": _whereabouts,
    "product": _product,
    "product_list": _products,
    "catalog_message": _catalog,
    "flow": _flow,
    "carousel": _carousel,
    "address_message": _region_limited,
    "call_permission_request": _region_limited,
}
