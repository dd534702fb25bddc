"""Statuses -> settled messages and delivery states."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from campaign.domain.callback import Callback
from campaign.domain.lifecycle import Fact, fold
from campaign.domain.outcome import Suppress
from campaign.domain.pricing import charged_as
from campaign.domain.receipt import StatusFact
from campaign.ports import DeliveryChange, Located, PlacedFact, RefusedMessage, SaidAlike, Sighting, StatusBatch
from campaign.receipts.findings import ALARMS, Findings
from campaign.receipts.judgement import Judgement

IDS_PER_SWEEP = 1_000

# Taken in one go: between two pieces the receiver answers whoever waits.
FACTS_AT_ONCE = 2_000

_NO_CODES: Final[Mapping[int, Suppress]] = MappingProxyType({})


class Statuses:
    """Applies statuses; `installation` is this ledger's id in callback data.

    `unwanted`: codes that say whom not to write to again, each with its scope.
    """

    def __init__(self, *, installation: str, unwanted: Mapping[int, Suppress] = _NO_CODES) -> None:
        self._installation = installation
        self._unwanted = unwanted

    async def sweep(self, batch: StatusBatch, *, everything: bool) -> tuple[Findings, int]:
        """Match some facts that came before their message ID was recorded; return how many message IDs as well."""
        findings = Findings()
        waiting = await batch.unmatched(IDS_PER_SWEEP, everything=everything)
        if waiting:
            located = await batch.locate([Sighting(message_id) for message_id in waiting])
            await self._act(batch, located, {}, findings)
        return findings, len(waiting)

    async def take(self, batch: StatusBatch, facts: Sequence[StatusFact], findings: Findings) -> None:
        """Keep facts, and let each do to its message what it proves."""
        for first in range(0, len(facts), FACTS_AT_ONCE):
            await self._take(batch, facts[first : first + FACTS_AT_ONCE], findings)

    async def _take(self, batch: StatusBatch, facts: Sequence[StatusFact], findings: Findings) -> None:
        callbacks = self._callbacks(facts, findings)
        located = await batch.locate([Sighting(*each) for each in callbacks.items()])
        places = {each.message_id: (each.message.run, each.message.row) for each in located if each.message}
        await batch.keep([PlacedFact(fact, *places.get(fact.message_id, (None, None))) for fact in facts])
        await self._act(batch, located, callbacks, findings, arrived=_arrived(facts))

    def _callbacks(self, facts: Sequence[StatusFact], findings: Findings) -> dict[str, Callback | None]:
        """Find for each message ID the callback data that is ours; another installation's is only counted."""
        callbacks: dict[str, Callback | None] = {}
        for fact in facts:
            ours = fact.callback if fact.callback and fact.callback.installation == self._installation else None
            findings.foreign += fact.callback is not None and ours is None
            callbacks[fact.message_id] = callbacks.get(fact.message_id) or ours
        return callbacks

    async def _act(
        self,
        batch: StatusBatch,
        located: Sequence[Located],
        callbacks: Mapping[str, Callback | None],
        findings: Findings,
        *,
        arrived: Collection[str] = (),
    ) -> None:
        if waiting := [each for each in located if each.message and each.waiting]:
            await batch.adopt(waiting)
        judgement = _judge(located, callbacks, arrived)
        if judgement.accepted:
            await batch.accept(judgement.accepted)
        if judgement.doubled:
            await batch.flag_doubled(judgement.doubled)
        findings.settled += len(judgement.accepted)
        await self._fold(batch, judgement, findings)
        if judgement.events:
            await batch.note_events(judgement.events)
            findings.alarms += [each for each in judgement.events if each.name in ALARMS]
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
        findings.refused += self._refused(changes)
        dropped = sorted((each.run, each.row) for each in changes if each.delivery.state == "dropped")
        if dropped:
            findings.note_paused(await batch.drop_templates_of(dropped), "dropped")
        findings.released += await batch.release_gates()

    def _refused(self, changes: Sequence[DeliveryChange]) -> Iterator[RefusedMessage]:
        for run, row, (state, code, *_) in changes:
            scope = self._unwanted.get(code) if state == "failed" and code is not None else None
            if code is not None and scope:
                yield RefusedMessage(run, row, scope, code)


def _arrived(facts: Iterable[StatusFact]) -> set[str]:
    return {each.message_id for each in facts if fold([Fact(each.status)]).state in ("delivered", "read")}


def _judge(located: Sequence[Located], callbacks: Mapping[str, Callback | None], arrived: Collection[str]) -> Judgement:
    judgement = Judgement()
    for each in located:
        judgement.hear(each, callbacks.get(each.message_id), arrived=each.message_id in arrived)
    return judgement


def _changes(judgement: Judgement, said: Sequence[SaidAlike]) -> list[DeliveryChange]:
    """Fold every message over all its facts; keep what differs from the ledger."""
    changes = []
    for facts, message_ids, pricing in said:
        after = fold(facts)._replace(charged_as=charged_as(pricing))
        for run, row, before in map(judgement.folds.__getitem__, message_ids):
            if after != before:
                changes.append(DeliveryChange(run, row, after))
    return changes
