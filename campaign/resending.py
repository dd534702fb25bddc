"""What may be sent again of a run, what is left out and why, and what is risked; then the order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from campaign.domain.errors import ConfigurationError, RefusedByPlan
from campaign.domain.resending import (
    LEAST_COVERAGE,
    Candidate,
    Coverage,
    Earlier,
    Which,
    WhyNot,
    ready_at,
    refuse_cancelled,
    refuse_in_flight,
    risk,
    why_not,
)
from campaign.ports import Candidates, Ordered, Resending


@dataclass(frozen=True, slots=True)
class Doubt:
    """What silence says about unknown messages; `settles`: webhooks of this dialect carry our own reference back."""

    coverage: Coverage
    earlier: Earlier
    settles: bool

    @property
    def accepted_share(self) -> float:
        """Estimate how many of the unknown were accepted."""
        return self.earlier.accepted_share(self.coverage.share or 0.0)

    @property
    def risk(self) -> float:
        """Give the probability that somebody who is sent an unknown message again has two."""
        told = self.coverage.share if self.settles else 0.0
        return risk(self.accepted_share, told or 0.0)

    @property
    def silence_tells(self) -> bool:
        """Tell whether a message nobody has told of may be taken for one that was not accepted."""
        return self.settles and self.coverage.suffices


@dataclass(frozen=True, slots=True)
class Survey:
    """A run's messages that an order was asked about: those it would send again, and the others, each with why not."""

    found: Candidates
    which: Which
    ready: Sequence[Candidate]
    left_out: Mapping[WhyNot, Sequence[Candidate]]
    doubt: Doubt | None = None

    @property
    def asked(self) -> Sequence[Candidate]:
        """Give all that was asked about, by row."""
        return sorted([*self.ready, *(each for those in self.left_out.values() for each in those)])


async def survey(
    store: Resending,
    run: int,
    which: Which,
    *,
    code: int | None = None,
    rows: Collection[int] = (),
    settles: bool = True,
) -> Survey:
    """Look at what an order may be about, of all rows or of some; raises ConfigurationError for rows that are not."""
    found = await store.candidates(run, which, code=code)
    asked = _chosen(found.messages, which, rows)
    doubt = Doubt(await store.coverage(run), await store.earlier(), settles) if which is Which.UNKNOWN else None
    return Survey(found, which, *sorted_out(asked, now=found.at), doubt)


def sorted_out(
    messages: Sequence[Candidate], *, now: datetime
) -> tuple[Sequence[Candidate], Mapping[WhyNot, Sequence[Candidate]]]:
    """Tell those that may be sent again from the others, each of which is left out for one reason."""
    ready: list[Candidate] = []
    left_out: dict[WhyNot, list[Candidate]] = {}
    for each in messages:
        reason = why_not(each, now=now)
        (ready if reason is None else left_out.setdefault(reason, [])).append(each)
    return ready, left_out


def _chosen(messages: Sequence[Candidate], which: Which, rows: Collection[int]) -> Sequence[Candidate]:
    if not rows:
        return messages
    chosen = [each for each in messages if each.row in set(rows)]
    if missing := sorted(set(rows) - {each.row for each in chosen}):
        named = ", ".join(map(str, missing))
        raise ConfigurationError(
            f"{'rows' if len(missing) > 1 else 'row'} {named} {'are' if len(missing) > 1 else 'is'} not {which.value}",
            where="--row",
            remedy="`campaign unknown list NAME` shows those that are",
        )
    return chosen


def check(looked: Survey) -> None:
    """Raise RefusedByPlan for whatever forbids an order as a whole."""
    found, doubt = looked.found, looked.doubt
    refuse_cancelled(found.state)
    if doubt is None:
        return
    refuse_in_flight(found.in_flight)
    if not doubt.settles:
        raise RefusedByPlan(
            "On-Premises webhooks do not carry our reference back: that nobody told of a message says nothing about it",
            remedy="`campaign unknown settle NAME --accepted` what you know arrived; reach the others by a new run, at "
            "your own risk",
        )
    if not doubt.silence_tells:
        raise RefusedByPlan(_too_little(doubt.coverage), remedy="keep `campaign serve` running, and look again later")


def _too_little(coverage: Coverage) -> str:
    needed = f"{LEAST_COVERAGE:.0%} are needed, or silence says nothing about the unknown ones"
    if not coverage.accepted:
        return f"webhooks cannot be judged: no message of this run was accepted by its own answer; {needed}"
    told = f"{coverage.told:,} of the {coverage.accepted:,} messages that were accepted"
    return f"webhooks told of {told} ({coverage.share:.2%}); {needed}"


def check_ready(looked: Survey) -> None:
    """Raise RefusedByPlan, with what to wait for, when nothing that was asked about may be sent again now."""
    if looked.ready:
        return
    remedy = "nothing to do, unless what left them out changes"
    young = [*looked.left_out.get(WhyNot.TOO_YOUNG, ()), *looked.left_out.get(WhyNot.UNHEARD, ())]
    if young:
        first = min(map(ready_at, young)).astimezone()
        remedy = f"the first of them may be on {first:%d %b %Y %H:%M}, if no webhook settles it before"
        if WhyNot.UNHEARD in looked.left_out:
            remedy += "; 24 hours are enough where `campaign serve` runs all the time, else it takes 7 days"
    count = len(looked.asked)
    raise RefusedByPlan(
        f"{'none of ' * (count > 1)}{count:,} {looked.which.value} message{'s' * (count > 1)} "
        f"may {'not ' * (count == 1)}be sent again now",
        remedy=remedy,
    )


async def send_again(store: Resending, looked: Survey, ordered: Ordered) -> None:
    """Send again what a survey found ready; raises RefusedByPlan if one of these has changed since."""
    check(looked)
    await store.send_again(looked.found.run, looked.which, looked.ready, ordered)
