"""What news of templates, numbers and the account needs, and the gates of quality assessment."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from campaign.domain.receipt import TemplateEvent


class AccountBatch(Protocol):
    """What news of the account does, within the transaction of its webhook. Runs are locked before messages."""

    async def pause_template(self, event: TemplateEvent) -> Sequence[int]:
        """Pause the runs of a template and take its gates away; nothing if this very event was seen before."""
        ...

    async def open_gates(self, template: str) -> Sequence[int]:
        """Take away the gates of a template that turned GREEN; return the runs that had closed them."""
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
