"""News of templates, numbers and the account, applied to the runs they touch."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking, columns
from campaign.domain.receipt import OurNumber
from campaign.ports import KeptEvent, Touched

_SQL = load_queries("account_events")


class AccountRows(Asking):
    """The port `AccountBatch`."""

    async def learn_numbers(self, numbers: Sequence[OurNumber]) -> Collection[str]:
        """Note what people dial to reach numbers of ours; return the addresses of which that was known before."""
        return {each["address"] for each in await self.fetch(_SQL["learn_numbers"], *columns(numbers, 2))}

    async def shards_of(self, number: str) -> Sequence[str]:
        """Find the shards of a number by its address or the digits people dial."""
        return [each["id"] for each in await self.fetch(_SQL["shards_of"], number)]

    async def keep_events(self, events: Sequence[KeptEvent]) -> Collection[bytes]:
        """Keep events; return the digests of those that are news. One without a time is news each time it is said."""
        rows = await self.fetch(_SQL["keep_events"], *columns([_row(each) for each in events], 9))
        return {each["digest"] for each in rows}

    async def pause_touched(self, touched: Touched, reason: str, detail: Mapping[str, Any]) -> Sequence[int]:
        """Pause running runs, and take away the gates of a template that may not be sent; return the paused."""
        return await self.runs(_SQL["pause_touched"], *touched, reason, detail)

    async def open_gates(self, touched: Touched) -> Sequence[int]:
        """Take away the gates that runs of a template closed which turned GREEN; return those runs."""
        return await self.runs(_SQL["open_gates"], touched.portfolio, touched.template, touched.language)


def _row(kept: KeptEvent) -> tuple[object, ...]:
    event = kept.event
    # JSON as text: an array of jsonb takes a list in it for another dimension.
    detail = orjson.dumps(event.detail).decode()
    return (
        kept.digest,
        event.field,
        event.event,
        event.subject,
        event.language,
        event.account,
        kept.ours,
        event.at,
        detail,
    )
