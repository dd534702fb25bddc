"""Orders about runs whose rows were put into the ledger directly."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from campaign.adapters.postgres.feedback import PostgresFeedback
from campaign.adapters.postgres.resending import PostgresResending
from campaign.domain.callback import Callback
from campaign.domain.receipt import StatusFact
from campaign.domain.resending import Which
from campaign.ports import Ordered
from campaign.receipts import Receipts
from campaign.resending import Survey, send_again, survey
from tests.integration.rows import Rows

ORDERED = Ordered("ada@here", "a better template")
OURS = "0123abcd"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Orders:
    """A run that one process has claimed, and orders about it."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.pool = rows.pool
        self.store = PostgresResending(rows.pool, process=rows.process)
        self.receipts = Receipts(PostgresFeedback(rows.pool), installation=OURS, key=b"k" * 32)

    async def run(self, **more: Any) -> int:
        return await self.rows.run(**{"state": "finished", "launcher": self.rows.process} | more)

    async def unknown(self, run: int, *, since: str = "25 hours", **more: Any) -> int:
        """Put an unknown message there that became so a while ago, a second after its mark."""
        row = await self.rows.message(run, "unknown", **{"reason": "rescued", "was_unknown": True} | more)
        await self.pool.execute(
            """UPDATE message SET settled_at = now() - $3::text::interval,
                      marked_at = now() - $3::text::interval - interval '1 s' WHERE run = $1 AND row = $2""",
            *(run, row, since),
        )
        return row

    async def listened(self, begun: str = "10 days", ended: str = "0 s") -> None:
        """Let a receiver have lived from so long ago until so long ago."""
        await self.pool.execute(
            """INSERT INTO process (purpose, host, pid, started_at, heartbeat_at)
               VALUES ('receiver', 'here', 2, now() - $1::text::interval, now() - $2::text::interval)""",
            *(begun, ended),
        )

    async def told(self, run: int, messages: int = 1, **more: Any) -> None:
        """Let webhooks have told of so many messages that their own answers accepted."""
        for each in range(messages):
            await self.rows.message(run, "accepted", message_id=f"told.{run}.{each}", delivery="delivered", **more)

    async def look(self, run: int, which: Which = Which.UNKNOWN, code: int | None = None) -> Survey:
        return await survey(self.store, run, which, code=code)

    async def resend(self, run: int, which: Which = Which.UNKNOWN, code: int | None = None) -> list[int]:
        looked = await self.look(run, which, code)
        await send_again(self.store, looked, ORDERED)
        return [each.row for each in looked.ready]

    async def at(self, run: int, row: int) -> asyncpg.Record:
        return await self.rows.at(run, row)

    async def history(self, run: int) -> list[tuple[Any, ...]]:
        found = await self.pool.fetch(
            """SELECT row, attempt, state::text, delivery::text, message_id, code, ordered_by, why
                 FROM attempt_history WHERE run = $1 ORDER BY row, attempt""",
            run,
        )
        return [tuple(each) for each in found]

    async def events(self, run: int, name: str) -> list[Mapping[str, Any]]:
        found = await self.pool.fetch("SELECT detail FROM event WHERE run = $1 AND name = $2 ORDER BY id", run, name)
        return [each["detail"] for each in found]

    async def hear(
        self, run: int, row: int, message_id: str, status: str, *, attempt: int | None, code: int = 0
    ) -> None:
        public_id: UUID = await self.pool.fetchval("SELECT public_id FROM run WHERE id = $1", run)
        callback = Callback(OURS, public_id, row, attempt) if attempt is not None else None
        await self.receipts.apply([StatusFact(message_id, status, NOW, code, callback=callback)])
