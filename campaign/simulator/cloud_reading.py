"""What the Cloud API accepts as a message (messages reference, Cloud; Oct to Dec 2025)."""

from collections.abc import Mapping
from types import MappingProxyType

from campaign.simulator.bodies.interactive import interactive
from campaign.simulator.bodies.plain import plain_types
from campaign.simulator.bodies.rules import CLOUD
from campaign.simulator.bodies.shapes import Check, Wrong, anything, one_of, record, text, truth
from campaign.simulator.bodies.template import template
from campaign.simulator.dialect import Endpoint, ReadReceipt, Refusal, Submission
from campaign.simulator.reading import Body, parsed, recipient, refusal, submission
from campaign.simulator.reasons import Reason

CALLBACK_DATA_LIMIT = 512

# Which code goes with which reason (error codes page, 19 Nov 2025; those of 2026 by later copies).
CODES: Mapping[Reason, int] = MappingProxyType(
    {
        Reason.NOT_JSON: 100,
        Reason.MISSING: 131008,
        Reason.UNKNOWN: 100,
        Reason.SUPERFLUOUS: 100,
        Reason.WRONG_TYPE: 100,
        Reason.WRONG_VALUE: 131009,
        Reason.TOO_LONG: 100,
        Reason.TEXT_TOO_LONG: 100,
        Reason.RECIPIENT_TYPE: 100,
        Reason.TYPE_UNSUPPORTED: 131051,
        Reason.TEMPLATE_MISSING: 132001,
        Reason.TEMPLATE_COUNT: 132000,
        Reason.TEMPLATE_FORMAT: 132012,
        Reason.TEMPLATE_TEXT_TOO_LONG: 132005,
        Reason.TEMPLATE_PAUSED: 132015,
        Reason.TEMPLATE_DISABLED: 132016,
        Reason.NO_MARKETING_TEMPLATE: 131055,
        Reason.MARKETING_NOT_HERE: 131063,
        Reason.MARKETING_NOT_READY: 134102,
        Reason.THROUGHPUT: 130429,
        Reason.REQUESTS: 4,
        Reason.PAIR: 131056,
        Reason.WINDOW_CLOSED: 131047,
        Reason.PORTFOLIO: 131048,
        Reason.MEDIA: 131053,
        Reason.UNAUTHORIZED: 190,
    }
)

_TYPES: Mapping[str, Check] = {
    **plain_types(CLOUD),
    "interactive": interactive(CLOUD),
    "template": template(CLOUD),
}
_CONTEXT = record(CLOUD, {"message_id": text(CLOUD, trimmed=True)})
_ENVELOPE: Mapping[str, Check] = {
    "messaging_product": one_of("whatsapp", otherwise=Reason.WRONG_TYPE),
    "to": recipient,
    # The id by which the platform knows a person, since May 2026; `to` wins where both are there.
    "recipient": text(CLOUD, pattern=r"[A-Z]{2}\.[A-Za-z0-9]{1,128}"),
    "recipient_type": one_of("individual", "group", otherwise=Reason.RECIPIENT_TYPE),
    "type": anything,
    "context": _CONTEXT,
    "biz_opaque_callback_data": text(CLOUD, CALLBACK_DATA_LIMIT, least=0, over=Reason.TEXT_TOO_LONG),
    "recipient_identity_key_hash": text(CLOUD),
}
_MARKETING: Mapping[str, Check] = {
    "product_policy": one_of("CLOUD_API_FALLBACK", "STRICT"),
    "message_activity_sharing": truth,
}
_READ = record(
    CLOUD,
    {
        "messaging_product": _ENVELOPE["messaging_product"],
        "status": one_of("read"),
        "message_id": text(CLOUD, trimmed=True),
    },
    {"typing_indicator": record(CLOUD, {"type": one_of("text")})},
)
_BODIES: Mapping[Endpoint, Mapping[str, Check]] = {
    "messages": {kind: record(CLOUD, {kind: check}, _ENVELOPE) for kind, check in _TYPES.items()},
    "marketing_messages": {
        "template": record(CLOUD, {"template": _TYPES["template"]}, {**_ENVELOPE, **_MARKETING}),
    },
}


def read(raw: bytes, *, endpoint: Endpoint = "messages") -> Submission | ReadReceipt | Refusal:
    """Read the body of a message request as the platform does."""
    body = parsed(raw)
    if isinstance(body, Wrong):
        return refusal(body, CODES)
    if "status" in body and endpoint == "messages":
        wrong = _READ(body, "message")
        return refusal(wrong, CODES) if wrong else ReadReceipt(body["message_id"])
    if wrong := _wrong(body, endpoint):
        return refusal(wrong, CODES)
    return submission(body, callback_data=body.get("biz_opaque_callback_data"))


def _wrong(body: Body, endpoint: Endpoint) -> Wrong | None:
    """Object in the order the platform checks: the envelope first, since the rest relies on it."""
    for name in ("messaging_product", "to", "type"):
        if not isinstance(body.get(name), str) or not body[name]:
            return Wrong(Reason.WRONG_TYPE, f"The parameter {name} is required.")
    kind = body["type"]
    if kind not in _TYPES:
        return Wrong(Reason.TYPE_UNSUPPORTED, "Message type is not supported.")
    shape = _BODIES[endpoint].get(kind)
    if shape is None:
        return Wrong(Reason.NO_MARKETING_TEMPLATE, "Only templates of category marketing are sent here.")
    return shape(body, "message") or _reply_to_nothing(body)


def _reply_to_nothing(body: Body) -> Wrong | None:
    if body["type"] == "reaction" and "context" in body:
        return Wrong(Reason.SUPERFLUOUS, "Param context is not possible with a reaction.")
    return None
