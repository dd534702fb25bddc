"""What the ledger need not keep for ever, removed a batch at a time."""

from datetime import timedelta
from typing import Final

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries

_SQL = load_queries("housekeeping")

# Each is a query of that name; these keep what the settings say for as long as they say.
_AS_SET: Final = ("raw_webhooks", "inbound_content", "inbound_messages", "strangers_facts")
_OTHERS: Final = ("customer_windows", "claims_of_nothing", "inbound_minutes", "media_uploads", "processes")


class PostgresAttic:
    """The port `Attic`."""

    duties = (*_AS_SET, *_OTHERS)

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def clear(self, duty: str, *, raw: timedelta, limit: int) -> int:
        """Remove up to `limit` rows of one kind that have had their time; return how many."""
        arguments = (limit, raw) if duty in _AS_SET else (limit,)
        rows: int = await ask(lambda: self._pool.fetchval(_SQL[duty], *arguments))
        return rows
