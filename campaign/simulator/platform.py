"""The simulated platform: what is accepted, held, refused and told. Knows time and chance, but no HTTP."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from campaign.simulator.dialect import Answer, Dialect, Message, Refusal, StatusEvent, Submission, TemplateEvent
from campaign.simulator.dice import Dice
from campaign.simulator.faults import ANSWERED, Fate, Fates, Fault
from campaign.simulator.ledger import Ledger
from campaign.simulator.life import live
from campaign.simulator.options import Options
from campaign.simulator.pacing import Pacing, TemplateKey, Verdict
from campaign.simulator.profile import Profile, Release
from campaign.simulator.templates import Shelf, TemplateStatus, template_id
from campaign.simulator.throughput import NumberRates, PairLimit
from campaign.simulator.webhooks import Outbox

Later = Callable[[float, Callable[[], None]], object]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the sender is to see: an answer, after a while, unless a fault spoils it."""

    answer: Answer | None
    latency_s: float = 0.0
    fault: Fault | None = None
    first_word: StatusEvent | None = None


class Clock:
    """Seconds since 1970 that never jump: the wall clock is read once."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return self._offset + time.monotonic()


class Platform:
    """Takes messages as the platform does. `later` runs a callback after some seconds."""

    def __init__(self, options: Options, *, dialect: Dialect, ledger: Ledger, later: Later, clock: Clock) -> None:
        self._dialect = dialect
        self._later = later
        self._clock = clock
        self._dice = Dice(options.seed)
        self._pairs = PairLimit()
        self._token = options.access_token.get_secret_value() if options.access_token else None
        self.ledger = ledger
        self.rates = NumberRates(options.throughput)
        self.pacing = Pacing()
        self.shelf = Shelf(options.profile.templates)
        self.outbox = Outbox(
            options.webhook,
            secret=options.app_secret.get_secret_value() if options.app_secret else "",
            dialect=dialect,
            profile=lambda: self.profile,
            chance=Random(options.seed),  # noqa: S311 - chance to be repeated, nothing secret
        )
        self._clear_counts()
        self.change(options.profile)

    def change(self, profile: Profile) -> None:
        """Misbehave differently from now on."""
        if self.shelf.originals != profile.templates:
            self.shelf.replace(profile.templates)
        self.profile = profile
        self._fates = Fates(profile)

    def reset(self) -> None:
        """Forget every message; the profile stays."""
        for forgetful in (self._dice, self._pairs, self.ledger, self.rates, self.pacing, self.outbox):
            forgetful.clear()
        self.shelf.replace(self.profile.templates)
        self._clear_counts()

    def submit(self, number: str, authorization: str, raw: bytes) -> Reply:
        """Take one message request and decide all that will become of it."""
        now = self._clock.now()
        self.requests += 1
        within_ceiling = self.rates.arrive(number, now)
        refusal = self.unauthorized(authorization)
        submission = refusal or self._dialect.read(raw)
        if isinstance(submission, Refusal):
            return self.refused(submission)
        chance = self._dice.throw(submission.person)
        fate = self._fates.draw(chance)
        if fate.fault is not None:
            self.faults[fate.fault.value] += 1
        if fate.fault not in ANSWERED:
            return Reply(None, fate.latency_s, fate.fault)
        refusal = self._objection(number, submission, now, fate, within_ceiling=within_ceiling)
        if refusal is not None:
            return self.refused(refusal, latency_s=fate.latency_s)
        return self._accept(number, submission, now, fate, chance)

    def unauthorized(self, authorization: str) -> Refusal | None:
        if self._token is None or authorization == f"Bearer {self._token}":
            return None
        return Refusal(190, "Error validating access token")

    def refused(self, refusal: Refusal, *, latency_s: float = 0.0) -> Reply:
        self.errors[refusal.code] += 1
        return Reply(self._dialect.refused(refusal, statuses=self.profile.http_status), latency_s)

    def settle_held(self, *, drop: bool, count: int | None) -> int:
        """Release or drop held messages now; returns how many."""
        verdicts = self.pacing.settle(drop=drop, count=count)
        for verdict in verdicts:
            self._tell(verdict)
        return sum(len(verdict.released) + len(verdict.dropped) for verdict in verdicts)

    def summary(self) -> dict[str, Any]:
        return {
            "accepted": self.ledger.accepted,
            "recipients": self.ledger.recipients,
            "duplicates": self.ledger.duplicates,
            "duplicates_by_content": self.ledger.duplicates_by_content,
            "requests": self.requests,
            "worst_second": self.rates.worst_accepted(),
            "worst_second_requests": self.rates.worst_requests(),
            "held": self.pacing.held,
            "held_open": self.pacing.open,
            "released": self.pacing.released,
            "dropped": self.pacing.dropped,
            "errors": {str(code): times for code, times in sorted(self.errors.items())},
            "faults": dict(sorted(self.faults.items())),
            "statuses_queued": self.outbox.statuses_queued,
            "statuses_posted": self.outbox.statuses_posted,
            "webhooks_pending": self.outbox.pending,
            "webhooks_given_up": self.outbox.given_up,
        }

    def _clear_counts(self) -> None:
        self.requests = 0
        self.errors: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()

    def _objection(
        self, number: str, submission: Submission, now: float, fate: Fate, *, within_ceiling: bool
    ) -> Refusal | None:
        if not within_ceiling:
            return Refusal(130429, "Cloud API message throughput has been reached.")
        if self.profile.pair_limit and not self._pairs.admit(number, submission.person, now):
            return Refusal(131056, "Too many messages from this number to the same person in a short time.")
        if self.profile.template_checks and submission.template is not None:
            code = self.shelf.objection(submission.template)
            if code is not None:
                return Refusal(code, "The template cannot be used like this.")
        return None if fate.error is None else Refusal(fate.error, "Simulated.")

    def _accept(self, number: str, submission: Submission, now: float, fate: Fate, chance: Random) -> Reply:
        key = submission.template.key if submission.template else None
        message = Message(
            seq=self.ledger.accepted + 1,
            at=now,
            number=number,
            message_id=self._dialect.new_message_id(submission.person),
            submission=submission,
            category=self.shelf.category(key),
            held=key is not None and self.pacing.holds(key, self.profile, chance),
        )
        self.ledger.record(message, answered=ANSWERED[fate.fault])
        self.rates.accept(number, now)
        first_word = None
        if key is not None and message.held:
            self._hold(key, message)
        else:
            first_word = self._begin_life(message, chance)
        return Reply(self._answer(message, fate), fate.latency_s, fate.fault, first_word)

    def _answer(self, message: Message, fate: Fate) -> Answer:
        if fate.fault is Fault.ACCEPT_THEN_NO_ID:
            return self._dialect.accepted_without_id(message.submission)
        return self._dialect.accepted(message.submission, message.message_id, held=message.held)

    def _begin_life(self, message: Message, chance: Random) -> StatusEvent | None:
        """Queue what will be told of a message; returns what is to be told before its answer, if anything."""
        events = self._events(message, chance, since=message.at)
        early = bool(events) and chance.random() < self.profile.webhook_before_answer
        self.outbox.put(events[1:] if early else events)
        return events[0][1] if early else None

    def _events(self, message: Message, chance: Random, *, since: float) -> list[tuple[float, StatusEvent]]:
        return [
            (step.told_in, StatusEvent(message, step.status, since + step.happens_in, step.code))
            for step in live(self.profile, chance)
        ]

    def _hold(self, key: TemplateKey, message: Message) -> None:
        is_first = self.pacing.hold(key, message)
        if is_first and self.profile.held_release is Release.AUTO:
            self._later(self.profile.held_release_after_s, lambda: self._assess(key))

    def _assess(self, key: TemplateKey) -> None:
        self._tell(self.pacing.assess(key, drop_share=self.profile.held_drop_share))

    def _tell(self, verdict: Verdict) -> None:
        """Send the held on their way, or tell that they were dropped; tell what became of the template."""
        now = self._clock.now()
        for message in verdict.released:
            # A name of its own, so that a verdict does not change what this person's next request meets.
            chance = self._dice.throw(f"released/{message.submission.person}")
            self.outbox.put(self._events(message, chance, since=now))
        self.outbox.put((0.0, StatusEvent(message, "failed", now, 132015)) for message in verdict.dropped)
        if verdict.dropped:
            self.shelf.set_status(verdict.template, TemplateStatus.PAUSED)
            self._tell_template(verdict.template, status="PAUSED")
            self._tell_template(verdict.template, quality="RED")
        elif verdict.released and self.profile.held_green:
            self.pacing.prove(verdict.template)
            self._tell_template(verdict.template, quality="GREEN")

    def _tell_template(self, key: TemplateKey, *, status: str | None = None, quality: str | None = None) -> None:
        category = self.shelf.category(key).upper()
        self.outbox.put([(0.0, TemplateEvent(key, template_id(key), category, status, quality))])
