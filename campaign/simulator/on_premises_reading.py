"""What the On-Premises client accepts as a message (messages reference, On-Premises; last build of 2024)."""

from collections.abc import Mapping
from types import MappingProxyType

from campaign.simulator.bodies.interactive import interactive
from campaign.simulator.bodies.plain import media, plain_types
from campaign.simulator.bodies.rules import ON_PREMISES
from campaign.simulator.bodies.shapes import Check, Wrong, anything, one_of, record, text, truth
from campaign.simulator.bodies.template import template
from campaign.simulator.dialect import Refusal, Submission
from campaign.simulator.reading import Body, parsed, recipient, refusal, submission
from campaign.simulator.reasons import Reason

# Which code goes with which reason (errors page of the On-Premises client). The page does not say when each is given:
# those for requests, media and pairs, and the choice between 1008, 1009 and 1010, are our reading.
CODES: Mapping[Reason, int] = MappingProxyType(
    {
        Reason.NOT_JSON: 1025,
        Reason.MISSING: 1008,
        Reason.UNKNOWN: 1010,
        Reason.SUPERFLUOUS: 1010,
        Reason.WRONG_TYPE: 1009,
        Reason.WRONG_VALUE: 1009,
        Reason.TOO_LONG: 1009,
        Reason.TEXT_TOO_LONG: 1001,
        Reason.RECIPIENT_TYPE: 1002,
        Reason.TYPE_UNSUPPORTED: 1009,
        Reason.TEMPLATE_MISSING: 2001,
        Reason.TEMPLATE_COUNT: 2000,
        Reason.TEMPLATE_FORMAT: 2012,
        Reason.TEMPLATE_TEXT_TOO_LONG: 2005,
        Reason.TEMPLATE_PAUSED: 2061,
        Reason.TEMPLATE_DISABLED: 2062,
        Reason.NO_MARKETING_TEMPLATE: 1009,
        Reason.MARKETING_NOT_HERE: 1009,
        Reason.MARKETING_NOT_READY: 1009,
        Reason.THROUGHPUT: 429,
        Reason.REQUESTS: 1015,
        Reason.PAIR: 471,
        Reason.WINDOW_CLOSED: 470,
        Reason.PORTFOLIO: 471,
        Reason.MEDIA: 1006,
        Reason.UNAUTHORIZED: 1005,
    }
)

_TYPES: Mapping[str, Check] = {
    **plain_types(ON_PREMISES),
    "voice": media(ON_PREMISES),
    "interactive": interactive(ON_PREMISES),
    "template": template(ON_PREMISES),
}
_ENVELOPE: Mapping[str, Check] = {
    "to": recipient,
    "type": anything,
    "recipient_type": one_of("individual", "group", otherwise=Reason.RECIPIENT_TYPE),
    "preview_url": truth,
    "context": record(ON_PREMISES, {"message_id": text(ON_PREMISES)}),
    # `ttl` is accepted and means nothing any more; the same goes for all the client does not know.
}
_BODIES = {kind: record(ON_PREMISES, {kind: check}, _ENVELOPE) for kind, check in _TYPES.items()}


def read(raw: bytes) -> Submission | Refusal:
    """Read the body of a message request as the client does."""
    body = parsed(raw)
    if isinstance(body, Wrong):
        return refusal(body, CODES)
    if wrong := _wrong(body):
        return refusal(wrong, CODES)
    return submission(body, callback_data=None)


def _wrong(body: Body) -> Wrong | None:
    for name in ("to", "type"):
        if not isinstance(body.get(name), str) or not body[name]:
            return Wrong(Reason.MISSING, f"Param {name} is missing.")
    kind = body["type"]
    if kind == "hsm":
        return Wrong(Reason.TYPE_UNSUPPORTED, "Param hsm is deprecated since v2.39; send a template.")
    shape = _BODIES.get(kind)
    if shape is None:
        return Wrong(Reason.TYPE_UNSUPPORTED, "Param type is none of those the client knows.")
    return shape(body, "message")
