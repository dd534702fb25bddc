"""One open transaction."""

from collections.abc import Sequence
from typing import Any

import asyncpg


class Asking:
    """Asks on one connection."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def runs(self, query: str, *arguments: object) -> Sequence[int]:
        return [each["run"] for each in await self.fetch(query, *arguments)]

    async def fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        records: list[asyncpg.Record] = await self._connection.fetch(query, *arguments)
        return records


def columns(rows: Any, width: int) -> list[Sequence[Any]]:  # noqa: ANN401 - rows of any kind
    """Turn rows into one array per column, as unnest wants them."""
    return list(zip(*rows, strict=True)) or [()] * width
