"""The Cloud API's spelling of requests, answers and error envelopes (messages reference)."""

import base64
import os
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from campaign.simulator import cloud_reading
from campaign.simulator.cloud_errors import known
from campaign.simulator.cloud_events import envelope
from campaign.simulator.dialect import Answer, Endpoint, Event, Manner, ReadReceipt, Refusal, Submission

Json = dict[str, Any]


class CloudDialect:
    """How the Cloud API, from v24 on, writes what it means."""

    codes = cloud_reading.CODES
    has_news = True
    # The number id of Meta's own samples.
    usual_number = "106540352242922"

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

    def envelope(self, events: Sequence[Event], manner: Manner) -> bytes:
        return envelope(events, manner, account=self._account)


def _accepted(submission: Submission, messages: list[Json] | None) -> Answer:
    body: Json = {
        "messaging_product": "whatsapp",
        "contacts": [{"input": submission.to, "wa_id": submission.person}],
    }
    if messages is not None:
        body["messages"] = messages
    return Answer(200, orjson.dumps(body))
