"""What webhooks said, applied to the ledger in one transaction a batch."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import asyncpg
import orjson

from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.lifecycle import Delivery, Fact, Standing
from campaign.domain.receipt import TemplateEvent, Unstorable
from campaign.ports import (
    Acceptance,
    DeliveryChange,
    FeedbackBatch,
    Located,
    LockedMessage,
    PlacedFact,
    Sighting,
    Wrote,
)

T = TypeVar("T")

# Classes of SQLSTATE that judge the data: data exception, integrity violation, program limit exceeded.
_REFUSALS = {"22", "23", "54"}


class PostgresFeedback:
    """The port `Feedback`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._queries = load_queries("receipts") | load_queries("gates")

    async def together(self, work: Callable[[FeedbackBatch], Awaitable[T]]) -> T:
        """Do all of `work` in one transaction, again from its start after a deadlock or a lost connection.

        Raises Unstorable if the ledger refuses what `work` writes.
        """

        async def once() -> T:
            async with self._pool.acquire() as connection, connection.transaction():
                return await work(PostgresFeedbackBatch(connection, self._queries))

        try:
            return await patiently(once)
        except asyncpg.PostgresError as error:
            if (error.sqlstate or "")[:2] not in _REFUSALS:
                raise
            # Neither the error's text nor its cause: both quote the row.
            raise Unstorable(f"the ledger refused it (SQLSTATE {error.sqlstate})") from None


class PostgresFeedbackBatch:
    """The port `FeedbackBatch`: one open transaction."""

    def __init__(self, connection: asyncpg.Connection, queries: dict[str, str]) -> None:
        self._connection = connection
        self._queries = queries

    async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
        """Lock the oldest bodies nobody has parsed and nobody else is parsing."""
        return [(each["id"], each["body"]) for each in await self._fetch("unparsed", limit)]

    async def mark_parsed(self, webhooks: Sequence[tuple[int, str | None]]) -> None:
        """Note bodies as parsed, each with what had to be quarantined."""
        await self._fetch("mark_parsed", *_columns(webhooks, 2))

    async def locate(self, sightings: Sequence[Sighting]) -> Sequence[Located]:
        """Find and lock the messages, in id order."""
        return [_located(each) for each in await self._fetch("locate", *_columns(map(_said, sightings), 4))]

    async def keep(self, facts: Sequence[PlacedFact]) -> None:
        """Insert facts; one that is known already is left as it is."""
        await self._fetch("keep_facts", *_columns(map(_fact_row, facts), 9))

    async def adopt(self, located: Sequence[Located]) -> None:
        """Give facts that were kept without a message the one they belong to."""
        places = [(each.message_id, each.message.run, each.message.row) for each in located if each.message]
        await self._fetch("adopt_facts", *_columns(places, 3))

    async def unmatched(self, limit: int, *, everything: bool) -> Sequence[str]:
        """List message IDs whose facts wait though their message is known by now."""
        return [each["message_id"] for each in await self._fetch("unmatched", limit, everything)]

    async def accept(self, acceptances: Sequence[Acceptance]) -> None:
        """Make messages accepted, whatever they were."""
        await self._fetch("accept", *_columns(acceptances, 4))

    async def flag_doubled(self, acceptances: Sequence[Acceptance]) -> None:
        """Flag messages that have a second message ID; the first is kept."""
        flags = [(each.run, each.row, each.ghost) for each in acceptances]
        await self._fetch("flag_doubled", *_columns(flags, 3))

    async def facts_of(self, message_ids: Sequence[str]) -> Mapping[str, Sequence[Fact]]:
        """Read all facts of message IDs."""
        return {
            each["message_id"]: list(map(Fact, each["statuses"], each["codes"]))
            for each in await self._fetch("facts_of", message_ids)
        }

    async def deliver(self, changes: Sequence[DeliveryChange]) -> None:
        """Write how far messages got."""
        rows = [(each.run, each.row, *each.delivery) for each in changes]
        await self._fetch("deliver", *_columns(rows, 5))

    async def open_windows(self, wrote: Sequence[Wrote]) -> None:
        """Let people be answered freely for 24 hours after they wrote; a time to come counts as now."""
        await self._fetch("open_windows", *_columns(wrote, 3))

    async def count_inbound(self, received: Sequence[tuple[str, datetime]]) -> None:
        """Count what numbers received in a minute; what is older than an hour is left."""
        await self._fetch("count_inbound", *_columns(received, 2))

    async def note_event(self, name: str, *, run: int | None, detail: dict[str, Any]) -> None:
        """Write one line of the run's history."""
        await self._fetch("note_event", name, run, detail)

    async def pause_runs(self, runs: Sequence[int], reason: str) -> Sequence[int]:
        """Pause those of the runs that are running; return them."""
        return await self._runs("pause_runs", runs, reason)

    async def pause_every_run(self, reason: str) -> Sequence[int]:
        """Pause whatever is running; return it."""
        return await self._runs("pause_every_run", reason)

    async def drop_templates_of(self, runs: Sequence[int]) -> Sequence[int]:
        """Pause these runs and those with the same template and portfolio; take the gates away. Return the paused."""
        return await self._runs("drop_templates_of", runs)

    async def pause_template(self, event: TemplateEvent) -> Sequence[int]:
        """Pause the runs of a template and take its gates away; nothing if this very event was seen before."""
        return await self._runs("pause_template", event.name, event.language, event.at)

    async def open_gates(self, template: str) -> Sequence[int]:
        """Take away the gates of a template that turned GREEN; return the runs that had closed them."""
        return await self._runs("open_gates", template)

    async def release_gates(self) -> Sequence[int]:
        """Take away the gates whose held messages went on; return the runs that had closed them."""
        return await self._runs("release_gates")

    async def _runs(self, query: str, *arguments: object) -> Sequence[int]:
        return [each["run"] for each in await self._fetch(query, *arguments)]

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        records: list[asyncpg.Record] = await self._connection.fetch(self._queries[query], *arguments)
        return records


def _columns(rows: Any, width: int) -> list[Sequence[Any]]:  # noqa: ANN401 - rows of any kind
    """Turn rows into one array per column, as unnest wants them."""
    return list(zip(*rows, strict=True)) or [()] * width


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
