"""A shard, before anybody sends over it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lane:
    """A shard as the settings describe it; `None` is unlimited (loopback only)."""

    id: str
    address: str
    ceiling: float | None
    max_in_flight: int | None = None
