"""The On-Premises client's spelling: answers, error envelopes and webhook bodies (On-Premises references)."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from campaign.simulator import on_premises_reading
from campaign.simulator.cloud_events import inbound_value
from campaign.simulator.dialect import (
    Answer,
    Endpoint,
    Event,
    InboundEvent,
    Manner,
    ReadReceipt,
    Refusal,
    StatusEvent,
    Submission,
)
from campaign.simulator.on_premises_errors import known

# "The property exists only when the message is held" (On-Premises messages reference).
HELD = "Message has been held because quality assessment is pending"
CLIENT = "on-premises"
"""The client has one number, which no request names."""

META = {"api_status": "stable", "version": "2.53"}
_ERRORS_HREF = "https://developers.facebook.com/docs/whatsapp/api/errors/"

# The client ended in 2025, before anybody's number was hidden.
_PLAIN = Manner()

Json = dict[str, Any]


class OnPremisesDialect:
    """How the On-Premises client writes what it means. `sent_status` is a setting of the client, off at first."""

    codes = on_premises_reading.CODES
    usual_number = CLIENT
    has_news = False

    def __init__(self, *, settings: Mapping[str, Any]) -> None:
        self._settings = settings

    def read(self, raw: bytes, *, endpoint: Endpoint) -> Submission | ReadReceipt | Refusal:  # noqa: ARG002 - the client has one endpoint
        return on_premises_reading.read(raw)

    def new_message_id(self, _person: str) -> str:
        """Make an opaque id, with nothing of the number in it."""
        return "gBEGk" + secrets.token_urlsafe(16)

    def accepted(self, _submission: Submission, message_id: str, *, held: bool) -> Answer:
        message = {"id": message_id}
        if held:
            message["message_status"] = HELD
        return answered({"messages": [message]})

    def accepted_without_id(self, _submission: Submission) -> Answer:
        return answered({})

    def refused(self, refusal: Refusal, *, statuses: Mapping[int, int]) -> Answer:
        error = known(refusal.code)
        body = {"errors": [{"code": refusal.code, "title": error.title, "details": refusal.details}]}
        return answered(body, status=statuses.get(refusal.code, refusal.status or error.http))

    def tells(self, event: Event) -> bool:
        match event:
            case StatusEvent(status="sent"):
                return bool(self._settings["sent_status"])
            case StatusEvent() | InboundEvent():
                return True
            case _:
                return False

    def envelope(self, events: Sequence[Event], manner: Manner) -> bytes:  # noqa: ARG002 - the client has one manner
        """Put the events of one delivery in one bare body."""
        body: dict[str, list[Json]] = {}
        for event in events:
            match event:
                case StatusEvent():
                    body.setdefault("statuses", []).append(_status(event))
                case InboundEvent():
                    for name, items in inbound_value(event, _PLAIN).items():
                        body.setdefault(name, []).extend(items)
        return orjson.dumps(body)


def answered(body: Json, *, status: int = 200) -> Answer:
    """Write an answer of the client, which always tells its version."""
    return Answer(status, orjson.dumps({**body, "meta": META}))


def _status(event: StatusEvent) -> Json:
    status: Json = {
        "id": event.message.message_id,
        "recipient_id": event.message.submission.person,
        "status": event.status,
        "timestamp": str(int(event.at)),
        "type": "message",
    }
    if event.code is not None:
        status["errors"] = [{"code": event.code, "title": known(event.code).title, "href": _ERRORS_HREF}]
    return status
