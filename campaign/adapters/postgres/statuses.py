"""Statuses, applied to the messages of the ledger."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking, columns
from campaign.domain.lifecycle import Delivery, Fact, Standing
from campaign.domain.receipt import StatusFact
from campaign.ports import (
    Acceptance,
    DeliveryChange,
    Located,
    LockedMessage,
    Noted,
    PlacedFact,
    SaidAlike,
    Sighting,
)

_SQL = load_queries("receipts") | load_queries("gates")


class StatusRows(Asking):
    """The port `StatusBatch`."""

    async def locate(self, sightings: Sequence[Sighting]) -> Sequence[Located]:
        """Find and lock the messages, in id order."""
        said = columns(map(_said, sightings), 4)
        found = await self.fetch(_SQL["locate"], *said)
        if any(each["taken_before"] for each in found):
            # The order's history may be younger than that statement; what is locked changes no more.
            found = await self.fetch(_SQL["locate"], *said)
        return [_located(each) for each in found]

    async def keep(self, facts: Sequence[PlacedFact]) -> None:
        """Insert facts; one that is known already is left as it is."""
        said = [each.fact for each in facts]
        await self.fetch(
            _SQL["keep_facts"],
            [each.message_id for each in said],
            [each.status for each in said],
            [each.at for each in said],
            [each.code for each in said],
            [each.run for each in facts],
            [each.row for each in facts],
            [_detail(each) for each in said],
        )

    async def adopt(self, located: Sequence[Located]) -> None:
        """Give facts that were kept without a message the one they belong to."""
        places = [(each.message_id, each.message.run, each.message.row) for each in located if each.message]
        await self.fetch(_SQL["adopt_facts"], *columns(places, 3))

    async def unmatched(self, limit: int, *, everything: bool) -> Sequence[str]:
        """List message IDs whose facts wait though their message is known by now."""
        return [each["message_id"] for each in await self.fetch(_SQL["unmatched"], limit, everything)]

    async def accept(self, acceptances: Sequence[Acceptance]) -> None:
        """Make messages accepted, whatever they were."""
        await self.fetch(_SQL["accept"], *columns(acceptances, 4))

    async def flag_doubled(self, acceptances: Sequence[Acceptance]) -> None:
        """Flag messages that have a second message ID; the first is kept."""
        flags = [(each.run, each.row, each.ghost) for each in acceptances]
        await self.fetch(_SQL["flag_doubled"], *columns(flags, 3))

    async def facts_of(self, message_ids: Sequence[str]) -> Sequence[SaidAlike]:
        """Read all facts of message IDs; those with the same facts come together."""
        return [
            SaidAlike(list(map(Fact, each["statuses"], each["codes"])), each["message_ids"], each["pricing"])
            for each in await self.fetch(_SQL["facts_of"], message_ids)
        ]

    async def deliver(self, changes: Sequence[DeliveryChange]) -> None:
        """Write how far messages got."""
        rows = [(each.run, each.row, *each.delivery) for each in changes]
        await self.fetch(_SQL["deliver"], *columns(rows, 6))

    async def note_events(self, events: Sequence[Noted]) -> None:
        """Write lines of history."""
        rows = [(each.name, each.run, orjson.dumps(each.detail).decode()) for each in events]
        await self.fetch(_SQL["note_events"], *columns(rows, 3))

    async def pause_runs(self, runs: Sequence[int], reason: str) -> Sequence[int]:
        """Pause those of the runs that are running; return them."""
        return await self.runs(_SQL["pause_runs"], runs, reason)

    async def pause_every_run(self, reason: str) -> Sequence[int]:
        """Pause whatever is running; return it."""
        return await self.runs(_SQL["pause_every_run"], reason)

    async def drop_templates_of(self, messages: Sequence[tuple[int, int]]) -> Sequence[int]:
        """Pause whatever sends the templates of these (run, row) in their portfolio; return the paused."""
        return await self.runs(_SQL["drop_templates_of"], *columns(messages, 2))

    async def release_gates(self) -> Sequence[int]:
        """Take away the gates whose held messages went on; return the runs that had closed them."""
        return await self.runs(_SQL["release_gates"])


def _said(sighting: Sighting) -> tuple[Any, ...]:
    callback = sighting.callback
    if callback is None:
        return sighting.message_id, None, None, None
    return sighting.message_id, callback.run, callback.row, callback.attempt


def _detail(fact: StatusFact) -> str | None:
    """Write what a status carries besides; one text, since every element of an array costs."""
    said = {"errors": fact.errors, "pricing": fact.pricing, "conversation": fact.conversation}
    carried = {key: value for key, value in said.items() if value is not None}
    return orjson.dumps(carried).decode() if carried else None


def _located(record: asyncpg.Record) -> Located:
    message = None
    if record["run"] is not None:
        message = LockedMessage(
            record["run"],
            record["row"],
            Standing(record["state"], record["attempt"], record["had"], record["superseded"]),
            Delivery(record["delivery"], record["code"], record["conflict"], record["charged_as"]),
            record["multi_id"],
        )
    return Located(record["message_id"], message, record["heard"], record["waiting"], record["former"])
