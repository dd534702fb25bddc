"""News of templates, numbers and the account -> paused runs and opened gates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from campaign.domain.account_news import About, Effect, News, about, digest, milder, name_of, news
from campaign.domain.answers import listed
from campaign.domain.number_state import portfolio_limit
from campaign.domain.outcome import Outcome
from campaign.domain.portfolio import SPAN, limit_of
from campaign.domain.receipt import AccountEvent, Item, OurNumber
from campaign.ports import AccountBatch, KeptEvent, Touched
from campaign.receipts.findings import Findings

# Source: Meta, business_capability_update and phone_number_quality_update, Nov 2025.
_LIMIT: Final = "max_daily_conversations_per_business"


@dataclass(frozen=True, slots=True)
class Ours:
    """Which account's news concern us, and what codes oblige us to do; None: whatever account it is about."""

    account: str | None = None
    portfolio: str | None = None
    answers: Mapping[int, Outcome] = field(default_factory=lambda: listed("on_premises"))
    window: timedelta = SPAN  # of the portfolio's limit


class AccountNews:
    """Applies what WhatsApp says of templates, numbers and the account."""

    def __init__(self, ours: Ours) -> None:
        self._ours = ours
        self._learned: set[OurNumber] = set()

    async def take(self, batch: AccountBatch, items: Sequence[Item], findings: Findings) -> None:
        """Keep each event once; the first time it is said, do to what it touches what it obliges us to."""
        await self._learn(batch, {item for item in items if isinstance(item, OurNumber)} - self._learned)
        events = {digest(item): item for item in items if isinstance(item, AccountEvent)}
        if not events:
            return
        fresh = await batch.keep_events([KeptEvent(key, event, self._is_ours(event)) for key, event in events.items()])
        # A limit is kept in the rows of shards: they are locked before runs, as mark does it.
        for key, event in events.items():
            if key in fresh and self._is_ours(event):
                await self._learn_limit(batch, event)
        for key, event in events.items():
            if key not in fresh:
                continue
            if self._is_ours(event):
                await self._apply(batch, event, findings)
            else:
                findings.note_news(event, None)

    async def _learn(self, batch: AccountBatch, numbers: set[OurNumber]) -> None:
        if not numbers:
            return
        known = await batch.learn_numbers(sorted(numbers))
        # Only what was known before is committed for certain.
        self._learned |= {number for number in numbers if number.address in known}

    def _is_ours(self, event: AccountEvent) -> bool:
        return event.account is None or self._ours.account in {None, event.account}

    async def _apply(self, batch: AccountBatch, event: AccountEvent, findings: Findings) -> None:
        is_number = about(event) is About.NUMBER and event.subject is not None
        shards = await batch.shards_of(event.subject or "") if is_number else ()
        said = news(event, name_of(event, shards), self._ours.answers)
        findings.note_news(event, said)
        touched = self._touched(event, said, shards)
        if touched is None:
            return
        if said.effect is Effect.OPEN_GATES:
            findings.released += await batch.open_gates(touched)
            return
        paused = await batch.pause_touched(touched, said.reason, _detail(event, said, shards))
        findings.note_paused(paused, said.reason, said.because)

    async def _learn_limit(self, batch: AccountBatch, event: AccountEvent) -> None:
        """Follow the portfolio's limit, whichever event names it; nobody knows whose it is without an account."""
        told = portfolio_limit(event.detail.get(_LIMIT)) if isinstance(event.detail, dict) else None
        if told is not None and self._ours.portfolio is not None:
            await batch.learn_limit(self._ours.portfolio, limit_of("auto", told, span=self._ours.window))

    def _touched(self, event: AccountEvent, said: News, shards: Sequence[str]) -> Touched | None:
        """Say which runs an event touches; None for none."""
        everything = Touched(self._ours.portfolio)
        of_template = everything._replace(template=event.subject, language=event.language)
        match said.effect:
            case Effect.NOTE:
                return None
            case Effect.OPEN_GATES | Effect.PAUSE_TEMPLATE:
                return of_template
            case Effect.PAUSE_MILDER:
                return of_template._replace(categories=milder(event.detail["new_category"]))
            case Effect.PAUSE_NUMBER if shards:
                return everything._replace(shards=shards)
            case Effect.PAUSE_NUMBER if event.field == "messages" and event.subject is not None:
                # By its id every number that sends is known, so this one does not.
                return None
            case _:
                return everything


def _detail(event: AccountEvent, said: News, shards: Sequence[str]) -> dict[str, Any]:
    """Write down why a run was paused; a number goes by its shards."""
    code = event.detail["code"] if event.field == "messages" else 0
    return {
        "field": event.field,
        "event": event.event,
        "subject": event.subject if about(event) is About.TEMPLATE else ", ".join(shards) or None,
        "said_at": event.at.isoformat() if event.at else None,
        "because": said.because,
        "remedy": said.remedy,
        **({"code": code} if code else {}),
    }
