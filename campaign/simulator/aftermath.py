"""What becomes of accepted messages: held and judged, or told at once, step by step."""

from collections.abc import Callable
from random import Random

from campaign.simulator.dialect import Dialect, Message, StatusEvent, TemplateEvent
from campaign.simulator.dice import Dice
from campaign.simulator.life import live
from campaign.simulator.pacing import Pacing, Verdict
from campaign.simulator.profile import Profile, Release
from campaign.simulator.reasons import Reason
from campaign.simulator.template_use import TemplateKey
from campaign.simulator.templates import Shelf, TemplateStatus, template_id
from campaign.simulator.webhooks import Outbox

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

    def _events(self, message: Message, chance: Random, *, since: float) -> list[tuple[float, StatusEvent]]:
        return [
            (step.told_in, StatusEvent(message, step.status, since + step.happens_in, step.code))
            for step in live(self._profile(), chance)
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
        self._outbox.put((0.0, StatusEvent(message, "failed", now, self._dropped_code)) for message in verdict.dropped)
        if verdict.dropped:
            self._shelf.set_status(verdict.template, TemplateStatus.PAUSED)
            self._tell_template(verdict.template, status="PAUSED")
            self._tell_template(verdict.template, quality="RED")
        elif verdict.released and self._profile().held_green:
            self.pacing.prove(verdict.template)
            self._tell_template(verdict.template, quality="GREEN")

    def _tell_template(self, key: TemplateKey, *, status: str | None = None, quality: str | None = None) -> None:
        category = self._shelf.category(key).upper()
        self._outbox.put([(0.0, TemplateEvent(key, template_id(key), category, status, quality))])
