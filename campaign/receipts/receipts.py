"""One batch of facts after another, each in one transaction.

A webhook adds facts and proves acceptance; it never makes a message rejected, unknown or pending, and it touches no
content claim. Everything one batch does is one transaction, so a crash repeats it and changes nothing twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from campaign.domain.callback import Callback
from campaign.domain.lifecycle import Fact, fold
from campaign.domain.numbers import person
from campaign.domain.receipt import Inbound, Item, Other, StatusFact, TemplateEvent
from campaign.ports import DeliveryChange, Feedback, FeedbackBatch, Located, PlacedFact, Sighting, Wrote
from campaign.receipts.judgement import Judgement

log = structlog.get_logger()

IDS_PER_SWEEP = 1_000


@dataclass(slots=True)
class Findings:
    """What one batch did; logged only once it is committed."""

    facts: int = 0
    inbound: int = 0
    foreign: int = 0
    other: int = 0
    settled: int = 0
    paused: list[tuple[int, str]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)

    def note_paused(self, runs: Iterable[int], reason: str) -> None:
        """Remember runs that this batch paused."""
        self.paused += [(run, reason) for run in runs]

    def tell(self) -> None:
        """Log it, without message IDs."""
        if self.foreign:
            log.warning("fact.foreign", facts=self.foreign)
        if self.settled:
            log.info("message.settled", messages=self.settled)
        for run, reason in self.paused:
            log.error("run.paused", run=run, reason=reason)
        for run in self.released:
            log.info("held.released", run=run)


class Receipts:
    """Applies what webhooks said; `installation` is this ledger's id in callback data, `key` its person key."""

    def __init__(self, feedback: Feedback, *, installation: str, key: bytes) -> None:
        self._feedback = feedback
        self._installation = installation
        self._key = key

    async def apply(self, items: Sequence[Item]) -> Findings:
        """Apply one batch in a transaction of its own."""
        findings = await self._feedback.together(lambda batch: self.take(batch, items))
        findings.tell()
        return findings

    async def take(self, batch: FeedbackBatch, items: Sequence[Item]) -> Findings:
        """Apply one batch within a transaction that does more; the caller tells the findings after its commit."""
        facts = [item for item in items if isinstance(item, StatusFact)]
        events = [item for item in items if isinstance(item, TemplateEvent)]
        # The platform repeats itself: by message ID, each counts once here.
        inbound = {item.message_id: item for item in items if isinstance(item, Inbound)}
        other = sum(isinstance(item, Other) for item in items)
        findings = Findings(facts=len(facts), inbound=len(inbound), other=other)
        # Runs are locked before messages, as mark does it.
        for event in events:
            await self._take_template_event(batch, event, findings)
        if facts:
            await self._take_facts(batch, facts, findings)
        # Last: the counter of a minute is one row that every receiver wants.
        if inbound:
            await self._take_inbound(batch, inbound.values())
        return findings

    async def sweep(self, *, everything: bool = False) -> int:
        """Match facts that came before their message ID was recorded; return how many message IDs were matched.

        Looks at the facts of the last two minutes; `everything` is for whoever finishes a run.
        """
        swept = 0
        while True:
            findings, matched = await self._feedback.together(
                lambda batch: self._sweep_some(batch, everything=everything)
            )
            findings.tell()
            swept += matched
            if matched < IDS_PER_SWEEP:
                return swept

    async def _sweep_some(self, batch: FeedbackBatch, *, everything: bool) -> tuple[Findings, int]:
        findings = Findings()
        waiting = await batch.unmatched(IDS_PER_SWEEP, everything=everything)
        if waiting:
            located = await batch.locate([Sighting(message_id) for message_id in waiting])
            await batch.adopt(located)
            await self._act(batch, _judge(located, {}), findings)
        return findings, len(waiting)

    async def _take_inbound(self, batch: FeedbackBatch, inbound: Iterable[Inbound]) -> None:
        wrote = [Wrote(person(each.number, self._key), each.address, each.at) for each in inbound if each.number]
        if wrote:
            await batch.open_windows(wrote)
        await batch.count_inbound([(each.address, each.at) for each in inbound])

    async def _take_template_event(self, batch: FeedbackBatch, event: TemplateEvent, findings: Findings) -> None:
        if event.event == "GREEN":
            findings.released += await batch.open_gates(event.name)
        else:
            findings.note_paused(await batch.pause_template(event), "template")

    async def _take_facts(self, batch: FeedbackBatch, facts: Sequence[StatusFact], findings: Findings) -> None:
        callbacks = self._callbacks(facts, findings)
        located = await batch.locate([Sighting(*each) for each in callbacks.items()])
        places = {each.message_id: (each.message.run, each.message.row) for each in located if each.message}
        await batch.keep([PlacedFact(fact, *places.get(fact.message_id, (None, None))) for fact in facts])
        await batch.adopt(located)
        await self._act(batch, _judge(located, callbacks), findings)

    def _callbacks(self, facts: Sequence[StatusFact], findings: Findings) -> dict[str, Callback | None]:
        """Find for each message ID the callback data that is ours; another installation's is only counted."""
        callbacks: dict[str, Callback | None] = {}
        for fact in facts:
            ours = fact.callback if fact.callback and fact.callback.installation == self._installation else None
            findings.foreign += fact.callback is not None and ours is None
            callbacks[fact.message_id] = callbacks.get(fact.message_id) or ours
        return callbacks

    async def _act(self, batch: FeedbackBatch, judgement: Judgement, findings: Findings) -> None:
        if judgement.accepted:
            await batch.accept(judgement.accepted)
        if judgement.doubled:
            await batch.flag_doubled(judgement.doubled)
        findings.settled += len(judgement.accepted)
        await self._fold(batch, judgement, findings)
        for name, run, detail in judgement.events:
            await batch.note_event(name, run=run, detail=detail)
        if judgement.pause_all:
            findings.note_paused(await batch.pause_every_run("ghost"), "ghost")
        if judgement.pause:
            findings.note_paused(await batch.pause_runs(sorted(judgement.pause), "multi_id"), "multi_id")

    async def _fold(self, batch: FeedbackBatch, judgement: Judgement, findings: Findings) -> None:
        if not judgement.folds:
            return
        changes = _changes(judgement, await batch.facts_of(list(judgement.folds)))
        if not changes:
            return
        await batch.deliver(changes)
        dropped = sorted({each.run for each in changes if each.delivery.state == "dropped"})
        if dropped:
            findings.note_paused(await batch.drop_templates_of(dropped), "dropped")
        findings.released += await batch.release_gates()


def _judge(located: Sequence[Located], callbacks: Mapping[str, Callback | None]) -> Judgement:
    judgement = Judgement()
    for each in located:
        judgement.hear(each, callbacks.get(each.message_id))
    return judgement


def _changes(judgement: Judgement, facts: Mapping[str, Sequence[Fact]]) -> list[DeliveryChange]:
    """Fold every message over all its facts; keep what differs from the ledger."""
    folded = (
        (run, row, before, fold(facts.get(message_id, ())))
        for message_id, (run, row, before) in judgement.folds.items()
    )
    return [DeliveryChange(run, row, after) for run, row, before, after in folded if after != before]
