"""What webhooks do to a message: the evidence of one settles it, the fold over all says how far it got."""

from collections.abc import Iterable
from enum import Enum
from typing import Literal, NamedTuple

SendState = Literal["pending", "in_flight", "accepted", "rejected", "unknown", "skipped", "cancelled"]
DeliveryState = Literal["none", "held", "sent", "delivered", "read", "failed", "dropped"]

# What each status word means; words that are not here are kept as facts and mean nothing.
# Held: two words of the Cloud API's OpenAPI file, and the sentence of the On-Premises messages reference.
_MEANING: dict[str, DeliveryState] = {
    "held_for_quality_assessment": "held",
    "paused": "held",
    "Message has been held because quality assessment is pending": "held",
    "sent": "sent",
    "failed": "failed",
    "delivered": "delivered",
    "read": "read",
    "played": "read",
}

# Template paused or disabled: what a held message gets when it is dropped (template pacing, 8 Dec 2025).
DROPPED_CODES = frozenset({132015, 132016})

# The best news of all facts is the state. Delivered outweighs failed: one of the person's devices has the message.
_BEST_FIRST: tuple[DeliveryState, ...] = ("read", "delivered", "dropped", "failed", "sent", "held")


class Fact(NamedTuple):
    """One thing a webhook said about a message ID."""

    status: str
    code: int = 0


class Delivery(NamedTuple):
    """What a set of facts amounts to; `conflict` when a phone has it and another reported failure.

    `charged_as`: the category that WhatsApp charges; '' where the message is free, None where it has not said.
    """

    state: DeliveryState
    code: int | None
    conflict: bool
    charged_as: str | None = None


def fold(facts: Iterable[Fact]) -> Delivery:
    """Reduce a set of facts to one delivery state.

    Order, repetition and batching cannot matter: only membership is looked at. Of several codes the one that decided
    counts, then the smallest.
    """
    facts = frozenset(facts)
    meanings = {_meaning(fact) for fact in facts}
    state: DeliveryState = next((state for state in _BEST_FIRST if state in meanings), "none")
    failures = {fact.code for fact in facts if fact.status == "failed"}
    named = failures & DROPPED_CODES or failures - {0}
    code = min(named, default=None) if state in ("failed", "dropped") else None
    return Delivery(state, code, state in ("read", "delivered") and bool(failures))


def _meaning(fact: Fact) -> DeliveryState:
    if fact.status == "failed" and fact.code in DROPPED_CODES:
        return "dropped"
    return _MEANING.get(fact.status, "none")


class Standing(NamedTuple):
    """What the ledger says of a message; `superseded` when an operator has already ordered that attempt again."""

    state: SendState
    attempt: int
    message_id: str | None
    superseded: bool = False


class Evidence(NamedTuple):
    """WhatsApp gave this message ID to this attempt; no attempt when only the message ID is known."""

    message_id: str
    attempt: int | None


class Witness(Enum):
    """What a piece of evidence does to its message."""

    KNOWN = "known"  # nothing new: only the fold goes on
    SETTLES = "settles"  # the attempt under way, unknown, or settled by an operator was accepted: this is its ID
    LATE = "late"  # accepted after all, after an operator ordered it again
    AFTER_RESEND = "after_resend"  # the same, but the next attempt is under way or accepted: the operator's own two
    DOUBLES = "doubles"  # a second message ID: the person has two
    GHOST = "ghost"  # we were told otherwise, or never sent it: another life did
    DOUBLED_GHOST = "doubled_ghost"  # both at once


def witness(standing: Standing, evidence: Evidence) -> Witness:
    """Decide what proof of acceptance does to a message. Reality wins: none of these makes it pending or rejected.

    An attempt older than the row's was reported as not accepted, or it would not have been followed; a newer one was
    never marked in this ledger. Neither can be explained here, so both are ghosts even while another attempt is under
    way: accepted is the one state from which nothing is sent again, and should that attempt too get a message ID, its
    record finds the row accepted under another and flags the pair.
    """
    if evidence.message_id == standing.message_id or evidence.attempt is None:
        return Witness.KNOWN
    if standing.superseded:
        return Witness.AFTER_RESEND if standing.state in ("in_flight", "unknown", "accepted") else Witness.LATE
    if standing.state == "accepted" and standing.message_id is None and evidence.attempt == standing.attempt:
        # An operator knew it without its ID.
        return Witness.SETTLES
    if standing.state == "accepted":
        return Witness.DOUBLED_GHOST if evidence.attempt > standing.attempt else Witness.DOUBLES
    if standing.state in ("in_flight", "unknown") and evidence.attempt == standing.attempt:
        return Witness.SETTLES
    return Witness.GHOST
