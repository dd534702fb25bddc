"""What hearing back needs: the ledger as receipts use it, and a place for raw webhooks."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from campaign.domain.callback import Callback
from campaign.domain.lifecycle import Delivery, Fact, Standing
from campaign.domain.receipt import StatusFact
from campaign.ports.account import AccountBatch
from campaign.ports.forgetting import ForgettingBatch
from campaign.ports.people import PeopleBatch

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
    """Where a message ID belongs, if anywhere here.

    `heard`: facts of it are kept though it is no message's own; `waiting`: and some of them without a message.
    `former`: it is the ID of an attempt that WhatsApp was known to have taken, and an operator ordered again.
    """

    message_id: str
    message: LockedMessage | None
    heard: bool
    waiting: bool = False
    former: bool = False


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


class SaidAlike(NamedTuple):
    """Message IDs of which the same was said; `pricing` as WhatsApp put it, by the status that got furthest."""

    facts: Sequence[Fact]
    message_ids: Sequence[str]
    pricing: Any = None


class Noted(NamedTuple):
    """One line of history; without a run it is the ledger's own."""

    name: str
    run: int | None
    detail: dict[str, Any]


class DeliveryChange(NamedTuple):
    """How far an accepted message got."""

    run: int
    row: int
    delivery: Delivery


class StatusBatch(Protocol):
    """What statuses need. Messages are locked by `locate`, in id order, before anything else."""

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

    async def facts_of(self, message_ids: Sequence[str]) -> Sequence[SaidAlike]:
        """Read all facts of message IDs; those with the same facts come together."""
        ...

    async def deliver(self, changes: Sequence[DeliveryChange]) -> None: ...

    async def note_events(self, events: Sequence[Noted]) -> None: ...

    async def pause_runs(self, runs: Sequence[int], reason: str) -> Sequence[int]: ...

    async def pause_every_run(self, reason: str) -> Sequence[int]: ...

    async def drop_templates_of(self, messages: Sequence[tuple[int, int]]) -> Sequence[int]:
        """Pause whatever sends the templates of these (run, row) in their portfolio; return the paused.

        The gates of those templates go.
        """
        ...

    async def release_gates(self) -> Sequence[int]:
        """Take away the gates whose held messages went on; return the runs that had closed them."""
        ...


class FeedbackBatch(StatusBatch, PeopleBatch, AccountBatch, ForgettingBatch, Protocol):
    """One transaction over what webhooks said."""

    async def unparsed(self, limit: int) -> Sequence[tuple[int, bytes]]:
        """Lock the oldest bodies nobody has parsed and nobody else is parsing."""
        ...

    async def mark_parsed(self, webhooks: Sequence[tuple[int, str | None]]) -> None:
        """Note bodies as parsed, each with what had to be quarantined."""
        ...


class Feedback(Protocol):
    """The ledger as receipts uses it."""

    async def together(self, work: Callable[[FeedbackBatch], Awaitable[T]]) -> T:
        """Do all of `work` in one transaction, again from its start after a deadlock or a lost connection.

        Raises Unstorable if the ledger refuses what `work` writes, or `work` itself cannot cope with it.
        """
        ...


class Intake(Protocol):
    """Where raw webhooks are kept before anything is made of them."""

    async def keep(self, body: bytes) -> None:
        """Commit one body; raise Unreachable if that cannot be promised."""
        ...

    async def ready(self) -> bool: ...

    @property
    def late(self) -> float:
        """Seconds that somebody just waited for an answer."""
        ...
