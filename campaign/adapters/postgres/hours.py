"""The hours of a planned run, changed: its messages wait for other windows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.calendar import Window

_SQL = load_queries("hours")


class Timed(NamedTuple):
    """A message, and the zone and window it is to wait for."""

    row: int
    zone: int | None
    not_before: datetime | None
    not_after: datetime | None


class PostgresHours:
    """Gives messages of one run other hours; all of it may be repeated."""

    def __init__(self, pool: asyncpg.Pool, run: int) -> None:
        self._pool = pool
        self._run = run

    async def next_zone(self) -> int:
        """Give the first number that no zone of the run has."""
        return int(await ask(lambda: self._pool.fetchval(_SQL["next_zone"], self._run)))

    async def messages(self, *, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """List rows and numbers of what is to be sent, or may be again."""
        found = await ask(lambda: self._pool.fetch(_SQL["messages_to_time"], self._run, after, limit))
        return [(row["row"], row["number"]) for row in found]

    async def add(self, windows: Mapping[int, Sequence[Window]]) -> None:
        """Keep the windows of more zones."""
        records = [(zone, *window) for zone, each in windows.items() for window in each]
        if records:
            await ask(lambda: self._pool.execute(_SQL["add_windows"], self._run, *zip(*records, strict=True)))

    async def time(self, messages: Sequence[Timed]) -> None:
        await ask(lambda: self._pool.execute(_SQL["time_messages"], self._run, *zip(*messages, strict=True)))

    async def change(self, schedule: Mapping[str, str] | None, *, until: datetime | None, first_zone: int) -> None:
        """Let the run keep to a schedule, and forget the windows of zones before the first of its own."""
        await ask(lambda: self._pool.execute(_SQL["change_schedule"], self._run, schedule, until, first_zone))
