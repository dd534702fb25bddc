"""The ledger against the simulator's own: who was accepted, who was told of it, and what we make of each message."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.rehearsal.world import World

Place = tuple[str, int]

MESSAGES = """
SELECT r.public_id::text AS run, m.row, m.state::text AS state, m.delivery::text AS delivery, m.message_id
  FROM message AS m JOIN run AS r ON r.id = m.run
"""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What was compared. `wrong` names every message the ledger is wrong about, by run and row."""

    states: Mapping[str, int]
    accepted_there: int
    silent: int
    unknown_though_accepted: int
    wrong: list[str] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, object]:
        return {
            "states": dict(self.states),
            "accepted_there": self.accepted_there,
            "without_a_webhook": self.silent,
            "unknown_though_accepted": self.unknown_though_accepted,
            "wrong": len(self.wrong),
        }


def reckon(world: World) -> Reckoning:
    """Compare, when every webhook has arrived.

    The receiver keeps each body before it answers 200, and the simulator has given none up: whoever is in no body was
    not told of. Of those alone an accepted message may be unknown to us.
    """
    assert world.platform.summary()["webhooks_given_up"] == 0
    there = {_place(entry["callback_data"]): entry["wamid"] for entry in world.platform.ledger()}
    told = _told(world)
    wrong, doubtful, states = [], 0, Counter[str]()
    for message in world.rows(MESSAGES):
        wamid = there.get((message["run"], message["row"]))
        states[message["state"]] += 1
        doubtful += wamid is not None and message["state"] == "unknown"
        wrong += [f"{message['run']} row {message['row']}: {what}" for what in _wrong(message, wamid, told)]
    silent = sum(wamid not in told for wamid in there.values())
    return Reckoning(states, len(there), silent, doubtful, wrong)


def _wrong(message: Mapping[str, Any], wamid: str | None, told: Mapping[str, str]) -> Iterator[str]:
    state = message["state"]
    if state in {"pending", "in_flight"}:
        yield f"left {state}"
    if wamid is None:
        if state == "accepted":
            yield "accepted, but not there"
        return
    if state not in {"accepted", "unknown"}:
        yield f"{state}, but accepted there"
    if state == "unknown" and wamid in told:
        yield "unknown, though a webhook told of it"
    if state == "accepted" and message["message_id"] != wamid:
        yield "accepted under another message ID"
    if state == "accepted" and message["delivery"] != told.get(wamid, "none"):
        yield f"delivery {message['delivery']}, told {told.get(wamid)}"


def _place(callback_data: str) -> Place:
    _, _, run, row, _ = callback_data.split(".")
    return run, int(row)


# How far a message got, nearest first.
_FURTHEST = ("read", "delivered", "dropped", "failed", "sent")

# What a message that was held gets when WhatsApp drops it.
_DROPPED = {132015, 132016}


def _told(world: World) -> dict[str, str]:
    """Read the bodies as they were kept, by no code of ours: message ID -> how far it got."""
    said: dict[str, set[str]] = {}
    for (body,) in world.rows("SELECT body FROM webhook"):
        for status in _statuses(json.loads(body)):
            said.setdefault(status["id"], set()).add(_meaning(status))
    return {wamid: next(each for each in _FURTHEST if each in statuses) for wamid, statuses in said.items()}


def _meaning(status: Mapping[str, Any]) -> str:
    codes = {error["code"] for error in status.get("errors", ())}
    return "dropped" if status["status"] == "failed" and codes & _DROPPED else str(status["status"])


def _statuses(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in body["entry"]:
        for change in entry["changes"]:
            yield from change["value"].get("statuses", ())
