"""What forgetting people needs."""

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID


class ForgettingBatch(Protocol):
    """What webhooks about people who asked to be forgotten need, within their transaction."""

    async def is_anybody_forgotten(self) -> bool:
        """Tell whether anybody was ever erased: if not, nothing needs to be looked up."""
        ...

    async def forgotten_people(self, people: Collection[bytes]) -> Collection[bytes]:
        """Find those of these people who were erased."""
        ...

    async def forgotten_rows(self, rows: Collection[tuple[UUID, int]]) -> Collection[tuple[UUID, int]]:
        """Find those of these messages, each its run's public id and its row, that went to somebody who was erased."""
        ...

    async def taken_back(self, message_ids: Collection[str]) -> Collection[str]:
        """Find those of these messages whose senders are known to have deleted them."""
        ...

    async def take_back(self, message_ids: Collection[str]) -> Sequence[int]:
        """Remove what people wrote and deleted; return the webhooks it came in."""
        ...

    async def blank(self, webhooks: Collection[int]) -> None:
        """Empty raw bodies; that they came stays known."""
        ...
