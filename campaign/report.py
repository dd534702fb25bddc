"""The ledger -> what became of a run: its counts by reason, and the throughput of its shards."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final, get_args

from campaign.domain.charges import Charges, charges_of
from campaign.domain.comparison import NOTHING_COMPARED, Comparison, compare
from campaign.domain.errors import ConfigurationError
from campaign.domain.lifecycle import DeliveryState, SendState
from campaign.domain.pricing import Counted
from campaign.domain.ramp import Progress
from campaign.ports import Because, Consent, Lane, Limited, MessageCount, Owner, Reports, RunFacts, Waiting

_NOT_IN_JSON: Final = frozenset(
    {"tolerate", "code", "stopped", "waiting", "absent", "held_too_long", "gated", "limited"}
)

# WhatsApp charges for what is delivered. Source: Meta, "Pricing", 10 Dec 2025.
_ARRIVED: Final = frozenset({"delivered", "read"})
_ON_THE_WAY: Final = frozenset({"none", "held", "sent"})


def _zeros(states: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(states, 0)


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run as one object, with every key on every exit: zeros before the run exists.

    audience = planned + Σ refused; Σ send = planned; Σ skipped = send.skipped; Σ rejected = send.rejected;
    Σ delivery = send.accepted; Σ failed = delivery.failed. Throughput in messages per second.
    """

    campaign: str | None
    run: str | None
    state: str | None = None
    reason: str | None = None
    planned_at: datetime | None = None
    started_at: datetime | None = None
    first_departure_at: datetime | None = None
    finished_at: datetime | None = None
    audience: int = 0
    planned: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    send: Mapping[str, int] = field(default_factory=lambda: _zeros(get_args(SendState)))
    skipped: Mapping[str, int] = field(default_factory=dict)
    rejected: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)
    delivery: Mapping[str, int] = field(default_factory=lambda: _zeros(get_args(DeliveryState)))
    never_delivered: int = 0  # of those accepted, which no phone had after 30 days
    throughput: Mapping[str, Mapping[str, float | int | None]] = field(default_factory=dict)
    resent: int = 0
    cost: Charges | None = None  # what it was charged so far, beside the estimate
    error: Mapping[str, Any] | None = None
    owner: Owner | None = None
    because: Because | None = None  # what was said that paused it
    consent: Consent = None
    variants: Comparison = NOTHING_COMPARED
    ramp: Progress | None = None
    # No part of the JSON: what the run was launched to accept, and which answers stopped it and its shards.
    tolerate: float = 0.02
    code: int | None = None
    stopped: Mapping[str, int] = field(default_factory=dict)
    # Held for longer than the run allows, messages still to be sent, and those of shards that the settings do not have.
    held_too_long: int = 0
    waiting: Sequence[Waiting] = ()
    absent: Mapping[str, int] = field(default_factory=dict)
    gated: bool = False  # the rest waits for the quality check of its template
    # When the first of those may be sent that wait for their hours, or for the portfolio's limit.
    waits_until: datetime | None = None
    limited: Limited | None = None

    def as_json(self) -> dict[str, Any]:
        """Spell the report for `--json`: times in ISO 8601."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self) if each.name not in _NOT_IN_JSON}


async def report(reports: Reports, name: str) -> RunReport:
    """Report a run by its name, `campaign` (the newest) or `campaign@run`."""
    return summed(await reports.facts(await resolve(reports, name)))


async def resolve(reports: Reports, name: str) -> int:
    """Find a run by its name; raise ConfigurationError with the nearest names there are."""
    campaign, _, key = name.partition("@")
    run = await reports.find(campaign, key or None)
    if run is None:
        raise _unknown(name, await reports.names())
    return run


def summed(facts: RunFacts) -> RunReport:
    """Add up what the ledger counted."""
    messages, limited, asleep = facts.messages, _limited(facts), _outside_hours(facts)
    return RunReport(
        campaign=facts.campaign,
        run=facts.run,
        state=facts.state,
        reason=facts.reason or ("limit" if limited else "quiet_hours" if asleep else None),
        waits_until=limited.until if limited else _first_hour(facts) if asleep else None,
        limited=limited,
        planned_at=facts.planned_at,
        started_at=facts.started_at,
        first_departure_at=facts.first_departure_at,
        finished_at=facts.finished_at,
        audience=facts.audience,
        planned=sum(each.rows for each in messages),
        refused=facts.refused,
        send=_zeros(get_args(SendState)) | _counted((each.state, each.rows) for each in messages),
        skipped=_counted((each.reason or "", each.rows) for each in messages if each.state == "skipped"),
        rejected=_counted((str(each.code), each.rows) for each in messages if each.state == "rejected"),
        failed=_counted((str(each.code), each.rows) for each in messages if _has_failed(each)),
        delivery=_zeros(get_args(DeliveryState)) | _counted(_deliveries(messages)),
        throughput={shard: _throughput(facts.lanes.get(shard)) for shard in _shards(facts)},
        never_delivered=sum(each.never_delivered for each in messages),
        held_too_long=sum(each.held_too_long for each in messages),
        resent=facts.resent,
        cost=_charges(facts),
        owner=facts.owner,
        tolerate=facts.tolerate,
        code=facts.code,
        stopped=facts.stopped,
        waiting=facts.waiting,
        because=facts.because,
        consent=facts.consent,
        gated=facts.gated,
        variants=compare(facts.variants),
        ramp=facts.ramp,
    )


def _limited(facts: RunFacts) -> Limited | None:
    """Tell what a running run waits for that might be sent now, but for the portfolio's limit."""
    is_due = _outside_steps(facts, [each for each in facts.waiting if not each.hours and each.code is None])
    return facts.limited if facts.state == "running" and is_due else None


def _outside_hours(facts: RunFacts) -> bool:
    """Tell whether a running run can only wait: everybody whose turn it is is outside the hours of their messages."""
    in_flight = any(each.state == "in_flight" for each in facts.messages)
    waits = any(each.hours for each in facts.waiting)
    others = _outside_steps(facts, [each for each in facts.waiting if not each.hours])
    return facts.state == "running" and not in_flight and waits and not others


def _outside_steps(facts: RunFacts, waiting: Sequence[Waiting]) -> int:
    """Count messages without those of later steps of the ramp, which wait for no time of their own."""
    later = facts.ramp.later if facts.ramp is not None else 0
    return max(0, sum(each.rows for each in waiting) - later)


def _first_hour(facts: RunFacts) -> datetime | None:
    return min((each.until for each in facts.waiting if each.hours and each.until is not None), default=None)


def noting_absent(report: RunReport, shards: Collection[str]) -> RunReport:
    """Note what waits for shards that are not among those of the settings: nobody who has these sends it."""
    absent = _counted((each.shard, each.rows) for each in report.waiting if each.shard not in shards)
    return replace(report, absent=absent)


def _charges(facts: RunFacts) -> Charges | None:
    arrived = [each for each in facts.messages if each.state == "accepted" and each.delivery in _ARRIVED]
    on_the_way = [each for each in facts.messages if each.state == "accepted" and each.delivery in _ON_THE_WAY]
    return charges_of(
        facts.outlook,
        [Counted(each.region or "", each.charged_as, each.rows) for each in arrived if each.charged_as],
        free=sum(each.rows for each in arrived if each.charged_as == ""),
        awaited=sum(each.rows for each in (*arrived, *on_the_way) if each.charged_as is None),
    )


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name, rows in pairs:
        counts[name] += rows
    return dict(sorted(counts.items()))


def _has_failed(each: MessageCount) -> bool:
    return each.state == "accepted" and each.delivery == "failed"


def _deliveries(messages: Iterable[MessageCount]) -> Iterable[tuple[str, int]]:
    return ((each.delivery, each.rows) for each in messages if each.state == "accepted")


def _shards(facts: RunFacts) -> list[str]:
    return list(dict.fromkeys((*facts.shards, *facts.lanes)))


def _throughput(lane: Lane | None) -> dict[str, float | int | None]:
    if lane is None:
        return {"ceiling": None, "mean": 0.0, "worst_second": 0}
    return {"ceiling": lane.ceiling, "mean": round(_mean(lane), 2), "worst_second": lane.worst_second}


def _mean(lane: Lane) -> float:
    """Count gaps, one fewer than departures; a mean over less than a second says no more than that second."""
    if lane.departed <= 1 or lane.worked <= 0:
        return float(lane.departed)
    return min((lane.departed - 1) / lane.worked, float(lane.worst_second or lane.departed))


def _unknown(name: str, names: Iterable[tuple[str, str]]) -> ConfigurationError:
    known = list(dict.fromkeys(each for pair in names for each in (pair[0], "@".join(pair))))
    near = get_close_matches(name, known, n=3)
    remedy = f"did you mean {' or '.join(near)}?" if near else "see `campaign status` for the runs there are"
    return ConfigurationError(f"there is no run {name}", remedy=remedy)


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Because):
        return value.words
    if isinstance(value, (Comparison, Progress, Charges)):
        return value.as_json()
    if isinstance(value, Owner):
        return {"host": value.host, "pid": value.pid, "since": value.since.isoformat()}
    return value
