"""Who may be sent a message again by order, and what is risked where nobody knows whether the first one arrived."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from campaign.domain.errors import RefusedByPlan

# Webhooks repeat for 36 hours by one document and for seven days by another, and most come within minutes.
LEAST_AGE: Final = timedelta(hours=24)
# What nobody was there to hear may come again for so long.
LEAST_AGE_UNHEARD: Final = timedelta(days=7)
# Below this, silence says little.
LEAST_COVERAGE: Final = 0.99

# How many of the unknown turn out accepted, until so many are on record here.
ASSUMED_SHARE: Final = 0.8
ENOUGH_EARLIER: Final = 30


class Which(StrEnum):
    """What an order to send again is about."""

    UNKNOWN = "unknown"
    DROPPED = "dropped"
    FAILED = "failed"


class WhyNot(StrEnum):
    """Why one message is left out of an order to send again."""

    SUPPRESSED = "suppressed"
    ARRIVED = "arrived"  # a webhook said so of this attempt or an earlier one
    TWO_IDS = "two_ids"
    EXPIRED = "expired"
    WINDOW_CLOSED = "window_closed"
    TOO_YOUNG = "too_young"
    UNHEARD = "unheard"  # too young, since nobody listened all the time


class Candidate(NamedTuple):
    """A message that an order may be about.

    `since`: when it became what it is. `heard`: a receiver lived all the time since its attempt. `arrived`: a webhook
    said that a phone has it, or that WhatsApp took an attempt before this one.
    """

    row: int
    attempt: int
    state: str
    delivery: str
    code: int | None
    reason: str | None
    number: str
    since: datetime
    heard: bool
    suppressed: bool
    arrived: bool
    two_ids: bool
    expired: bool
    window_closed: bool


def ready_at(message: Candidate) -> datetime:
    """Tell when an unknown message is old enough for silence to say something."""
    return message.since + (LEAST_AGE if message.heard else LEAST_AGE_UNHEARD)


def why_not(message: Candidate, *, now: datetime) -> WhyNot | None:
    """Decide whether one message may be sent again; what time alone mends comes last."""
    for stands, reason in (
        (message.suppressed or not message.number, WhyNot.SUPPRESSED),
        (message.arrived, WhyNot.ARRIVED),
        (message.two_ids, WhyNot.TWO_IDS),
        (message.expired, WhyNot.EXPIRED),
        (message.window_closed, WhyNot.WINDOW_CLOSED),
    ):
        if stands:
            return reason
    if message.state != "unknown" or now >= ready_at(message):
        return None
    return WhyNot.TOO_YOUNG if message.heard else WhyNot.UNHEARD


class Coverage(NamedTuple):
    """How many messages were accepted by their own answer, and of how many of these a webhook has told."""

    accepted: int
    told: int

    @property
    def share(self) -> float | None:
        """Give the part that webhooks tell of; None when there is nothing to measure by."""
        return self.told / self.accepted if self.accepted else None

    @property
    def suffices(self) -> bool:
        """Tell whether silence says something about a message."""
        return self.share is not None and self.share >= LEAST_COVERAGE


class Earlier(NamedTuple):
    """What became of all messages of this ledger that were unknown once.

    `heard`: webhooks or late answers proved so many accepted; `settled`: people did.
    """

    unknown: int
    heard: int
    settled: int

    @property
    def enough(self) -> bool:
        """Tell whether there are enough of them to go by."""
        return self.unknown >= ENOUGH_EARLIER

    def accepted_share(self, coverage: float) -> float:
        """Estimate the part that was accepted; webhooks tell of `coverage` of these, so there are more."""
        if not self.enough:
            return ASSUMED_SHARE
        estimated = self.heard / coverage if coverage > 0 else float(self.unknown)
        return min(1.0, max(estimated, self.heard + self.settled) / self.unknown)


def risk(share: float, coverage: float) -> float:
    """Give the probability that a message nobody has told of was accepted all the same.

    `share`: of the unknown that are accepted; `coverage`: of the accepted that webhooks tell of.
    """
    silent = share * (1 - coverage)
    whole = silent + 1 - share
    # Rounding may lift it above what a probability can be.
    return min(1.0, silent / whole) if whole > 0 else 1.0


def refuse_cancelled(state: str) -> None:
    """Raise RefusedByPlan for a run that was cancelled: that was for good."""
    if state == "cancelled":
        raise RefusedByPlan(
            "the run is cancelled, and nothing of it is sent again",
            remedy="`campaign launch FILE --run NEW` writes to these people in a new run",
        )


def refuse_in_flight(messages: int) -> None:
    """Raise RefusedByPlan while answers are awaited: they may make more unknown, or fewer."""
    if messages:
        raise RefusedByPlan(
            f"answers are awaited to {messages:,} of the run's messages; nothing was sent again",
            remedy="wait for them, 65 s at most: `campaign status NAME`",
        )


def refuse_changed(asked: int, found: int) -> None:
    """Raise RefusedByPlan if messages are no longer what they were when somebody agreed to their number."""
    if found != asked:
        raise RefusedByPlan(
            f"{asked - found:,} of {asked:,} have changed since they were counted; nothing was done",
            remedy="run it again, and look at the new number",
        )
