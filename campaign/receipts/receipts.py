"""One batch of webhooks after another, each in one transaction.

A webhook adds facts and proves acceptance; it never makes a message rejected, unknown or pending, and it touches no
content claim. Everything one batch does is one transaction, so a crash repeats it and changes nothing twice.
"""

from collections.abc import Sequence

from campaign.domain.receipt import Heard, Item, Other, StatusFact, TemplateEvent
from campaign.ports import Feedback, FeedbackBatch
from campaign.receipts.account import AccountNews
from campaign.receipts.findings import Findings
from campaign.receipts.people import People
from campaign.receipts.statuses import IDS_PER_SWEEP, Statuses


class Receipts:
    """Applies what webhooks said; `installation` is this ledger's id in callback data, `key` its person key."""

    def __init__(self, feedback: Feedback, *, installation: str, key: bytes) -> None:
        self._feedback = feedback
        self._account = AccountNews()
        self._statuses = Statuses(installation=installation)
        self._people = People(key=key)

    async def apply(self, items: Sequence[Item]) -> Findings:
        """Apply what no raw body stands behind, in a transaction of its own."""
        findings = await self._feedback.together(lambda batch: self.take(batch, [Heard(None, items)]))
        findings.tell()
        return findings

    async def take(self, batch: FeedbackBatch, heard: Sequence[Heard]) -> Findings:
        """Apply one batch within a transaction that does more; the caller tells the findings after its commit."""
        items = [item for each in heard for item in each.items]
        facts = [item for item in items if isinstance(item, StatusFact)]
        findings = Findings(facts=len(facts), other=sum(isinstance(item, Other) for item in items))
        # Runs are locked before messages, as mark does it.
        await self._account.take(batch, [item for item in items if isinstance(item, TemplateEvent)], findings)
        if facts:
            await self._statuses.take(batch, facts, findings)
        await self._people.take(batch, heard, findings)
        return findings

    async def sweep(self, *, everything: bool = False) -> int:
        """Match facts that came before their message ID was recorded; return how many message IDs were matched.

        Looks at the facts of the last two minutes; `everything` is for whoever finishes a run.
        """
        swept = 0
        while True:
            findings, matched = await self._feedback.together(
                lambda batch: self._statuses.sweep(batch, everything=everything)
            )
            findings.tell()
            swept += matched
            if matched < IDS_PER_SWEEP:
                return swept
