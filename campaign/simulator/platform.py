"""The simulated platform: what is accepted, held, refused and told. Knows time and chance, but no HTTP."""

from collections import Counter, deque
from dataclasses import dataclass
from random import Random
from typing import Any

from campaign.simulator.access import access_of
from campaign.simulator.aftermath import Aftermath, Later
from campaign.simulator.announcements import Announcements
from campaign.simulator.checks import Checks, refusal
from campaign.simulator.clock import Clock
from campaign.simulator.desk import Desk, Timed
from campaign.simulator.dialect import (
    Answer,
    Dialect,
    Endpoint,
    InboundEvent,
    Message,
    ReadReceipt,
    Refusal,
    StatusEvent,
    Submission,
)
from campaign.simulator.dice import Dice
from campaign.simulator.fault import ANSWERED, Fault
from campaign.simulator.faults import Fate, Fates, Scripts
from campaign.simulator.fields import display_number
from campaign.simulator.inbound import Writing
from campaign.simulator.ledger import Ledger
from campaign.simulator.options import Options
from campaign.simulator.profile import Profile
from campaign.simulator.reasons import Reason
from campaign.simulator.webhooks import Outbox

_LAST_KEPT = 1000
_MARKED = Answer(200, b'{"success":true}')


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender is to see: an answer, after a while, unless a fault spoils it."""

    answer: Answer | None
    latency_s: float = 0.0
    fault: Fault | None = None
    first_word: StatusEvent | None = None


class Platform:
    """Takes messages as the platform does. `later` runs a callback after some seconds."""

    def __init__(self, options: Options, *, dialect: Dialect, ledger: Ledger, later: Later, clock: Clock) -> None:
        self._dialect = dialect
        self._clock = clock
        self._dice = Dice(options.seed)
        self._scripts = Scripts()
        # The number used last: what news and inbound messages are about if nobody says otherwise.
        self.number = dialect.usual_number
        self.access = access_of(options)
        self.ledger = ledger
        self.checks = Checks(options)
        self.outbox = Outbox(
            options.webhook,
            secret=options.app_secret.get_secret_value() if options.app_secret else None,
            dialect=dialect,
            profile=lambda: self.profile,
            chance=Random(options.seed),  # noqa: S311 - chance to be repeated, nothing secret
        )
        self.aftermath = Aftermath(
            dialect=dialect,
            shelf=self.checks.shelf,
            outbox=self.outbox,
            dice=self._dice,
            later=later,
            now=clock.now,
            profile=lambda: self.profile,
        )
        self.announcements = Announcements(outbox=self.outbox, desk=self._desk, later=later)
        self._clear_counts()
        self.change(options.profile)

    def change(self, profile: Profile) -> None:
        """Misbehave differently from now on."""
        self.checks.change(profile)
        self.profile = profile
        self._fates = Fates(profile)
        self._scripts.order(profile.answers)
        self.announcements.schedule(profile.schedule)

    def reset(self) -> None:
        """Forget every message and file; the profile and who may ask stay."""
        pacing = self.aftermath.pacing
        decided = (self._dice, self._scripts, self.access, self.ledger, self.checks)
        for forgetful in (*decided, pacing, self.outbox, self.announcements):
            forgetful.clear()
        self._clear_counts()

    def submit(self, number: str, authorization: str, raw: bytes, *, endpoint: Endpoint = "messages") -> Reply:
        """Take one message request and decide all that will become of it."""
        now = self._clock.now()
        self.requests += 1
        self.number = number
        too_many = self.checks.arrive(number, now)
        if too_many is Reason.REQUESTS:
            return self._objected(too_many)
        if stranger := self.unauthorized(authorization):
            return self.refused(stranger)
        match self._dialect.read(raw, endpoint=endpoint):
            case Refusal() as unreadable:
                return self.refused(unreadable)
            case ReadReceipt() as receipt:
                return self._mark_read(receipt, number, raw, too_many)
            case Submission() as submission:
                return self._judge(number, submission, raw, too_many, endpoint=endpoint, now=now)

    def code_of(self, reason: Reason) -> int:
        if reason is Reason.PORTFOLIO and self.profile.portfolio_limit_code is not None:
            return self.profile.portfolio_limit_code
        return self._dialect.codes[reason]

    def unauthorized(self, authorization: str) -> Refusal | None:
        if self.access.admits(authorization, self._clock.now()):
            return None
        refused = refusal(Reason.UNAUTHORIZED, self.code_of(Reason.UNAUTHORIZED))
        return Refusal(refused.code, refused.details, 401)

    def refused(self, refusal: Refusal, *, latency_s: float = 0.0) -> Reply:
        self.errors[refusal.code] += 1
        return Reply(self._dialect.refused(refusal, statuses=self.profile.http_status), latency_s)

    def log_in(self, authorization: str) -> tuple[str, float] | None:
        """Give a token, and until when, in seconds since 1970; None for a wrong password."""
        return self.access.log_in(authorization, self._clock.now(), lasts_s=self.profile.token_seconds)

    def hear(self, writing: Writing) -> str:
        """Take what a person writes and tell it; returns the id of the message."""
        now, number = self._clock.now(), writing.number or self.number
        at = now - writing.age_s
        message_id = writing.message_id or self._dialect.new_message_id(writing.person)
        # "In and out together" (throughput, 21 Nov 2025).
        self.checks.rates.arrive(number, now)
        self.checks.windows.write(number, writing.person, message_id, at)
        content = writing.content
        if writing.context is not None:
            content = {**content, "context": {"from": display_number(number), "id": writing.context}}
        self.outbox.put([(0.0, InboundEvent(number, writing.person, writing.name, message_id, at, content))])
        return message_id

    def announce(self, order: Timed) -> str | None:
        """Post what an experiment orders, in its time; says why nobody is told, if that is so."""
        if not self.outbox.is_open:
            return "nobody is told; start the simulator with --webhook"
        if order.is_news and not self._dialect.has_news:
            return "an On-Premises client tells nothing but statuses and messages; order those, or a raw body"
        self.announcements.post(order)
        return None

    def summary(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "by_endpoint": dict(self.by_endpoint),
            "errors": {str(code): times for code, times in sorted(self.errors.items())},
            "faults": dict(sorted(self.faults.items())),
            "read_receipts": self.read_receipts,
            "contacts_checked": self.contacts_checked,
            "logins": self.access.logins,
            **self.ledger.summary(),
            **self.checks.summary(),
            **self.aftermath.pacing.summary(),
            **self.outbox.summary(),
            "webhooks_pending": self.outbox.pending + self.announcements.waiting,
        }

    def _clear_counts(self) -> None:
        self.requests = self.read_receipts = self.contacts_checked = 0
        self.by_endpoint: Counter[Endpoint] = Counter()
        self.errors: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.last: deque[bytes] = deque(maxlen=_LAST_KEPT)

    def _desk(self) -> Desk:
        return Desk(
            self._clock.now(),
            self.number,
            self.checks.shelf,
            self.checks.windows,
            self._dialect,
            self.checks.conditions,
        )

    def _objected(self, reason: Reason, *, latency_s: float = 0.0) -> Reply:
        return self.refused(refusal(reason, self.code_of(reason)), latency_s=latency_s)

    def _judge(
        self,
        number: str,
        submission: Submission,
        raw: bytes,
        too_many: Reason | None,
        *,
        endpoint: Endpoint,
        now: float,
    ) -> Reply:
        """Decide about a message that can be read: what its fate is, and what speaks against it."""
        chance = self._dice.throw(submission.person)
        ordered = self._scripts.next(submission.person)
        fate = ordered or self._fates.draw(chance, number=number)
        if refused := self._spoilt(fate):
            return refused
        if ordered is None or ordered.error is None:
            reason = too_many or self.checks.objection(number, submission, endpoint=endpoint, now=now)
            if reason is not None:
                return self._objected(reason, latency_s=fate.latency_s)
        if fate.error is not None:
            return self.refused(Refusal(fate.error, "Simulated."), latency_s=fate.latency_s)
        self.last.append(raw)
        self.by_endpoint[endpoint] += 1
        return self._accept(
            number, submission, fate, chance, category=self.checks.category(submission, endpoint), now=now
        )

    def _spoilt(self, fate: Fate) -> Reply | None:
        if fate.fault is None:
            return None
        self.faults[fate.fault.value] += 1
        return None if fate.fault in ANSWERED else Reply(None, fate.latency_s, fate.fault)

    def _accept(
        self, number: str, submission: Submission, fate: Fate, chance: Random, *, category: str, now: float
    ) -> Reply:
        message = Message(
            seq=self.ledger.accepted + 1,
            at=now,
            number=number,
            message_id=self._dialect.new_message_id(submission.person),
            submission=submission,
            category=category,
            held=self.aftermath.holds(submission.template.key if submission.template else None, chance),
        )
        self.ledger.record(message, answered=ANSWERED[fate.fault])
        self.checks.accept(number, submission, now)
        first_word = self.aftermath.begin(message, chance)
        return Reply(self._answer(message, fate), fate.latency_s, fate.fault, first_word)

    def _answer(self, message: Message, fate: Fate) -> Answer:
        if fate.fault is Fault.ACCEPT_THEN_NO_ID:
            return self._dialect.accepted_without_id(message.submission)
        return self._dialect.accepted(message.submission, message.message_id, held=message.held)

    def _mark_read(self, receipt: ReadReceipt, number: str, raw: bytes, too_many: Reason | None) -> Reply:
        fate = self._fates.draw(self._dice.throw(f"read/{receipt.message_id}"), number=number)
        if refused := self._spoilt(fate):
            return refused
        if reason := too_many or self.checks.receipt_objection(receipt):
            return self._objected(reason, latency_s=fate.latency_s)
        if fate.error is not None:
            return self.refused(Refusal(fate.error, "Simulated."), latency_s=fate.latency_s)
        self.read_receipts += 1
        self.last.append(raw)
        return Reply(_MARKED, fate.latency_s, fate.fault)
