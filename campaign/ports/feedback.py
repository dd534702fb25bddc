"""What hearing back needs: the ledger as receipts use it, the gates, and a place for raw webhooks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from campaign.domain.callback import Callback
from campaign.domain.lifecycle import Delivery, Fact, Standing
from campaign.domain.receipt import StatusFact, TemplateEvent

T = TypeVar("T")


class Sighting(NamedTuple):
    """A message ID a webhook speaks of, and the attempt its callback data names, if that is one of ours."""

    message_id: str
    callback: Callback | None = None


class LockedMessage(NamedTuple):
    """A message as it stands, and nobody else can move it."""

    run: int
    row: int
    standing: Standing
    delivery: Delivery
    multi_id: bool


class Located(NamedTuple):
    """Where a message ID belongs, if anywhere here. `heard`: facts of it are kept though it is no message's own."""

    message_id: str
    message: LockedMessage | None
    heard: bool


class PlacedFact(NamedTuple):
    """A fact and the message it is about; without one it waits for the sweep."""

    fact: StatusFact
    run: int | None
    row: int | None


class Acceptance(NamedTuple):
    """A message that a webhook proves accepted."""

    run: int
    row: int
    message_id: str
    ghost: bool


class DeliveryChange(NamedTuple):
    """How far an accepted message got."""

    run: int
    row: int
    delivery: Delivery


class Wrote(NamedTuple):
    """Somebody wrote to a number of ours."""

    person: bytes
    address: str
    at: datetime


class FeedbackBatch(Protocol):
    """One transaction over what webhooks said. Messages are locked by `locate`, in id order, before anything else."""

    async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
        """Lock the oldest bodies nobody has parsed and nobody else is parsing."""
        ...

    async def mark_parsed(self, webhooks: Sequence[tuple[int, str | None]]) -> None:
        """Note bodies as parsed, each with what had to be quarantined."""
        ...

    async def locate(self, sightings: Sequence[Sighting]) -> Sequence[Located]: ...

    async def keep(self, facts: Sequence[PlacedFact]) -> None: ...

    async def adopt(self, located: Sequence[Located]) -> None:
        """Give facts that were kept without a message the one they belong to."""
        ...

    async def unmatched(self, limit: int, *, everything: bool) -> Sequence[str]:
        """List message IDs whose facts wait though their message is known by now."""
        ...

    async def accept(self, acceptances: Sequence[Acceptance]) -> None: ...

    async def flag_doubled(self, acceptances: Sequence[Acceptance]) -> None: ...

    async def facts_of(self, message_ids: Sequence[str]) -> Mapping[str, Sequence[Fact]]: ...

    async def deliver(self, changes: Sequence[DeliveryChange]) -> None: ...

    async def open_windows(self, wrote: Sequence[Wrote]) -> None:
        """Let people be answered freely for 24 hours after they wrote, by the number they wrote to."""
        ...

    async def count_inbound(self, received: Sequence[tuple[str, datetime]]) -> None:
        """Count what numbers received, by the minute it was sent in; what is older than an hour is left."""
        ...

    async def note_event(self, name: str, *, run: int | None, detail: dict[str, Any]) -> None: ...

    async def pause_runs(self, runs: Sequence[int], reason: str) -> Sequence[int]: ...

    async def pause_every_run(self, reason: str) -> Sequence[int]: ...

    async def drop_templates_of(self, runs: Sequence[int]) -> Sequence[int]:
        """Pause these runs and those with the same template and portfolio; take the gates away. Return the paused."""
        ...

    async def pause_template(self, event: TemplateEvent) -> Sequence[int]:
        """Pause the runs of a template and take its gates away; nothing if this very event was seen before."""
        ...

    async def open_gates(self, template: str) -> Sequence[int]:
        """Take away the gates of a template that turned GREEN; return the runs that had closed them."""
        ...

    async def release_gates(self) -> Sequence[int]:
        """Take away the gates whose held messages went on; return the runs that had closed them."""
        ...


class Feedback(Protocol):
    """The ledger as receipts uses it."""

    async def together(self, work: Callable[[FeedbackBatch], Awaitable[T]]) -> T:
        """Do all of `work` in one transaction, again from its start after a deadlock or a lost connection.

        Raises Unstorable if the ledger refuses what `work` writes.
        """
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


class Intake(Protocol):
    """Where raw webhooks are kept before anything is made of them."""

    async def keep(self, body: bytes) -> None:
        """Commit one body; raise Unreachable if that cannot be promised."""
        ...

    async def ready(self) -> bool: ...
