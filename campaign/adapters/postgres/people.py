"""People who write to us, as the ledger knows them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import orjson

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.suppressions import SuppressionRows
from campaign.adapters.postgres.transaction import columns
from campaign.ports import Addressee, Choice, KeptMessage, Wrote

_SQL = load_queries("people")

_SAID_BY_WHATSAPP = ("preference", "whatsapp")


class PeopleRows(SuppressionRows):
    """The port `PeopleBatch`."""

    async def addressees(self, message_ids: Sequence[str]) -> dict[str, Addressee]:
        """Find whom messages of ours went to."""
        found = await self.fetch(_SQL["addressees"], message_ids)
        return {each["message_id"]: Addressee(each["run"], each["person"]) for each in found}

    async def keep_messages(self, messages: Sequence[KeptMessage]) -> Collection[str]:
        """Keep what people wrote, but for what they deleted; return the message IDs that are no repeats."""
        rows = [each._replace(content=_json(each.content)) for each in messages]
        return {each["message_id"] for each in await self.fetch(_SQL["keep_messages"], *columns(rows, 7))}

    async def prefer(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        """Keep each person's newest choice, of two at one time the stop; return those that are news."""
        return [Choice(*each) for each in await self.fetch(_SQL["prefer"], *columns(choices, 3))]

    async def allow_marketing(self, people: Collection[bytes]) -> None:
        """Take back what WhatsApp itself said against marketing to these people, and nothing else."""
        await self.allow(people, scopes=("marketing",), sources=_SAID_BY_WHATSAPP)

    async def note_opt_outs(self, counts: Sequence[tuple[int, int]]) -> None:
        """Write into runs' histories how many people opted out by answering them."""
        await self.fetch(_SQL["note_opt_outs"], *columns(counts, 2))

    async def open_windows(self, wrote: Sequence[Wrote]) -> None:
        """Let people be answered freely for 24 hours after they wrote; a time to come counts as now."""
        await self.fetch(_SQL["open_windows"], *columns(wrote, 3))

    async def count_inbound(self, received: Sequence[tuple[str, datetime]]) -> None:
        """Count what numbers received in a minute; what is older than an hour is left."""
        await self.fetch(_SQL["count_inbound"], *columns(received, 2))


def _json(value: Any) -> str | None:  # noqa: ANN401 - JSON is anything
    return None if value is None else orjson.dumps(value).decode()
