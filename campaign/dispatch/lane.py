"""A shard, and the client it may belong to, before anybody sends over them."""

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Requests(NamedTuple):
    """A limit on requests of any kind: so many per second, after a burst of so many."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Client:
    """What several shards share: a ceiling over all of them, messages per second, `None` is unlimited.

    Whoever owns the `leader` shard may take the others, so that one process alone paces the client.
    """

    id: str
    ceiling: float | None
    leader: str
    requests: Requests | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A shard as the settings describe it; `None` is unlimited (loopback only).

    `headroom` is what others use of its ceiling, messages per second; `auto` is what the number receives.
    """

    id: str
    address: str
    ceiling: float | None
    max_in_flight: int | None = None
    client: Client | None = None
    headroom: float | Literal["auto"] = 0.0
