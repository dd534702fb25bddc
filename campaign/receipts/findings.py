"""What one batch of webhooks did, to be told once it is committed."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()


@dataclass(slots=True)
class Findings:
    """What one batch did; logged only once it is committed."""

    facts: int = 0
    inbound: int = 0
    foreign: int = 0
    other: int = 0
    settled: int = 0
    paused: list[tuple[int, str]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)

    def note_paused(self, runs: Iterable[int], reason: str) -> None:
        """Remember runs that this batch paused."""
        self.paused += [(run, reason) for run in runs]

    def tell(self) -> None:
        """Log it, without message IDs."""
        if self.foreign:
            log.warning("fact.foreign", facts=self.foreign)
        if self.settled:
            log.info("message.settled", messages=self.settled)
        for run, reason in self.paused:
            log.error("run.paused", run=run, reason=reason)
        for run in self.released:
            log.info("held.released", run=run)
