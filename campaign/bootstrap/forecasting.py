"""When a plan ends: by the ceilings of its shards, its hours, the portfolio limit and the ramp."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from campaign.bootstrap.intent import Intent
from campaign.bootstrap.limits import Reach
from campaign.bootstrap.sending import client_of, lanes_of
from campaign.bootstrap.timetable import Timetable
from campaign.domain.forecasting import Load, Portfolio, Restraints, foresee
from campaign.domain.outlook import Forecast, PlanFinding
from campaign.domain.pacing import SPREAD, left_over
from campaign.plan import Planned
from campaign.settings import Settings

# A new owner of a shard leaves the second of the old one alone.
_FIRST_SECOND: Final = timedelta(seconds=1)

# What a ramp waits for, a status of nearly every message, comes within seconds while WhatsApp is well.
_LOOK: Final = timedelta(seconds=10)


class Pace(NamedTuple):
    """Messages per second: of each shard, and of all of them together; None is unlimited."""

    rates: Mapping[str, float | None]
    together: float | None


def pace_of(settings: Settings, shards: Sequence[str], rate: float | None) -> Pace:
    """Tell how fast each shard sends; what a number will receive is not known ahead. `rate`: of the campaign."""
    taken = 0.0 if settings.headroom == "auto" else settings.headroom
    ceilings = {lane.id: lane.ceiling for lane in lanes_of(settings, shards) if lane.id in shards}
    client = client_of(settings)
    if client is None:
        alone = {shard: left_over(ceiling, taken) for shard, ceiling in ceilings.items()}
        together = None
    else:
        requests = client.requests.per_second if client.requests is not None else None
        alone, together = ceilings, _least(_spread(left_over(client.ceiling, taken)), requests)
    parts = _parts(rate, ceilings)
    return Pace({shard: _least(_spread(alone[shard]), parts[shard], together) for shard in ceilings}, together)


def forecast(intent: Intent, planned: Planned, hours: Timetable, reached: Reach) -> Forecast:
    """Foresee a sending that begins now."""
    now = datetime.now(UTC)
    pace = pace_of(intent.settings, intent.shards, intent.campaign.rate)
    restraints = Restraints(
        rates=pace.rates,
        together=pace.together,
        windows=hours.windows,
        portfolio=_portfolio(reached, planned),
        pause=_LOOK,
    )
    course = foresee(_steps(planned), restraints, starts_at=now + _FIRST_SECOND)
    if course is None:
        opens = min((each[0].opens_at for each in hours.windows.values()), default=now)
        return Forecast(max(now, opens), None, None)
    begins = min((span.begins for span in course.spans), default=None)
    return Forecast(
        starts_at=now if begins is None else datetime.fromtimestamp(begins, UTC),
        ends_at=course.ends_at,
        seconds=course.seconds,
        portions=course.portions(hours.day),
        left=course.left,
    )


def remarks(intent: Intent, foreseen: Forecast) -> list[PlanFinding]:
    """Say how many messages there is no time for."""
    if not foreseen.left:
        return []
    what = f"{foreseen.left:,} messages will not be sent: their time is over before it is their turn"
    remedy = "write a later 'until' or shorter quiet hours, use more shards, or send to fewer people"
    return [PlanFinding(what, intent.campaign.where("schedule"), remedy)]


def _steps(planned: Planned) -> list[list[Load]]:
    steps: dict[int, Counter[tuple[str, int | None]]] = defaultdict(Counter)
    for group, messages in planned.groups.items():
        steps[group.step][group.shard, group.zone] += messages
    return [[Load(*queue, messages) for queue, messages in found.items()] for _, found in sorted(steps.items())]


def _portfolio(reached: Reach, planned: Planned) -> Portfolio | None:
    if reached.limit.people is None or not planned.to_send:
        return None
    return Portfolio(reached.limit, reached.counted, min(1.0, reached.new_people / planned.to_send))


def _parts(rate: float | None, ceilings: Mapping[str, float | None]) -> dict[str, float | None]:
    """Give each shard its part of the campaign's rate, by weight."""
    weights = {shard: ceiling or 1.0 for shard, ceiling in ceilings.items()}
    return {shard: None if rate is None else rate * weight / sum(weights.values()) for shard, weight in weights.items()}


def _spread(rate: float | None) -> float | None:
    return None if rate is None else SPREAD * rate


def _least(*limits: float | None) -> float | None:
    return min((limit for limit in limits if limit is not None), default=None)
