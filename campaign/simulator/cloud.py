"""The Cloud API's spelling: answers, error envelopes and webhook payloads (messages and webhooks references)."""

import base64
import os
import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from campaign.simulator import cloud_reading
from campaign.simulator.cloud_errors import known
from campaign.simulator.dialect import (
    Answer,
    Endpoint,
    Event,
    InboundEvent,
    ReadReceipt,
    Refusal,
    StatusEvent,
    Submission,
    TemplateEvent,
)

_ERRORS_HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
# Statuses that carry a price: `sent` and one of delivered or read (status webhook, Nov 2025).
_PRICED = frozenset({"sent", "delivered"})

Json = dict[str, Any]


def display_number(number: str) -> str:
    """Make up the business number behind an id, in the range set aside for fiction."""
    return f"1555010{int(number) % 10_000:04d}" if number.isdecimal() else "15550100000"


class CloudDialect:
    """How the Cloud API, from v24 on, writes what it means."""

    codes = cloud_reading.CODES

    def __init__(self, *, business_account_id: str) -> None:
        self._account = business_account_id

    def read(self, raw: bytes, *, endpoint: Endpoint) -> Submission | ReadReceipt | Refusal:
        return cloud_reading.read(raw, endpoint=endpoint)

    def new_message_id(self, person: str) -> str:
        """Make an id that contains the number, as the real ones do; random, so that a restart never repeats one."""
        inside = b"\x1d\x0b" + bytes([len(person)]) + person.encode() + b"\x15\x02\x00" + os.urandom(12)
        return "wamid." + base64.b64encode(inside).decode()

    def accepted(self, submission: Submission, message_id: str, *, held: bool) -> Answer:
        status = "held_for_quality_assessment" if held else "accepted"
        return _accepted(submission, [{"id": message_id, "message_status": status}])

    def accepted_without_id(self, submission: Submission) -> Answer:
        return _accepted(submission, None)

    def refused(self, refusal: Refusal, *, statuses: Mapping[int, int]) -> Answer:
        error = known(refusal.code)
        envelope = {
            "message": f"(#{refusal.code}) {error.title}",
            "type": "OAuthException",
            "code": refusal.code,
            "error_data": {"messaging_product": "whatsapp", "details": refusal.details},
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
        }
        status = statuses.get(refusal.code, refusal.status or error.http)
        return Answer(status, orjson.dumps({"error": envelope}))

    def tells(self, _event: Event) -> bool:
        return True

    def envelope(self, events: Sequence[Event], *, callback_data_on_failed: bool) -> bytes:
        """Put the events of one delivery in one body: one change per number, one per template or inbound event."""
        statuses: defaultdict[str, list[Json]] = defaultdict(list)
        changes: list[Json] = []
        for event in events:
            match event:
                case StatusEvent():
                    statuses[event.message.number].append(_status(event, callback_data_on_failed))
                case InboundEvent():
                    changes.append(_messages_change(event.number, inbound_value(event)))
                case TemplateEvent():
                    changes.append(_template_change(event))
        changes += _status_changes(statuses.items())
        entry = {"id": self._account, "changes": changes}
        return orjson.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def inbound_value(event: InboundEvent) -> Json:
    """Write what somebody sent us, as both dialects do."""
    message = {"from": event.person, "id": event.message_id, "timestamp": str(int(event.at)), **event.content}
    return {"contacts": [{"profile": {"name": event.name}, "wa_id": event.person}], "messages": [message]}


def _accepted(submission: Submission, messages: list[Json] | None) -> Answer:
    body: Json = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": submission.to, "wa_id": submission.person}],
    }
    if messages is not None:
        body["messages"] = messages
    return Answer(200, orjson.dumps(body))


def _status_changes(statuses: Iterable[tuple[str, list[Json]]]) -> list[Json]:
    return [_messages_change(number, {"statuses": of_number}) for number, of_number in statuses]


def _messages_change(number: str, value: Json) -> Json:
    metadata = {"display_phone_number": display_number(number), "phone_number_id": number}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def _status(event: StatusEvent, callback_data_on_failed: bool) -> Json:  # noqa: FBT001 - called once, above, by a keyword of that name
    message = event.message
    status: Json = {
        "id": message.message_id,
        "status": event.status,
        "timestamp": str(int(event.at)),
        "recipient_id": message.submission.person,
    }
    callback_data = message.submission.callback_data
    if callback_data is not None and (callback_data_on_failed or event.status != "failed"):
        status["biz_opaque_callback_data"] = callback_data
    if event.status in _PRICED:
        category = message.category
        status["pricing"] = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": category}
    if event.code is not None:
        status["errors"] = [_status_error(event.code)]
    return status


def _status_error(code: int) -> Json:
    title = known(code).title
    return {"code": code, "title": title, "message": title, "error_data": {"details": title}, "href": _ERRORS_HREF}


def _template_change(event: TemplateEvent) -> Json:
    name, language = event.key
    template = {
        "message_template_id": event.template_id,
        "message_template_name": name,
        "message_template_language": language,
    }
    if event.quality is not None:
        scores = {"previous_quality_score": "UNKNOWN", "new_quality_score": event.quality}
        return {"field": "message_template_quality_update", "value": {**scores, **template}}
    verdict = {"event": event.status, "reason": "NONE", "message_template_category": event.category}
    value = {**verdict, **template, "other_info": {"title": "RATE_LIMITING_PAUSE"}}
    return {"field": "message_template_status_update", "value": value}
