"""Statuses -> settled messages and delivery states."""

from collections.abc import Mapping, Sequence

from campaign.domain.callback import Callback
from campaign.domain.lifecycle import Fact, fold
from campaign.domain.receipt import StatusFact
from campaign.ports import DeliveryChange, Located, PlacedFact, Sighting, StatusBatch
from campaign.receipts.findings import Findings
from campaign.receipts.judgement import Judgement

IDS_PER_SWEEP = 1_000


class Statuses:
    """Applies statuses; `installation` is this ledger's id in callback data."""

    def __init__(self, *, installation: str) -> None:
        self._installation = installation

    async def sweep(self, batch: StatusBatch, *, everything: bool) -> tuple[Findings, int]:
        """Match some facts that came before their message ID was recorded; return how many message IDs as well."""
        findings = Findings()
        waiting = await batch.unmatched(IDS_PER_SWEEP, everything=everything)
        if waiting:
            located = await batch.locate([Sighting(message_id) for message_id in waiting])
            await batch.adopt(located)
            await self._act(batch, _judge(located, {}), findings)
        return findings, len(waiting)

    async def take(self, batch: StatusBatch, facts: Sequence[StatusFact], findings: Findings) -> None:
        """Keep facts, and let each do to its message what it proves."""
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

    async def _act(self, batch: StatusBatch, judgement: Judgement, findings: Findings) -> None:
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

    async def _fold(self, batch: StatusBatch, judgement: Judgement, findings: Findings) -> None:
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
