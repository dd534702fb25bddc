"""What one batch of webhooks did, to be told once it is committed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog

from campaign.domain.account_news import News
from campaign.domain.receipt import AccountEvent
from campaign.ports import Noted, RefusedMessage

log = structlog.get_logger()

# What nobody here can explain: a message that was never sent, one with two message IDs, one of a run nobody knows.
ALARMS: Final = frozenset({"message.ghost", "message.doubled", "life.foreign"})


@dataclass(slots=True)
class Findings:
    """What one batch did; logged only once it is committed."""

    facts: int = 0
    inbound: int = 0
    foreign: int = 0
    other: int = 0
    settled: int = 0
    alarms: list[Noted] = field(default_factory=list)
    paused: list[tuple[int, str, str | None]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    news: list[tuple[AccountEvent, News | None]] = field(default_factory=list)
    refused: list[RefusedMessage] = field(default_factory=list)
    unwanted: set[bytes] = field(default_factory=set)
    sources: Counter[str] = field(default_factory=Counter)
    left_out: int = 0

    def note_paused(self, runs: Iterable[int], reason: str, why: str | None = None) -> None:
        """Remember runs that this batch paused."""
        self.paused += [(run, reason, why) for run in runs]

    def note_news(self, event: AccountEvent, said: News | None) -> None:
        """Remember what WhatsApp said of the account; None is said of somebody else's."""
        self.news.append((event, said))

    def tell(self) -> None:
        """Log it, without message IDs."""
        if self.foreign:
            log.warning("fact.foreign", facts=self.foreign)
        if self.settled:
            log.info("message.settled", messages=self.settled)
        if self.unwanted:
            log.info("person.opted_out", people=len(self.unwanted), messages=self.left_out, sources=dict(self.sources))
        for alarm in self.alarms:
            _sound(alarm)
        for event, said in self.news:
            _tell_news(event, said)
        for run, reason, why in self.paused:
            log.error("run.paused", run=run, reason=reason, **({"why": why} if why else {}))
        for run in self.released:
            log.info("held.released", run=run)


def _sound(alarm: Noted) -> None:
    match alarm.name:
        case "message.ghost":
            log.error("message.ghost", run=alarm.run, **alarm.detail)
        case "message.doubled":
            log.error("message.doubled", run=alarm.run, **alarm.detail)
        case "life.foreign":
            log.error("life.foreign", **alarm.detail)


def _tell_news(event: AccountEvent, said: News | None) -> None:
    if said is None:
        log.info("account.foreign", field=event.field, said=event.event)
    elif said.bad:
        log.warning("account.said", field=event.field, said=event.event, why=said.because)
    else:
        log.info("account.said", field=event.field, said=event.event, why=said.because)
