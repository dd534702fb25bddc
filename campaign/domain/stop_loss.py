"""When a campaign goes so wrong that it stops by itself."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

# What may go wrong with a message, as `stop_if` names it, and how it is told.
WENT_WRONG: Final[Mapping[str, str]] = {
    "rejected": "were refused by WhatsApp",
    "failed": "could not be delivered",
    "unknown": "got no usable answer",
    "held": "are held for WhatsApp's quality check",
    "dropped": "were dropped after WhatsApp's quality check",
    "opt_out": "were followed by an opt-out",
}

# Of these only webhooks tell.
HEARD: Final = ("failed", "held", "dropped", "opt_out")

AFTER: Final = 500


class Tally(NamedTuple):
    """So many messages have an outcome (accepted, rejected or unknown), and of these so many went wrong, by kind."""

    settled: int
    wrong: Mapping[str, int]


class Breach(NamedTuple):
    """Too many messages went wrong in one way; `step` counts from 1, None for the whole run."""

    kind: str
    messages: int
    settled: int
    limit: float
    step: int | None = None

    @property
    def share(self) -> float:
        """Give the part that went wrong."""
        return self.messages / self.settled

    @property
    def words(self) -> str:
        """Say what was counted, and what it was held against."""
        place = f" in step {self.step}" if self.step is not None else ""
        return (
            f"{self.messages:,} of {self.settled:,} messages{place} ({self.share:.1%}) {WENT_WRONG[self.kind]}; "
            f"`stop_if` allows {self.limit * 100:g}%"
        )

    @property
    def evidence(self) -> dict[str, Any]:
        """Spell it for the ledger's history."""
        return {**self._asdict(), "share": round(self.share, 4)}


def breach(stop_if: Mapping[str, float], run: Tally, step: Tally | None = None, *, number: int = 1) -> Breach | None:
    """Find what went wrong worst, measured by its limit, if anything exceeds one.

    `stop_if` is the limit of each kind as a share, and `after`: so many outcomes there must be, of the run and of its
    present step each for itself.
    """
    after = int(stop_if.get("after", AFTER))
    found = [
        Breach(kind, tally.wrong.get(kind, 0), tally.settled, limit, place)
        for tally, place in ((step, number), (run, None))
        if tally is not None and tally.settled >= max(1, after)
        for kind, limit in stop_if.items()
        if kind in WENT_WRONG and tally.wrong.get(kind, 0) > limit * tally.settled
    ]
    return max(found, key=lambda each: each.share / max(each.limit, 1e-9), default=None)
