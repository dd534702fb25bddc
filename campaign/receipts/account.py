"""News of templates, numbers and the account -> paused runs and opened gates."""

from collections.abc import Sequence

from campaign.domain.receipt import TemplateEvent
from campaign.ports import AccountBatch
from campaign.receipts.findings import Findings


class AccountNews:
    """Applies what WhatsApp says of templates, numbers and the account."""

    async def take(self, batch: AccountBatch, events: Sequence[TemplateEvent], findings: Findings) -> None:
        """Pause what each event touches, and nothing else."""
        for event in events:
            if event.event == "GREEN":
                findings.released += await batch.open_gates(event.name)
            else:
                findings.note_paused(await batch.pause_template(event), "template")
