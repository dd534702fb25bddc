"""One batch of webhooks after another, each in one transaction.

A webhook adds facts and proves acceptance; it never makes a message rejected, unknown or pending. Of content claims it
frees those alone whose messages it leaves out. Everything one batch does is one transaction, so a crash repeats it and
changes nothing twice.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from campaign.domain.opt_out import OptOut, opt_out_of
from campaign.domain.outcome import Suppress
from campaign.domain.receipt import Heard, Item, Other, StatusFact
from campaign.ports import Feedback, FeedbackBatch
from campaign.receipts.account import AccountNews, Ours
from campaign.receipts.findings import Findings
from campaign.receipts.forgotten import Forgotten
from campaign.receipts.people import People, shut_out
from campaign.receipts.statuses import IDS_PER_SWEEP, Statuses

_OPT_OUTS: Final = opt_out_of()
_NO_CODES: Final[Mapping[int, Suppress]] = MappingProxyType({})
_ANYBODYS: Final = Ours()


class Receipts:
    """Applies what webhooks said; `installation` is this ledger's id in callback data, `key` its person key.

    `opt_outs` is what counts as a wish to get no more; `unwanted` are the codes of failed messages that say whom not to
    write to again, each with its scope.
    """

    def __init__(
        self,
        feedback: Feedback,
        *,
        installation: str,
        key: bytes,
        opt_outs: OptOut = _OPT_OUTS,
        unwanted: Mapping[int, Suppress] = _NO_CODES,
        ours: Ours = _ANYBODYS,
    ) -> None:
        self._feedback = feedback
        self._forgotten = Forgotten(installation=installation, key=key)
        self._account = AccountNews(ours)
        self._statuses = Statuses(installation=installation, unwanted=unwanted)
        self._people = People(key=key, opt_outs=opt_outs)

    async def apply(self, items: Sequence[Item]) -> Findings:
        """Apply what no raw body stands behind, in a transaction of its own."""
        findings = await self._feedback.together(lambda batch: self.take(batch, [Heard(None, items)]))
        await self.finish(findings)
        return findings

    async def finish(self, findings: Findings) -> None:
        """Tell what a batch did, once it is committed; leave out what was put in line for its people beside it."""
        if findings.unwanted:
            findings.left_out += await self._feedback.together(lambda batch: batch.leave_out(findings.unwanted))
        findings.tell()

    async def take(self, batch: FeedbackBatch, heard: Sequence[Heard]) -> Findings:
        """Apply one batch within a transaction that does more; after its commit the caller calls `finish`."""
        heard = await self._forgotten.leave_out(batch, heard)
        items = [item for each in heard for item in each.items]
        facts = [item for item in items if isinstance(item, StatusFact)]
        findings = Findings(facts=len(facts), other=sum(isinstance(item, Other) for item in items))
        # Runs are locked before messages, as mark does it.
        await self._account.take(batch, items, findings)
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
            findings, matched = await self._feedback.together(lambda batch: self._sweep(batch, everything=everything))
            await self.finish(findings)
            swept += matched
            if matched < IDS_PER_SWEEP:
                return swept

    async def _sweep(self, batch: FeedbackBatch, *, everything: bool) -> tuple[Findings, int]:
        findings, matched = await self._statuses.sweep(batch, everything=everything)
        await shut_out(batch, (), findings)
        return findings, matched
