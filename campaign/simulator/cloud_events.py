"""The Cloud API's webhooks: envelope, statuses, and what people wrote (webhooks reference, Nov 2025)."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from campaign.simulator.cloud_errors import known
from campaign.simulator.dialect import Event, FieldEvent, InboundEvent, Manner, StatusEvent
from campaign.simulator.fields import metadata

_ERRORS_HREF = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
# Statuses that carry a price: `sent` and one of delivered or read (status webhook, Nov 2025).
_PRICED = frozenset({"sent", "delivered"})
_CONVERSATION_S = 24 * 3600

Json = dict[str, Any]


def envelope(events: Sequence[Event], manner: Manner, *, account: str) -> bytes:
    """Put the events of one delivery in one body: an entry for messages, and one for each account and time of news."""
    messages: list[Json] = []
    statuses: defaultdict[str, list[StatusEvent]] = defaultdict(list)
    entries: defaultdict[tuple[str, int], list[Json]] = defaultdict(list)
    for event in events:
        match event:
            case StatusEvent():
                statuses[event.message.number].append(event)
            case InboundEvent():
                messages.append(_messages_change(event.number, inbound_value(event, manner)))
            case FieldEvent():
                change = {"field": event.field, "value": event.value}
                entries[event.account or account, event.at].append(change)
    messages += [_messages_change(number, _statuses(of_number, manner)) for number, of_number in statuses.items()]
    written = [{"id": whose, "time": at, "changes": changes} for (whose, at), changes in entries.items()]
    if messages:
        written.append({"id": account, "changes": messages})
    return orjson.dumps({"object": "whatsapp_business_account", "entry": written})


def inbound_value(event: InboundEvent, manner: Manner) -> Json:
    """Write what somebody sent us, as both dialects do."""
    message = {"id": event.message_id, "timestamp": str(int(event.at)), **event.content}
    who = {"from_user_id": scoped_id(event.person)} if manner.hides(event.person) else {"from": event.person}
    return {"contacts": [_contact(event.person, event.name, manner)], "messages": [who | message]}


def scoped_id(person: str) -> str:
    """Make up the id of a person whose number is hidden (business-scoped user ids, 6 Feb 2026)."""
    return "FR." + hashlib.blake2b(person.encode(), digest_size=10).hexdigest()


def errors_of(code: int) -> Json:
    title = known(code).title
    return {"code": code, "title": title, "message": title, "error_data": {"details": title}, "href": _ERRORS_HREF}


def _messages_change(number: str, value: Json) -> Json:
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata(number), **value}}


def _statuses(events: list[StatusEvent], manner: Manner) -> Json:
    value: Json = {"statuses": [_status(event, manner) for event in events]}
    people = {event.message.submission.person: None for event in events}
    if manner.status_contacts or (manner.scoped and any(map(manner.hides, people))):
        value["contacts"] = [_contact(person, "Ada", manner) for person in people]
    return value


def _contact(person: str, name: str, manner: Manner) -> Json:
    profile: Json = {"profile": {"name": name}}
    return profile | ({"user_id": scoped_id(person)} if manner.hides(person) else {"wa_id": person})


def _status(event: StatusEvent, manner: Manner) -> Json:
    message = event.message
    person, callback_data = message.submission.person, message.submission.callback_data
    status: Json = {"id": message.message_id, "status": event.status, "timestamp": str(int(event.at))}
    if manner.scoped and manner.hides(person):
        status["recipient_user_id"] = scoped_id(person)
    else:
        status["recipient_id"] = person
    if callback_data is not None and (manner.callback_data_on_failed or event.status != "failed"):
        status["biz_opaque_callback_data"] = callback_data
    if event.status in _PRICED:
        status |= _price(event, manner)
    if event.code is not None:
        status["errors"] = [errors_of(event.code)]
    return status


def _price(event: StatusEvent, manner: Manner) -> Json:
    category = event.message.category
    usual: Json = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": category}
    told = {**usual, **manner.pricing.get(event.message.submission.person, {})}
    price: Json = {"pricing": {name: said for name, said in told.items() if said is not None}}
    if manner.conversations:
        price["conversation"] = _conversation(event, category)
    return price


def _conversation(event: StatusEvent, category: str) -> Json:
    """Write what v24 and later leave out: an id for each message, and when its conversation ends (on `sent` alone)."""
    name = hashlib.blake2b(event.message.message_id.encode(), digest_size=16).hexdigest()
    conversation: Json = {"id": name, "origin": {"type": category}}
    if event.status == "sent":
        conversation["expiration_timestamp"] = str(int(event.at) + _CONVERSATION_S)
    return conversation
