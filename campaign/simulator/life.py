"""What becomes of an accepted message: the statuses its webhooks will tell, and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from campaign.simulator.dice import between
from campaign.simulator.profile import Profile


@dataclass(frozen=True, slots=True)
class Step:
    """One status: when it happens and when it is told, both in seconds from now."""

    status: str
    happens_in: float
    told_in: float
    code: int | None = None


def live(profile: Profile, chance: Random, *, person: str) -> list[Step]:
    """Tell what is ordered for a person, else draw: nothing, one failure, or sent and perhaps delivered and read."""
    if person in profile.statuses:
        return [Step(each.status, each.after_s, each.after_s, each.code) for each in profile.statuses[person]]
    if chance.random() < profile.webhook_loss:
        return []
    code = _failure(profile.status_errors.items(), chance.random())
    steps = _timed(_statuses(profile, chance, failed=code is not None), code, profile, chance)
    if profile.webhook_reorder:
        steps = _reordered(steps, chance)
    return [told for step in steps for told in _repeated(step, profile, chance)]


def _failure(shares: Iterable[tuple[int, float]], drawn: float) -> int | None:
    for code, share in shares:
        if drawn < share:
            return code
        drawn -= share
    return None


def _statuses(profile: Profile, chance: Random, *, failed: bool) -> list[str]:
    if failed:
        return ["failed"]
    if chance.random() >= profile.delivered:
        return ["sent"]
    if chance.random() >= profile.read:
        return ["sent", "delivered"]
    # Not drawn where nothing is played, so that a seed means what it meant before there was such a status.
    played = ["played"] if profile.played and chance.random() < profile.played else []
    return ["sent", "delivered", "read", *played]


def _timed(statuses: list[str], code: int | None, profile: Profile, chance: Random) -> list[Step]:
    steps, now = [], 0.0
    for status in statuses:
        now += between(chance, profile.webhook_delay_ms)
        steps.append(Step(status, now, now, code))
    return steps


def _reordered(steps: list[Step], chance: Random) -> list[Step]:
    """Tell the steps at each other's times; what happened when stays true."""
    times = [step.told_in for step in steps]
    chance.shuffle(times)
    return [Step(step.status, step.happens_in, told_in, step.code) for step, told_in in zip(steps, times, strict=True)]


def _repeated(step: Step, profile: Profile, chance: Random) -> list[Step]:
    if chance.random() >= profile.webhook_repeat:
        return [step]
    later = step.told_in + between(chance, profile.webhook_delay_ms)
    return [step, Step(step.status, step.happens_in, later, step.code)]
