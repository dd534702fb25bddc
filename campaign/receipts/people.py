"""What people write and choose -> windows they may be answered in, and whom not to write to."""

from collections.abc import Sequence

from campaign.domain.numbers import person
from campaign.domain.receipt import Heard, Inbound
from campaign.ports import PeopleBatch, Wrote
from campaign.receipts.findings import Findings


class People:
    """Applies what people said; `key` is the person key."""

    def __init__(self, *, key: bytes) -> None:
        self._key = key

    async def take(self, batch: PeopleBatch, heard: Sequence[Heard], findings: Findings) -> None:
        """Open windows, and count what each number received."""
        # The platform repeats itself: by message ID, each counts once here.
        inbound = {item.message_id: item for each in heard for item in each.items if isinstance(item, Inbound)}
        findings.inbound += len(inbound)
        if not inbound:
            return
        wrote = [
            Wrote(person(each.number, self._key), each.address, each.at) for each in inbound.values() if each.number
        ]
        if wrote:
            await batch.open_windows(wrote)
        # Last: the counter of a minute is one row that every receiver wants.
        await batch.count_inbound([(each.address, each.at) for each in inbound.values()])
