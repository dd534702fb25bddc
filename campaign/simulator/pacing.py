"""Held for quality assessment: which messages wait, and what the verdict does (template pacing, 8 Dec 2025)."""

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from random import Random

from campaign.simulator.dialect import Message
from campaign.simulator.profile import Profile

TemplateKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to the held messages of one template."""

    template: TemplateKey
    released: list[Message]
    dropped: list[Message]


class Pacing:
    """The held messages of each template, in order of arrival. Only template messages are ever held."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._waiting: defaultdict[TemplateKey, deque[Message]] = defaultdict(deque)
        self._accepted: Counter[TemplateKey] = Counter()
        self._proven: set[TemplateKey] = set()
        self.held = self.released = self.dropped = 0
        self._owed = 0.0

    @property
    def open(self) -> int:
        return sum(map(len, self._waiting.values()))

    def summary(self) -> dict[str, int]:
        return {"held": self.held, "held_open": self.open, "released": self.released, "dropped": self.dropped}

    def holds(self, template: TemplateKey, profile: Profile, chance: Random) -> bool:
        """Decide about one more message of a template; the first `held_after` of it always go through."""
        self._accepted[template] += 1
        if template in self._proven or self._accepted[template] <= profile.held_after:
            return False
        if profile.held_at_most is not None and self.held >= profile.held_at_most:
            return False
        return chance.random() < profile.held

    def hold(self, template: TemplateKey, message: Message) -> bool:
        """Keep a message back; True when it is the first that waits, so that its assessment starts."""
        self.held += 1
        self._waiting[template].append(message)
        return len(self._waiting[template]) == 1

    def prove(self, template: TemplateKey) -> None:
        """Hold nothing of this template any more: its quality is GREEN."""
        self._proven.add(template)

    def assess(self, template: TemplateKey, *, drop_share: float) -> Verdict:
        """Settle all that waits of one template; the oldest are dropped.

        What a share leaves of a message is owed to the next assessment: many small ones drop as many as one large.
        """
        waiting = list(self._waiting.pop(template, ()))
        self._owed += drop_share * len(waiting)
        drops = min(len(waiting), round(self._owed))
        self._owed -= drops
        return self._settled(template, waiting, drops=drops)

    def settle(self, *, drop: bool, count: int | None) -> list[Verdict]:
        """Release or drop the oldest `count` of each template in turn, all without a count."""
        verdicts, left = [], self.open if count is None else count
        for template, waiting in self._waiting.items():
            taken = [waiting.popleft() for _ in range(min(left, len(waiting)))]
            left -= len(taken)
            if taken:
                verdicts.append(self._settled(template, taken, drops=len(taken) if drop else 0))
        return verdicts

    def _settled(self, template: TemplateKey, messages: list[Message], *, drops: int) -> Verdict:
        self.dropped += drops
        self.released += len(messages) - drops
        return Verdict(template, released=messages[drops:], dropped=messages[:drops])
