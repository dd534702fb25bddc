"""Rows of a ledger put there directly, and read back."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import asyncpg

from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.domain.outcome import Settlement
from campaign.ports import Answer, Asked, MarkVerdict

SHARD = "paris"

# What each state cannot be without.
NEEDED: dict[str, dict[str, Any]] = {
    "pending": {},
    "in_flight": {"attempt": 1, "marked_by": 1},
    "accepted": {"attempt": 1, "message_id": "wamid.1"},
    "rejected": {"attempt": 1, "code": 131026},
    "unknown": {"attempt": 1},
    "skipped": {"reason": "expired"},
    "cancelled": {},
}


class Rows:
    """A ledger with one sender in it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.process = 0
        self.epoch = 0
        self._keys = itertools.count(1)
        self._rows = itertools.count(1)

    async def start(self) -> "Rows":
        self.process = await self.add_process()
        self.ledger = PostgresLedger(self.pool, process=self.process)
        await self.ledger.introduce_shards({SHARD: "address of paris", "lyon": "address of lyon"})
        taken = await self.ledger.take(SHARD, ceiling=80.0)
        assert taken is not None
        self.epoch = taken.epoch
        return self

    async def add_process(self) -> int:
        return await self._number("INSERT INTO process (purpose, host, pid) VALUES ('sender', 'here', 1) RETURNING id")

    async def silence(self, process: int, seconds: str) -> None:
        """Let a process have been silent for so long."""
        await self.pool.execute(
            "UPDATE process SET heartbeat_at = now() - $2::text::interval WHERE id = $1", process, seconds
        )

    async def run(self, **more: Any) -> int:
        key = next(self._keys)
        values: dict[str, Any] = {
            "campaign": f"campaign {key}",
            "key": "once",
            "state": "running",
            "definition": {"message": {}, "category": "marketing"},
            "fingerprints": {},
            "portfolio": "main",
            "template": f"template {key}",
            "when_held": "wait",
            "held_limit": "24 hours",
            "duplicate_window": "30 days",
            "tolerate": 0.02,
            "settle": "60 s",
            "shards": [SHARD],
        } | more
        values.setdefault("templates", [values["template"]])
        return await self._insert("run", values, "id", intervals=("held_limit", "duplicate_window", "settle"))

    async def message(self, run: int, state: str = "pending", **more: Any) -> int:
        row = next(self._rows)
        values: dict[str, Any] = {
            "run": run,
            "row": row,
            "person": f"person {row}".encode(),
            "shard": SHARD,
            "state": state,
            "content": f"content {run}".encode(),
            "number": "number",
            "variables": {},
        }
        values |= NEEDED[state] | more
        if state == "in_flight":
            values.setdefault("marked_at", "0 s")
        return await self._insert("message", values, "row", ago=("marked_at", "not_before", "not_after"))

    async def messages(self, run: int, count: int, **more: Any) -> list[int]:
        return [await self.message(run, **more) for _ in range(count)]

    async def _insert(
        self,
        table: str,
        values: dict[str, Any],
        returning: str,
        *,
        intervals: Sequence[str] = (),
        ago: Sequence[str] = (),
    ) -> int:
        """Insert a row; `intervals` are given as text, `ago` as how long ago they were."""
        slots = []
        for index, name in enumerate(values, 1):
            slot = f"${index}"
            if name in intervals:
                slot = f"{slot}::text::interval"
            elif name in ago:
                slot = f"now() - {slot}::text::interval"
            slots.append(slot)
        return await self._number(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(slots)}) RETURNING {returning}",
            *values.values(),
        )

    async def _number(self, statement: str, *values: object) -> int:
        number: int = await self.pool.fetchval(statement, *values)
        return number

    async def mark(self, run: int, *rows: int, attempt: int = 0) -> list[MarkVerdict]:
        return list(await self.ledger.mark(SHARD, self.epoch, [Asked(run, row, attempt) for row in rows]))

    async def record(self, run: int, row: int, settlement: Settlement, *, attempt: int = 1) -> set[int]:
        return await self.ledger.record([Answer(run, row, attempt, settlement)])

    async def at(self, run: int, row: int) -> asyncpg.Record:
        return await self.pool.fetchrow("SELECT * FROM message WHERE run = $1 AND row = $2", run, row)

    async def state(self, run: int, row: int) -> str:
        return str((await self.at(run, row))["state"])

    async def states(self, run: int) -> list[str]:
        found = await self.pool.fetch("SELECT state::text FROM message WHERE run = $1 ORDER BY row", run)
        return [row["state"] for row in found]

    async def run_state(self, run: int) -> tuple[str, str | None]:
        found = await self.pool.fetchrow("SELECT state::text, reason FROM run WHERE id = $1", run)
        return found["state"], found["reason"]

    async def claims(self) -> list[tuple[int, int]]:
        return [tuple(row) for row in await self.pool.fetch("SELECT run, row FROM content_claim ORDER BY run, row")]

    async def open_window(self, row: int, address: str, until: str) -> None:
        """Let a person have written to a number, so that their window is open for so long yet."""
        await self.pool.execute(
            "INSERT INTO customer_window (person, address, until) VALUES ($1, $2, now() + $3::text::interval)",
            f"person {row}".encode(),
            address,
            until,
        )

    async def suppress(self, row: int, scope: str = "all") -> None:
        await self.pool.execute(
            "INSERT INTO suppression (person, scope, reason) VALUES ($1, $2, 'asked')", f"person {row}".encode(), scope
        )


async def somebody_waits(pool: asyncpg.Pool, *, sessions: int = 1, seconds: float = 10.0) -> int:
    """Wait until so many sessions wait for a lock; give the pid of one."""
    async with asyncio.timeout(seconds):
        while True:
            found = await pool.fetch(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if len(found) >= sessions:
                return int(found[0]["pid"])
            await asyncio.sleep(0.01)
