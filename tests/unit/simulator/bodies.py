"""One body of each type and variant, as the references show them, for both dialects."""

from typing import Any

LINK = "https://example.org/file"


def replies(*ids: str) -> list[dict[str, Any]]:
    return [{"type": "reply", "reply": {"id": each, "title": f"Press {each}"}} for each in ids]


def rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"r{n}", "title": f"Row {n}", "description": "d"} for n in range(start, start + count)]


def products(count: int) -> list[dict[str, Any]]:
    return [{"product_retailer_id": f"p{n}"} for n in range(count)]


def interactive(kind: str, action: dict[str, Any], **more: Any) -> dict[str, Any]:
    whole = {"type": kind, "body": {"text": "Hello"}, "action": action, **more}
    return {name: value for name, value in whole.items() if value is not ...}


def flow(**parameters: Any) -> dict[str, Any]:
    given = {"flow_message_version": "3", "flow_id": "1", "flow_cta": "Go", **parameters}
    return {"name": "flow", "parameters": {name: value for name, value in given.items() if value is not ...}}


def template(*components: dict[str, Any], **more: Any) -> dict[str, Any]:
    language = {"code": "fr", "policy": "deterministic"}
    return {"name": "spring_sale", "language": language, "components": list(components), **more}


def part(kind: str, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": kind, "parameters": list(parameters), **more}


def button(sub_type: str, parameter: dict[str, Any], index: str | int = "0") -> dict[str, Any]:
    return part("button", parameter, sub_type=sub_type, index=index)


def words(text: str = "Ada") -> dict[str, Any]:
    return {"type": "text", "text": text}


def card(index: int) -> dict[str, Any]:
    header = part("header", {"type": "image", "image": {"id": "1"}})
    return {"card_index": index, "components": [header, part("body", words()), button("url", words("x"))]}


def shown_card(index: int, **more: Any) -> dict[str, Any]:
    action = {"name": "cta_url", "parameters": {"display_text": "Go", "url": LINK}}
    header = {"type": "image", "image": {"link": LINK}}
    return {"card_index": index, "type": "cta_url", "header": header, "body": {"text": "One"}, "action": action, **more}


BUTTONS = {"buttons": replies("a", "b", "c")}
PRODUCTS = {"catalog_id": "1", "sections": [{"title": "All", "product_items": products(2)}]}
PERSON = {
    "name": {"formatted_name": "Ada Lovelace", "first_name": "Ada"},
    "phones": [{"phone": "+44 20 7946 0000", "type": "WORK", "wa_id": "442079460000"}],
    "emails": [{"email": "ada@example.org", "type": "WORK"}],
    "urls": [{"url": "https://example.org", "type": "WORK"}],
    "addresses": [{"street": "1 Main St", "city": "London", "country_code": "gb", "type": "HOME"}],
    "org": {"company": "Engines", "department": "Analysis", "title": "Countess"},
    "birthday": "1815-12-10",
}
MONEY = {"type": "currency", "currency": {"fallback_value": "9 €", "code": "EUR", "amount_1000": 9000}}
DATE = {"type": "date_time", "date_time": {"fallback_value": "10 May"}}
ORDER = {"type": "order_status", "order_status": {"reference_id": "7", "order": {"status": "shipped"}}}
OFFER = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1790000000000}}
MPM = {"thumbnail_product_retailer_id": "p0", "sections": PRODUCTS["sections"]}

BOTH: list[tuple[str, Any]] = [
    ("text", {"body": "Hello"}),
    ("image", {"link": LINK, "caption": "A picture"}),
    ("video", {"id": "1", "caption": ""}),
    ("audio", {"id": "1"}),
    ("document", {"link": LINK, "filename": "a.pdf", "caption": "Read"}),
    ("sticker", {"id": "1"}),
    ("location", {"latitude": 48.85, "longitude": 2.35, "name": "Paris", "address": "1 rue"}),
    ("location", {"latitude": "48.85", "longitude": "-2.35"}),
    ("contacts", [PERSON, {"name": {"formatted_name": "Ada", "last_name": "L"}}]),
    ("reaction", {"message_id": "wamid.x", "emoji": "👍"}),
    ("reaction", {"message_id": "wamid.x", "emoji": ""}),
    ("interactive", interactive("button", BUTTONS)),
    (
        "interactive",
        interactive("button", BUTTONS, header={"type": "image", "image": {"id": "1"}}, footer={"text": "f"}),
    ),
    ("interactive", interactive("list", {"button": "Open", "sections": [{"rows": rows(10)}]})),
    (
        "interactive",
        interactive("list", {"button": "Open", "sections": [{"title": str(n), "rows": rows(1, n)} for n in range(10)]}),
    ),
    ("interactive", interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": "Go", "url": LINK}})),
    ("interactive", interactive("location_request_message", {"name": "send_location"})),
    ("interactive", interactive("product", {"catalog_id": "1", "product_retailer_id": "p"}, body=...)),
    ("interactive", interactive("product_list", PRODUCTS, header={"type": "text", "text": "All"})),
    ("interactive", interactive("catalog_message", {"name": "catalog_message"})),
    ("interactive", interactive("flow", flow())),
    ("interactive", interactive("flow", flow(flow_id=..., flow_name="f", flow_action_payload={"screen": "A"}))),
    ("template", {"name": "a", "language": {"code": "fr", "policy": "deterministic"}}),
    ("template", template(part("header", words()), part("body", words(), MONEY, DATE))),
    ("template", template(part("body", {**words(), "parameter_name": "first_name"}))),
    *(
        ("template", template(part("header", {"type": kind, kind: content})))
        for kind, content in (
            ("image", {"id": "1"}),
            ("video", {"link": LINK}),
            ("document", {"link": LINK, "filename": "a.pdf"}),
            ("location", {"latitude": 1, "longitude": 2}),
            ("product", {"product_retailer_id": "p", "catalog_id": "1"}),
        )
    ),
    *(
        ("template", template(button(sub_type, parameter, index)))
        for sub_type, parameter, index in (
            ("quick_reply", {"type": "payload", "payload": "yes"}, "0"),
            ("url", words("suffix"), 1),
            ("copy_code", {"type": "coupon_code", "coupon_code": "SPRING2026"}, "9"),
            ("catalog", {"type": "action", "action": {"thumbnail_product_retailer_id": "p"}}, "0"),
            ("mpm", {"type": "action", "action": MPM}, "0"),
            ("flow", {"type": "action", "action": {"flow_token": "t", "flow_action_data": {"a": 1}}}, "0"),
        )
    ),
    ("template", template(part("body", words("123456")), button("url", words("123456")))),
    ("template", template(part("limited_time_offer", OFFER))),
    ("template", template(part("body", words()), {"type": "carousel", "cards": [card(0), card(1)]})),
]

CLOUD_ONLY: list[tuple[str, Any]] = [
    ("text", {"body": "Hello", "preview_url": True}),
    ("audio", {"id": "1", "voice": True}),
    ("interactive", interactive("carousel", {"cards": [shown_card(0), shown_card(1)]})),
    ("template", template(button("voice_call", {"type": "ttl_minutes", "ttl_minutes": 1440}))),
    ("template", template(part("order_status", ORDER))),
]
