"""What news of templates, numbers and the account needs, and the gates of quality assessment."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from campaign.domain.portfolio import Limit
from campaign.domain.receipt import AccountEvent, OurNumber


class KeptEvent(NamedTuple):
    """An event and the digest it is known again by; `ours`: it is about the account of the settings."""

    digest: bytes
    event: AccountEvent
    ours: bool


class Touched(NamedTuple):
    """Which runs an event touches: each member narrows them down, None does not.

    A run whose language or category cannot be told is touched: a pause too many costs a command.
    """

    portfolio: str | None = None
    template: str | None = None
    language: str | None = None
    categories: Sequence[str] | None = None
    shards: Sequence[str] | None = None


class AccountBatch(Protocol):
    """What news of the account does, in the transaction of its webhook. Shards and runs are locked before messages."""

    async def learn_numbers(self, numbers: Sequence[OurNumber]) -> Collection[str]:
        """Note what people dial to reach numbers of ours; return the addresses of which that was known before."""
        ...

    async def shards_of(self, number: str) -> Sequence[str]:
        """Find the shards of a number by its address or the digits people dial."""
        ...

    async def keep_events(self, events: Sequence[KeptEvent]) -> Collection[bytes]:
        """Keep events; return the digests of those that are news. One without a time is news each time it is said."""
        ...

    async def pause_touched(self, touched: Touched, reason: str, detail: Mapping[str, Any]) -> Sequence[int]:
        """Pause running runs, and take away the gates of a template that may not be sent; return the paused."""
        ...

    async def learn_limit(self, portfolio: str, limit: Limit) -> None:
        """Follow what WhatsApp says of how many people a portfolio may write to, unless the settings say it."""
        ...

    async def open_gates(self, touched: Touched) -> Sequence[int]:
        """Take away the gates that runs of a template closed which turned GREEN; return those runs."""
        ...


class Stranded(NamedTuple):
    """A run that paused because WhatsApp refuses the numbers it still has to send over; one of them, and the code."""

    run: int
    shard: str
    code: int


class GateNews(NamedTuple):
    """What watching the gates changed: runs that had closed a gate now open, and runs paused, with why."""

    released: Sequence[int]
    paused: Sequence[tuple[int, str]]
    stranded: Sequence[Stranded] = ()


class Gates(Protocol):
    """Templates that wait for quality assessment, as a sender watches them."""

    async def watch_gates(self) -> GateNews:
        """Open gates whose held messages went on; pause what waited too long, or has no shard left to go over."""
        ...
