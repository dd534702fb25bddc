"""A ramp and a stop-loss in a plan: who is in which step, and what both need to be of use."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from campaign.adapters.postgres.process import PostgresWatchman
from campaign.bootstrap.intent import Intent
from campaign.bootstrap.ledger import Ledger
from campaign.domain.outlook import PlanFinding
from campaign.domain.ramp import chooser, top_up
from campaign.domain.stop_loss import HEARD
from campaign.plan import Planned
from campaign.ports import PlanWriting

_LISTEN = "start `campaign serve` on the machine WhatsApp posts to, and keep it running"


def ramp_of(intent: Intent) -> tuple[float, ...]:
    """Give what each step reaches; nothing where there is a single step, as in a test that goes to other people."""
    ramp = intent.campaign.quality.ramp or ()
    return ramp if len(ramp) > 1 and intent.instead is None else ()


def step_of(intent: Intent) -> Callable[[bytes], int]:
    """Tell by a person's hash in which step of the ramp they are; without one there is a single step."""
    return chooser(intent.campaign.campaign, ramp_of(intent))


async def topped_up(intent: Intent, planned: Planned, writing: PlanWriting) -> Planned:
    """Move messages forward where a step would be too small to tell anything."""
    groups = Counter(planned.groups)
    for move in top_up(sizes(intent, planned)):
        for came_from, messages in (await writing.top_up(move.step, move.messages)).items():
            groups[came_from] -= messages
            groups[came_from._replace(step=move.step)] += messages
    return replace(planned, groups=+groups)


def sizes(intent: Intent, planned: Planned) -> list[int]:
    """Count the messages of each step that are to be sent."""
    counted = [0] * max(1, len(ramp_of(intent)))
    for group, messages in planned.groups.items():
        counted[group.step] += messages
    return counted


async def remarks(intent: Intent, ledger: Ledger) -> list[PlanFinding]:
    """Say what stands in the way of the ramp."""
    found = list(_deaf(intent))
    if found and await PostgresWatchman(ledger.pool, process=0).receiver_alive():
        return []
    return found


def _deaf(intent: Intent) -> Iterator[PlanFinding]:
    """Say what a campaign needs webhooks for, supposing that nobody hears them."""
    quality, where = intent.campaign.quality, intent.campaign.where
    if ramp_of(intent):
        what = "a ramp waits for what WhatsApp tells of each step, and no `campaign serve` runs to hear it"
        yield PlanFinding(what, where("quality", "ramp"), f"{_LISTEN}, or leave the ramp out", blocks=True)
    limits = quality.stop_if.frozen() if quality.stop_if and intent.instead is None else {}
    for kind in HEARD:
        if kind in limits:
            what = f"'{kind}' is told by webhooks alone, and no `campaign serve` runs to hear them: it stops nothing"
            yield PlanFinding(what, where("quality", "stop_if", kind), _LISTEN)
