"""News of templates, numbers and the account, applied to the runs they touch."""

from collections.abc import Sequence

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking
from campaign.domain.receipt import TemplateEvent

_SQL = load_queries("account_events")


class AccountRows(Asking):
    """The port `AccountBatch`."""

    async def pause_template(self, event: TemplateEvent) -> Sequence[int]:
        """Pause the runs of a template and take its gates away; nothing if this very event was seen before."""
        return await self.runs(_SQL["pause_template"], event.name, event.language, event.at)

    async def open_gates(self, template: str) -> Sequence[int]:
        """Take away the gates of a template that turned GREEN; return the runs that had closed them."""
        return await self.runs(_SQL["open_gates"], template)
