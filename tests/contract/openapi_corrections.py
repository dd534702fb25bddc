"""Where Meta's description of the API is wrong: what is, why we differ, and how it should read."""

from collections.abc import Callable
from typing import Any, NamedTuple

Schemas = dict[str, Any]


class Correction(NamedTuple):
    """A place where the description is wrong: what is, why we differ, and how it should read."""

    where: str
    wrong: str
    because: str
    correct: Callable[[Schemas], None]


def _closed(schemas: Schemas) -> None:
    for schema in schemas.values():
        for part in schema.get("allOf", ()):
            if part.pop("additionalProperties", True) is False:
                schema["unevaluatedProperties"] = False


def _optional_policy(schemas: Schemas) -> None:
    schemas["LanguageObject"]["required"].remove("policy")


def _indexes(schemas: Schemas) -> None:
    for part in (schemas["TemplateComponent"], schemas["ButtonComponent"]["allOf"][1]):
        part["properties"]["index"]["pattern"] = "^[0-9]$"


def _callback(*names: str) -> Callable[[Schemas], None]:
    def correct(schemas: Schemas) -> None:
        for name in names:
            schemas[name]["properties"]["biz_opaque_callback_data"] = {"type": "string", "maxLength": 512}

    return correct


def _kinds(name: str, member: str, *missing: str) -> Callable[[Schemas], None]:
    """Add kinds to a choice; a kind without a schema of its own is judged by what all have in common."""

    def correct(schemas: Schemas) -> None:
        for part in [schemas[name], *schemas[name].get("allOf", ())]:
            if "enum" in part.get("properties", {}).get(member, {}) and len(part["properties"][member]["enum"]) > 1:
                part["properties"][member]["enum"] += missing

    return correct


def _buttons(schemas: Schemas) -> None:
    for name in ("TemplateComponent", "ButtonComponent"):
        _kinds(name, "sub_type", "copy_code", "flow", "mpm", "voice_call")(schemas)


def _action(*required: str, **names: Any) -> Callable[[Schemas], None]:
    def correct(schemas: Schemas) -> None:
        schemas["ActionObject"]["oneOf"].append({"required": list(required), "properties": names})

    return correct


def _receipt(schemas: Schemas) -> None:
    receipt = {
        "type": "object",
        "required": ["messaging_product", "status", "message_id"],
        "additionalProperties": False,
        "properties": {
            "messaging_product": {"const": "whatsapp"},
            "status": {"const": "read"},
            "message_id": {"type": "string"},
        },
    }
    schemas["Message"] = {"if": {"required": ["status"]}, "then": receipt, "else": schemas["Message"]}


LINK_BUTTON = {"name": {"const": "cta_url"}, "parameters": {"type": "object", "required": ["display_text", "url"]}}
CORRECTIONS = (
    Correction(
        "*Message: allOf[1].additionalProperties",
        "closes the part of each type against the members that all types share, messaging_product and to among them",
        "no message at all could be sent; what is meant is that no other member is known",
        _closed,
    ),
    Correction(
        "BaseMessageProperties",
        "knows no biz_opaque_callback_data",
        "it is in the messages reference since 14 Nov 2023, and webhooks echo it",
        _callback("BaseMessageProperties"),
    ),
    Correction(
        "MarketingMessageRequestPayload",
        "knows no biz_opaque_callback_data",
        "the Marketing Messages API takes the payload of /messages (its pages, Dec 2025)",
        _callback("MarketingMessageRequestPayload"),
    ),
    Correction(
        "Message.oneOf",
        "has no read receipt",
        "its own example 'Send typing indicator and read receipt' is one, and so is the page 'Mark messages as read'",
        _receipt,
    ),
    Correction(
        "LanguageObject.required",
        "asks for a policy",
        "there is only one, On-Premises alone needs it, and Meta's samples for the Cloud API have none",
        _optional_policy,
    ),
    Correction(
        "TemplateComponent.index, ButtonComponent.index",
        "the pattern ^[2-6, 11-14]$ takes commas and refuses 0 and 1",
        "its own example is '0'; buttons are counted from 0 to 9",
        _indexes,
    ),
    Correction(
        "TemplateComponent.sub_type, ButtonComponent.sub_type",
        "has three kinds of button",
        "copy_code, flow, mpm and voice_call have pages of their own (Nov 2025)",
        _buttons,
    ),
    Correction(
        "TemplateComponent.type",
        "has no limited_time_offer, carousel and order_status",
        "'Limited-time offer templates' and 'Media card carousel templates', 4 Nov 2025; 'Order status'",
        _kinds("TemplateComponent", "type", "limited_time_offer", "carousel", "order_status"),
    ),
    Correction(
        "ParameterObject.type",
        "has no location, product and gif",
        "'Template components', 21 Nov 2025; gif in the pages of the Marketing Messages API",
        _kinds("ParameterObject", "type", "location", "product", "gif"),
    ),
    Correction(
        "ButtonParameterObject.type",
        "has no coupon_code, action and ttl_minutes",
        "the buttons copy_code; catalog, flow and mpm; voice_call carry them",
        _kinds("ButtonParameterObject", "type", "coupon_code", "action", "ttl_minutes"),
    ),
    Correction(
        "InteractiveObject.type",
        "has no cta_url, location_request_message, address_message and carousel",
        "each has a page of its own (Oct and Nov 2025)",
        _kinds("InteractiveObject", "type", "cta_url", "location_request_message", "address_message", "carousel"),
    ),
    Correction(
        "ActionObject.oneOf",
        "has no action of a cta_url message",
        "'Interactive call-to-action URL button messages', 3 Nov 2025",
        _action("name", "parameters", **LINK_BUTTON),
    ),
    Correction(
        "ActionObject.oneOf",
        "has no action of a location request",
        "'Location request messages', Nov 2025",
        _action("name", name={"const": "send_location"}),
    ),
    Correction(
        "ActionObject.oneOf",
        "has no action of an address message",
        "'Address messages', 7 Nov 2025",
        _action("name", "parameters", name={"const": "address_message"}),
    ),
    Correction(
        "ActionObject.oneOf",
        "has no cards",
        "'Interactive media carousel messages', 21 Oct 2025",
        _action("cards", cards={"type": "array", "minItems": 2, "maxItems": 10}),
    ),
)
