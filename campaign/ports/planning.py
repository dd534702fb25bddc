"""What planning needs: people, a judge of their numbers, and the ledger as the plan and lists use it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, Protocol

from campaign.domain.calendar import Window
from campaign.ports.exclusions import Exclusions


class AudienceSource(Protocol):
    """Where people come from: a query, a list or a file."""

    @property
    def share(self) -> float | None:
        """Tell how much of it was read, from 0 to 1; None where nobody knows how much there is."""
        ...

    async def columns(self) -> Sequence[str]: ...

    def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]: ...


class CleanPerson(Protocol):
    """One person of the audience, with what their message may say."""

    @property
    def row(self) -> int: ...
    @property
    def e164(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def person(self) -> bytes: ...
    @property
    def variables(self) -> Mapping[str, Any]: ...
    @property
    def canonical_changed(self) -> bool: ...
    @property
    def fixed_line(self) -> bool: ...


class RefusedRow(Protocol):
    """One audience row that becomes no message; `detail` says what to do. `person`: whom it meant, if that is known."""

    @property
    def row(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def person(self) -> bytes | None: ...


class Clean(Protocol):
    """Judges (row number, cells) in the order of the source's columns."""

    def __call__(
        self, rows: Iterable[tuple[int, Sequence[Any]]], /
    ) -> tuple[Sequence[CleanPerson], Sequence[RefusedRow]]: ...


class PlannedRow(NamedTuple):
    """A message as the plan writes it: `number` in E.164, `content` the key of what it says, no time is any time."""

    row: int
    person: bytes
    shard: str
    number: str
    variables: dict[str, Any]
    content: bytes
    variant: int = 0
    step: int = 0
    zone: int | None = None
    region: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None


class Group(NamedTuple):
    """Messages that an estimate cannot tell apart."""

    shard: str
    step: int
    variant: int
    zone: int | None
    region: str


@dataclass(slots=True)
class Written:
    """What became of the rows given to the ledger; `skipped` ones count as planned."""

    planned: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    groups: dict[Group, int] = field(default_factory=dict)


class PlanWriting(Protocol):
    """One run's rows on their way into the ledger, all in one transaction."""

    async def write(self, rows: Sequence[PlannedRow], refused: Sequence[RefusedRow]) -> Written:
        """Write one batch; of several rows of one person, over all batches, the first becomes the message."""
        ...

    async def top_up(self, step: int, messages: int) -> Mapping[Group, int]:
        """Move messages of later steps of the ramp into this one; return how many, by the group they came from."""
        ...

    async def write_windows(self, windows: Mapping[int, Sequence[Window]]) -> None:
        """Keep when messages of each zone may leave, for whoever sends them."""
        ...

    async def new_people(self, lasts: timedelta) -> int:
        """Count the people of this run whom its portfolio did not write to within `lasts`, and who wrote to nobody."""
        ...

    @property
    def exclusions(self) -> Exclusions:
        """Give what was written of those who get no message."""
        ...

    async def finish(
        self, *, audience: int, digest: bytes, state: Literal["running", "scheduled"], outlook: Mapping[str, Any]
    ) -> None:
        """Set the run going as part of the commit; raise AlreadyRunning if its plan was taken over.

        `outlook`: what the run keeps of what the plan foresaw.
        """
        ...


class PlanStore(Protocol):
    """The ledger as the plan uses it."""

    def writing(self, run: int) -> AbstractAsyncContextManager[PlanWriting]:
        """Commit at the end of the block, or nothing at all if it raises."""
        ...

    async def forget(self, run: int) -> None:
        """Remove a run of ours that is still being planned."""
        ...

    async def analyze(self, run: int) -> None:
        """Tell the database how many rows there are now; beside the sending, which must not wait for it."""
        ...


class LeftOut(NamedTuple):
    """A row of a list that was not kept: of somebody whom row `first` brought, or, without it, who was erased."""

    row: int
    first: int | None


class ListWriting(Protocol):
    """One list's members on their way into the ledger, all in one transaction."""

    async def write(self, people: Sequence[CleanPerson]) -> Sequence[LeftOut]:
        """Keep the first row of each person, but of nobody who asked to be forgotten; return the others."""
        ...

    async def finish(self, *, digest: bytes) -> None: ...


class Lists(Protocol):
    """Imported lists of people."""

    def replacing(self, name: str, *, columns: Sequence[str]) -> AbstractAsyncContextManager[ListWriting]:
        """Put a list in the place of the one of that name at the end of the block, or change nothing if it raises."""
        ...
