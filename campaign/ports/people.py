"""What hearing from people needs: windows, what they wrote, and whom not to write to."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol

SuppressionSource = Literal["whatsapp", "stop_word", "preference", "command", "import"]


class Wrote(NamedTuple):
    """Somebody wrote to a number of ours."""

    person: bytes
    address: str
    at: datetime


class KeptMessage(NamedTuple):
    """Something somebody wrote, as it is kept; `webhook` is the raw body it came in."""

    message_id: str
    webhook: int | None
    person: bytes | None
    address: str
    at: datetime
    kind: str
    content: Any


class Choice(NamedTuple):
    """What somebody chose in WhatsApp about marketing of ours."""

    person: bytes
    stopped: bool
    at: datetime


class Unwanted(NamedTuple):
    """Somebody must not be written to; `scope` is all or marketing, `reason` what the source said."""

    person: bytes
    scope: str
    source: SuppressionSource
    reason: str


class RefusedMessage(NamedTuple):
    """A message of ours that WhatsApp refused with a code which says that its person must not be written to."""

    run: int
    row: int
    scope: str
    code: int


class Addressee(NamedTuple):
    """Whom a message of ours went to."""

    run: int
    person: bytes


class SuppressionBatch(Protocol):
    """Suppressing people, within one transaction: whoever is suppressed has nothing pending in it."""

    async def suppress(self, unwanted: Sequence[Unwanted]) -> int:
        """Note whom not to write to; return how many of these notes are new."""
        ...

    async def suppress_refused(self, refused: Sequence[RefusedMessage]) -> Collection[bytes]:
        """Note the people of refused messages, with the code as the reason; return them all."""
        ...

    async def leave_out(self, people: Collection[bytes]) -> int:
        """Skip what waits for these people in scopes they are suppressed in; return how many messages.

        Called once more after the commit: what a plan put in line meanwhile was hidden from it.
        """
        ...


class PeopleBatch(SuppressionBatch, Protocol):
    """What inbound messages and preferences do, within the transaction of their webhook."""

    async def addressees(self, message_ids: Sequence[str]) -> dict[str, Addressee]:
        """Find whom messages of ours went to."""
        ...

    async def keep_messages(self, messages: Sequence[KeptMessage]) -> Collection[str]:
        """Keep what people wrote, but for what they deleted; return the message IDs that are no repeats."""
        ...

    async def prefer(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        """Keep each person's newest choice, of two at one time the stop; return those that are news."""
        ...

    async def allow_marketing(self, people: Collection[bytes]) -> None:
        """Take back what WhatsApp itself said against marketing to these people, and nothing else."""
        ...

    async def note_opt_outs(self, counts: Sequence[tuple[int, int]]) -> None:
        """Write into runs' histories how many people opted out by answering them."""
        ...

    async def open_windows(self, wrote: Sequence[Wrote]) -> None:
        """Let people be answered freely for 24 hours after they wrote, by the number they wrote to."""
        ...

    async def count_inbound(self, received: Sequence[tuple[str, datetime]]) -> None:
        """Count what numbers received, by the minute it was sent in; what is older than an hour is left."""
        ...
