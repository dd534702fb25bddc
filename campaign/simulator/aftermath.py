"""What becomes of accepted messages: held and judged, or told at once, step by step."""

from collections.abc import Callable
from random import Random

from campaign.simulator import fields
from campaign.simulator.dialect import Dialect, FieldEvent, Message, StatusEvent
from campaign.simulator.dice import Dice
from campaign.simulator.life import live
from campaign.simulator.pacing import Pacing, Verdict
from campaign.simulator.profile import Profile, Release
from campaign.simulator.reasons import Reason
from campaign.simulator.template_use import TemplateKey
from campaign.simulator.templates import Shelf, TemplateStatus
from campaign.simulator.webhooks import Outbox

_DISABLED_CODE = 132016

Later = Callable[[float, Callable[[], None]], object]


class Aftermath:
    """Fills the outbox. `later` runs a callback after some seconds; `now` is in seconds since 1970."""

    def __init__(
        self,
        *,
        dialect: Dialect,
        shelf: Shelf,
        outbox: Outbox,
        dice: Dice,
        later: Later,
        now: Callable[[], float],
        profile: Callable[[], Profile],
    ) -> None:
        self._dropped_code = dialect.codes[Reason.TEMPLATE_PAUSED]
        self._shelf = shelf
        self._outbox = outbox
        self._dice = dice
        self._later = later
        self._now = now
        self._profile = profile
        self.pacing = Pacing()

    def holds(self, template: TemplateKey | None, chance: Random) -> bool:
        """Decide whether one more message of a template is held."""
        return template is not None and self.pacing.holds(template, self._profile(), chance)

    def begin(self, message: Message, chance: Random) -> StatusEvent | None:
        """Begin the life of a message; returns what is to be told before its answer, if anything."""
        template = message.submission.template
        if template is not None and message.held:
            self._hold(template.key, message)
            return None
        events = self._events(message, chance, since=message.at)
        early = bool(events) and chance.random() < self._profile().webhook_before_answer
        self._outbox.put(events[1:] if early else events)
        return events[0][1] if early else None

    def settle(self, *, drop: bool, count: int | None) -> int:
        """Release or drop held messages now; returns how many."""
        verdicts = self.pacing.settle(drop=drop, count=count)
        for verdict in verdicts:
            self._tell(verdict)
        return sum(len(verdict.released) + len(verdict.dropped) for verdict in verdicts)

    def unpause(self, template_id: int) -> bool:
        """Approve a paused template again and tell it; False where there is none of that number."""
        template = self._shelf.unpause(template_id)
        if template is not None:
            self._tell_status(template, TemplateStatus.APPROVED, title="UNPAUSE")
        return template is not None

    def _events(self, message: Message, chance: Random, *, since: float) -> list[tuple[float, StatusEvent]]:
        return [
            (step.told_in, StatusEvent(message, step.status, since + step.happens_in, step.code))
            for step in live(self._profile(), chance, person=message.submission.person)
        ]

    def _hold(self, key: TemplateKey, message: Message) -> None:
        is_first = self.pacing.hold(key, message)
        profile = self._profile()
        if is_first and profile.held_release is Release.AUTO:
            self._later(profile.held_release_after_s, lambda: self._assess(key))

    def _assess(self, key: TemplateKey) -> None:
        self._tell(self.pacing.assess(key, drop_share=self._profile().held_drop_share))

    def _tell(self, verdict: Verdict) -> None:
        """Send the held on their way, or tell that they were dropped; tell what became of the template."""
        now = self._now()
        for message in verdict.released:
            # A name of its own, so that a verdict does not change what this person's next request meets.
            chance = self._dice.throw(f"released/{message.submission.person}")
            self._outbox.put(self._events(message, chance, since=now))
        profile = self._profile()
        code = profile.held_drop_code or self._dropped_code
        self._outbox.put((0.0, StatusEvent(message, "failed", now, code)) for message in verdict.dropped)
        if verdict.dropped and profile.held_drop_pauses:
            self._stop(verdict.template, TemplateStatus.DISABLED if code == _DISABLED_CODE else TemplateStatus.PAUSED)
        elif verdict.released and profile.held_green:
            self.pacing.prove(verdict.template)
            self._tell_quality(verdict.template, "GREEN")

    def _stop(self, template: TemplateKey, status: TemplateStatus) -> None:
        self._shelf.set_status(template, status)
        self._tell_status(template, status, title="RATE_LIMITING_PAUSE" if status is TemplateStatus.PAUSED else None)
        self._tell_quality(template, "RED")

    def _tell_status(self, template: TemplateKey, status: TemplateStatus, *, title: str | None) -> None:
        category, at = self._shelf.category(template).upper(), int(self._now())
        value = fields.template_status(template, status, category=category, at=at, title=title)
        self._outbox.put([(0.0, FieldEvent(fields.TEMPLATE_STATUS, value, at))])

    def _tell_quality(self, template: TemplateKey, score: str) -> None:
        self._shelf.set_quality(template, score)
        value = fields.template_quality(template, score)
        self._outbox.put([(0.0, FieldEvent(fields.TEMPLATE_QUALITY, value, int(self._now())))])
