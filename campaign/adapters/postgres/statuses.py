"""Statuses, applied to the messages of the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import orjson

from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.postgres.transaction import Asking, columns
from campaign.domain.lifecycle import Delivery, Fact, Standing
from campaign.ports import Acceptance, DeliveryChange, Located, LockedMessage, PlacedFact, Sighting

_SQL = load_queries("receipts") | load_queries("gates")


class StatusRows(Asking):
    """The port `StatusBatch`."""

    async def locate(self, sightings: Sequence[Sighting]) -> Sequence[Located]:
        """Find and lock the messages, in id order."""
        return [_located(each) for each in await self.fetch(_SQL["locate"], *columns(map(_said, sightings), 4))]

    async def keep(self, facts: Sequence[PlacedFact]) -> None:
        """Insert facts; one that is known already is left as it is."""
        await self.fetch(_SQL["keep_facts"], *columns(map(_fact_row, facts), 9))

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

    async def facts_of(self, message_ids: Sequence[str]) -> Mapping[str, Sequence[Fact]]:
        """Read all facts of message IDs."""
        return {
            each["message_id"]: list(map(Fact, each["statuses"], each["codes"]))
            for each in await self.fetch(_SQL["facts_of"], message_ids)
        }

    async def deliver(self, changes: Sequence[DeliveryChange]) -> None:
        """Write how far messages got."""
        rows = [(each.run, each.row, *each.delivery) for each in changes]
        await self.fetch(_SQL["deliver"], *columns(rows, 5))

    async def note_event(self, name: str, *, run: int | None, detail: dict[str, Any]) -> None:
        """Write one line of the run's history."""
        await self.fetch(_SQL["note_event"], name, run, detail)

    async def pause_runs(self, runs: Sequence[int], reason: str) -> Sequence[int]:
        """Pause those of the runs that are running; return them."""
        return await self.runs(_SQL["pause_runs"], runs, reason)

    async def pause_every_run(self, reason: str) -> Sequence[int]:
        """Pause whatever is running; return it."""
        return await self.runs(_SQL["pause_every_run"], reason)

    async def drop_templates_of(self, runs: Sequence[int]) -> Sequence[int]:
        """Pause these runs and those with the same template and portfolio; take the gates away. Return the paused."""
        return await self.runs(_SQL["drop_templates_of"], runs)

    async def release_gates(self) -> Sequence[int]:
        """Take away the gates whose held messages went on; return the runs that had closed them."""
        return await self.runs(_SQL["release_gates"])


def _said(sighting: Sighting) -> tuple[Any, ...]:
    callback = sighting.callback
    if callback is None:
        return sighting.message_id, None, None, None
    return sighting.message_id, callback.run, callback.row, callback.attempt


def _fact_row(placed: PlacedFact) -> tuple[Any, ...]:
    fact = placed.fact
    return (
        *(fact.message_id, fact.status, fact.at, fact.code),
        *(placed.run, placed.row),
        *map(_json, (fact.errors, fact.pricing, fact.conversation)),
    )


def _json(value: Any) -> str | None:  # noqa: ANN401 - JSON is anything
    return None if value is None else orjson.dumps(value).decode()


def _located(record: asyncpg.Record) -> Located:
    message = None
    if record["run"] is not None:
        message = LockedMessage(
            record["run"],
            record["row"],
            Standing(record["state"], record["attempt"], record["had"], record["superseded"]),
            Delivery(record["delivery"], record["code"], record["conflict"]),
            record["multi_id"],
        )
    return Located(record["message_id"], message, record["heard"])
