"""Tables of interactive messages.

Source: Meta, "Interactive ... messages" (3 Nov 2025), "Interactive media/product carousel messages" (21 Oct and
4 Dec 2025), "Share products" (6 Nov 2025), "Address messages" (7 Nov 2025), and the OpenAPI description v23.0.
"""

from typing import Final

from campaign.domain.catalogue.forms import URL, Form, between
from campaign.domain.catalogue.free_form import media
from campaign.domain.catalogue.limits import LIMITS
from campaign.domain.catalogue.rules import (
    counted_together,
    indexed_in_order,
    navigates,
    same_everywhere,
    titled,
    unique,
)
from campaign.domain.catalogue.vocabulary import (
    CLOUD_ONLY,
    LINE,
    Choice,
    Free,
    ListOf,
    Member,
    Number,
    Record,
    Tagged,
    Text,
    may,
    need,
)

ID: Final = Text(broken=LINE)
PRODUCT: Final = Text("product", broken=LINE)
BODY_TEXT: Final = Record({"text": need(Text("interactive body"))})
BODY: Final = need(BODY_TEXT)
OPTIONAL_BODY: Final = may(BODY_TEXT)
FOOTER: Final = may(Record({"text": need(Text("interactive footer"))}))
HEADER_TEXT: Final = Record(
    {"text": need(Text("interactive header")), "sub_text": may(Text("interactive header sub-text"))}
)
IMAGE_OR_VIDEO: Final = {"image": Record({"image": need(media())}), "video": Record({"video": need(media())})}
DOCUMENT: Final = {"document": Record({"document": need(media(filename=may(Text(broken=LINE))))})}
ANY_HEADER: Final = may(Tagged("type", {"text": HEADER_TEXT, **IMAGE_OR_VIDEO, **DOCUMENT}))
TEXT_HEADER: Final = Tagged("type", {"text": HEADER_TEXT})


def _message(action: Record, **parts: Member) -> Record:
    return Record({"body": BODY, "footer": FOOTER, **parts, "action": need(action)})


REPLY: Final = Record(
    {
        "type": need(Choice(("reply",))),
        "reply": need(
            Record(
                {
                    "id": need(Text("reply button id", broken=LINE, trimmed=True)),
                    "title": need(Text("reply button title", broken=LINE, trimmed=True)),
                }
            )
        ),
    }
)
BUTTONS: Final = ListOf(REPLY, "reply buttons", (unique("reply", "id"), unique("reply", "title")))

SECTION_TITLE: Final = may(Text("section title", broken=LINE))
ROW: Final = Record(
    {
        "id": need(Text("row id", broken=LINE, trimmed=True)),
        "title": need(Text("row title", broken=LINE, trimmed=True)),
        "description": may(Text("row description", broken=LINE)),
    }
)
SECTIONS: Final = ListOf(
    Record({"title": SECTION_TITLE, "rows": need(ListOf(ROW))}),
    "list sections",
    (titled, counted_together("rows", "list rows"), unique("id", inside="rows")),
)
PRODUCT_SECTIONS: Final = ListOf(
    Record(
        {"title": SECTION_TITLE, "product_items": need(ListOf(Record({"product_retailer_id": need(PRODUCT)})))},
    ),
    "product sections",
    (titled, counted_together("product_items", "products")),
)

LINK_BUTTON: Final = Record(
    {
        "name": need(Choice(("cta_url",))),
        "parameters": need(
            Record(
                {"display_text": need(Text("link button", broken=LINE)), "url": need(Text(broken=LINE, form=URL))},
            )
        ),
    }
)
FLOW: Final = Record(
    {
        "flow_message_version": need(Choice(("3",))),
        "flow_id": may(ID),
        "flow_name": may(Text(broken=LINE)),
        "flow_cta": need(Text("flow button", broken=LINE)),
        "mode": may(Choice(("draft", "published"))),
        "flow_token": may(Text(broken=LINE)),
        "flow_action": may(Choice(("navigate", "data_exchange"))),
        "flow_action_payload": may(Record({"screen": may(Text(broken=LINE)), "data": may(Free())})),
    },
    one_of=(("flow_id", "flow_name"),),
    rules=(navigates,),
)

MOST_BREAKS: Final = LIMITS["carousel card line breaks"].most
FEW_LINES: Final = Form(
    lambda text: text.count("\n") <= MOST_BREAKS,
    f"a card's text has more than {MOST_BREAKS} line breaks",
    f"keep at most {MOST_BREAKS}",
)
CARD_INDEX: Final = need(Number(between(0, LIMITS["carousel cards"].most - 1, whole=True)))
CARDS: Final = ListOf(
    Tagged(
        "type",
        {
            "cta_url": Record(
                {
                    "card_index": CARD_INDEX,
                    "header": need(Tagged("type", IMAGE_OR_VIDEO)),
                    "body": may(Record({"text": need(Text("carousel card body", form=FEW_LINES))})),
                    "action": need(LINK_BUTTON),
                }
            ),
            "product": Record(
                {
                    "card_index": CARD_INDEX,
                    "action": need(Record({"product_retailer_id": need(PRODUCT), "catalog_id": need(ID)})),
                }
            ),
        },
    ),
    "carousel cards",
    (
        indexed_in_order,
        same_everywhere("type"),
        same_everywhere("header", "type"),
        same_everywhere("action", "catalog_id"),
    ),
)


def _named(name: str, parameters: Member | None = None) -> Record:
    members = {"name": need(Choice((name,)))}
    return Record({**members, "parameters": parameters} if parameters else members)


NO_HEADER: Final = {"header": "leave it out: this kind has none"}
NEITHER: Final = {**NO_HEADER, "footer": "leave it out: this kind has none"}
THUMBNAIL: Final = may(Record({"thumbnail_product_retailer_id": may(PRODUCT)}))

INTERACTIVE: Final = Tagged(
    "type",
    {
        "button": _message(Record({"buttons": need(BUTTONS)}), header=ANY_HEADER),
        "list": _message(
            Record({"button": need(Text("list button", broken=LINE)), "sections": need(SECTIONS)}),
            header=may(TEXT_HEADER),
        ),
        "cta_url": _message(LINK_BUTTON, header=ANY_HEADER),
        "location_request_message": Record(
            {"body": BODY, "action": need(_named("send_location"))},
            refused=NEITHER,
        ),
        "product": Record(
            {
                "body": OPTIONAL_BODY,
                "footer": FOOTER,
                "action": need(Record({"catalog_id": need(ID), "product_retailer_id": need(PRODUCT)})),
            },
            refused=NO_HEADER,
        ),
        "product_list": _message(
            Record({"catalog_id": need(ID), "sections": need(PRODUCT_SECTIONS)}), header=need(TEXT_HEADER)
        ),
        "catalog_message": Record(
            {"body": BODY, "footer": FOOTER, "action": need(_named("catalog_message", THUMBNAIL))}, refused=NO_HEADER
        ),
        "flow": _message(_named("flow", need(FLOW)), header=ANY_HEADER),
        "carousel": Record({"body": BODY, "action": need(Record({"cards": need(CARDS)}))}, refused=NEITHER),
        "address_message": _message(_named("address_message", need(Free())), header=ANY_HEADER),
        "call_permission_request": Record(
            {
                "body": OPTIONAL_BODY,
                "action": need(_named("call_permission_request")),
            },
            refused=NEITHER,
        ),
    },
    only={
        "carousel": ("cloud", CLOUD_ONLY),
        "address_message": ("cloud", CLOUD_ONLY),
        "call_permission_request": ("cloud", CLOUD_ONLY),
    },
)
