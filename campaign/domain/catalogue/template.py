"""Tables of template messages: the parameters of an approved template, component by component.

Source: Meta, "Template components" (21 Nov 2025), "Media/Product card carousel templates", "Multi-product message
templates" and "Limited-time offer templates" (4 Nov 2025), "Authentication templates" (Nov 2025); the OpenAPI
description v23.0 knows three kinds of button and no carousel, and its pattern of an index is wrong.
"""

from collections.abc import Mapping
from typing import Any, Final

from campaign.domain.catalogue.fault import Dialect
from campaign.domain.catalogue.forms import COUPON, CURRENCY, LANGUAGE, PARAMETER_NAME, TEMPLATE_NAME, between
from campaign.domain.catalogue.free_form import FILENAME, LOCATION, media
from campaign.domain.catalogue.limits import LIMITS
from campaign.domain.catalogue.rules import counted_together, indexed_in_order, titled
from campaign.domain.catalogue.template_rules import (
    buttons,
    card_buttons,
    code_twice,
    is_offer,
    named_or_not,
    offer_buttons,
    once_each,
    same_cards,
)
from campaign.domain.catalogue.vocabulary import (
    CLOUD_ONLY,
    LINE,
    PARAMETER,
    Choice,
    Depends,
    Free,
    ListOf,
    Node,
    Number,
    Record,
    Rule,
    Tagged,
    Text,
    may,
    need,
    only,
)

ID: Final = Text(broken=LINE)
PRODUCT: Final = Text("product", broken=LINE)
INDEX: Final = may(Number(between(0, LIMITS["template buttons"].most - 1, whole=True)))
NAMED: Final = {
    "parameter_name": only(
        "cloud",
        Text(broken=LINE, form=PARAMETER_NAME, constant=True),
        "leave it out: On-Premises takes parameters in the order of the template",
    )
}
AMOUNT: Final = Number(between(0, 10**15, whole=True), bare=True)


def _printed(limit: str) -> dict[str, Record]:
    text = need(Text(limit, broken=PARAMETER))
    money = Record(
        {"fallback_value": text, "code": need(Text(broken=LINE, form=CURRENCY)), "amount_1000": need(AMOUNT)}
    )
    return {
        "text": Record({"text": text, **NAMED}),
        "currency": Record({"currency": need(money), **NAMED}),
        "date_time": Record({"date_time": need(Record({"fallback_value": text})), **NAMED}),
    }


def _body(limit: str) -> Record:
    return Record({"parameters": may(ListOf(Tagged("type", _printed(limit))))})


PRODUCT_HEADER: Final = {
    "product": Record(
        {"product": need(Record({"product_retailer_id": need(PRODUCT), "catalog_id": need(ID)}))},
    )
}
PICTURES: Final = {"image": Record({"image": need(media())}), "video": Record({"video": need(media())})}


MARKETING_ALONE: Final[Mapping[str, tuple[Dialect, str]]] = {
    "gif": ("cloud", "send an image or a video: gif headers belong to the Marketing Messages API"),
}


def _header(cases: Mapping[str, Record]) -> Record:
    kinds = Tagged("type", cases, only=MARKETING_ALONE)
    return Record({"parameters": need(ListOf(kinds, "header parameters"))})


HEADER: Final = _header(
    {
        **_printed("template header"),
        **PICTURES,
        "document": Record({"document": need(media(filename=FILENAME))}),
        "gif": Record({"gif": need(media())}),
        "location": Record({"location": need(LOCATION)}),
        **PRODUCT_HEADER,
    }
)


BUTTON_KEYS: Final = {"type": need(Choice(("button", "BUTTON"))), "index": INDEX}


def _button(parameter: Tagged, *, required: bool = True) -> Record:
    parameters = ListOf(parameter, "button parameters")
    return Record({**BUTTON_KEYS, "parameters": need(parameters) if required else may(parameters)})


def _action(members: Mapping[str, Any]) -> Tagged:
    return Tagged("type", {"action": Record({"action": need(Record(members))})})


PAYLOAD: Final = Tagged("type", {"payload": Record({"payload": need(Text(broken=LINE))})})
SUFFIX: Final = Tagged("type", {"text": Record({"text": need(Text("template URL", broken=PARAMETER)), **NAMED})})
CODE: Final = Tagged("type", {"text": Record({"text": need(Text("one-time code", broken=PARAMETER))})})
COUPON_CODE: Final = Tagged(
    "type", {"coupon_code": Record({"coupon_code": need(Text("coupon code", broken=LINE, form=COUPON))})}
)
PRODUCTS: Final = ListOf(
    Record(
        {
            "title": may(Text("template section title", broken=LINE)),
            "product_items": need(ListOf(Record({"product_retailer_id": need(PRODUCT)}))),
        }
    ),
    "template product sections",
    (titled, counted_together("product_items", "template products")),
)
# Kinds of button a template is made with, which a message names otherwise or not at all. Source: Meta,
# "Authentication templates" and "Single-product message templates", Nov 2025.
NOT_SENT: Final = {
    "otp": "write sub_type: url, with the code as its text: that is how its button is sent",
    "spm": "leave it out: the product stands in the header, and the button comes by itself",
    "phone_number": "leave it out: it takes no parameter",
}
CARD_BUTTONS: Final = {
    "quick_reply": _button(PAYLOAD),
    "url": _button(SUFFIX),
}
BUTTON: Final = Tagged(
    "sub_type",
    {
        **CARD_BUTTONS,
        "copy_code": _button(COUPON_CODE),
        "catalog": _button(_action({"thumbnail_product_retailer_id": may(PRODUCT)}), required=False),
        "flow": _button(
            _action({"flow_token": may(Text(broken=LINE)), "flow_action_data": may(Free())}), required=False
        ),
        "mpm": _button(_action({"thumbnail_product_retailer_id": need(PRODUCT), "sections": need(PRODUCTS)})),
        "voice_call": Record({**BUTTON_KEYS, "parameters": may(ListOf(Free()))}),
    },
    only={"voice_call": ("cloud", CLOUD_ONLY)},
    refused=NOT_SENT,
)
OFFER: Final = Record(
    {
        "parameters": need(
            ListOf(
                Tagged(
                    "type",
                    {
                        "limited_time_offer": Record(
                            {"limited_time_offer": need(Record({"expiration_time_ms": need(AMOUNT)}))}
                        )
                    },
                ),
                "offer parameters",
            )
        )
    }
)


def _components(kinds: Mapping[str, Record], button: Tagged, *rules: Rule) -> ListOf:
    """Make the table of components: buttons are told apart by their sub_type, the others by their type."""
    # `button` stands among the kinds so that a misspelt one finds its name.
    others = Tagged("type", {**kinds, "button": Record({})}, only={"order_status": ("cloud", CLOUD_ONLY)})

    def choose(component: Mapping[str, Any]) -> Node:
        return button if str(component.get("type")).lower() == "button" else others

    return ListOf(Depends(choose), rules=(once_each, *rules))


CARD: Final = Record(
    {
        "card_index": need(Number(between(0, LIMITS["template cards"].most - 1, whole=True))),
        "components": need(
            _components(
                {"header": _header({**PICTURES, **PRODUCT_HEADER}), "body": _body("template card body")},
                Tagged("sub_type", CARD_BUTTONS, refused=NOT_SENT),
                card_buttons,
            )
        ),
    }
)
CAROUSEL: Final = Record({"cards": need(ListOf(CARD, "template cards", (indexed_in_order, same_cards)))})


def _template(components: ListOf, *rules: Rule) -> Record:
    language = Record(
        {
            "code": need(Text(broken=LINE, form=LANGUAGE, constant=True)),
            "policy": may(Choice(("deterministic",))),
        }
    )
    namespace = only(
        "on_premises",
        Text(broken=LINE, constant=True),
        "leave it out: the Cloud API finds the template by its name and language",
    )
    return Record(
        {
            "name": need(Text("template name", broken=LINE, form=TEMPLATE_NAME, constant=True)),
            "language": need(language),
            "namespace": namespace,
            "components": may(components),
        },
        rules=(named_or_not, *rules),
    )


def _kinds(body: str) -> dict[str, Record]:
    return {
        "header": HEADER,
        "body": _body(body),
        "limited_time_offer": OFFER,
        "carousel": CAROUSEL,
        "order_status": Record({"parameters": need(ListOf(Free()))}),
    }


PLAIN: Final = _template(_components(_kinds("template body"), BUTTON, buttons))
WITH_OFFER: Final = _template(_components(_kinds("template offer body"), BUTTON, buttons), offer_buttons)
TEMPLATE: Final = Depends(lambda template: WITH_OFFER if is_offer(template) else PLAIN)
CODE_TEMPLATE: Final = _template(
    _components(
        {"body": _body("one-time code")},
        Tagged("sub_type", {"url": _button(CODE)}, refused=NOT_SENT),
        buttons,
    ),
    code_twice,
)
