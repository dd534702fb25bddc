"""One row after the other becomes a message, or does not; what is counted on the way."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from itertools import islice
from typing import Any, Final, NamedTuple, Protocol

from campaign.domain.rendering import CompiledMessage, RenderRefusal, content_key
from campaign.domain.unwritable import Faults
from campaign.ports import AudienceSource, Clean, CleanPerson, Group, PlannedRow, RefusedRow

# Rows prepared without a pause: about 10 ms, so that the heartbeat and the writing of the last batch go on.
_CHUNK = 200

# Messages shown as people will get them.
EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Audience:
    """Where people come from and how they are judged; `columns` are those a message may use."""

    source: AudienceSource
    clean: Clean
    columns: Sequence[str]
    where: str


class Times(NamedTuple):
    """When a message may leave: which of the run's zones it goes by, and its first window; None is any time."""

    zone: int | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


ANY_TIME: Final = Times()


def _nobody(_: CleanPerson) -> None:
    return None


def _first(_: bytes) -> int:
    return 0


def _any_time(_: CleanPerson) -> Times:
    return ANY_TIME


@dataclass(frozen=True, slots=True)
class Terms:
    """What a plan decides for each person besides the words: the shard, whether at all, variant, step, and when.

    `refuse` names why somebody gets no message; `variant_of` and `step_of` count from 0 and go by the person's hash.
    """

    assign: Callable[[bytes], str]
    refuse: Callable[[CleanPerson], RefusedRow | None] = _nobody
    variant_of: Callable[[bytes], int] = _first
    step_of: Callable[[bytes], int] = _first
    times: Callable[[CleanPerson], Times] = _any_time


class Example(NamedTuple):
    """One of the first messages, as JSON in the API's shape."""

    row: int
    number: str
    variant: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of an audience: audience = planned + Σ refused; skipped rows are planned ones.

    `groups` counts the messages to be sent, so Σ groups + Σ skipped = planned.
    """

    audience: int
    planned: int
    refused: Mapping[str, int]
    skipped: Mapping[str, int]
    canonicalised: int
    fixed_lines: int
    digest: bytes
    groups: Mapping[Group, int] = field(default_factory=dict)
    examples: Sequence[Example] = ()

    @property
    def to_send(self) -> int:
        """Count the messages to be sent."""
        return self.planned - sum(self.skipped.values())


class _Tally(Protocol):
    """What the ledger counted."""

    @property
    def planned(self) -> int: ...
    @property
    def refused(self) -> Mapping[str, int]: ...
    @property
    def skipped(self) -> Mapping[str, int]: ...
    @property
    def groups(self) -> Mapping[Group, int]: ...


class Draft:
    """Turns rows into messages, and keeps count."""

    def __init__(self, messages: Sequence[CompiledMessage], terms: Terms, key: bytes) -> None:
        self._messages = messages
        self._terms = terms
        self._key = key
        self._names = sorted({name for message in messages for name in message.names})
        self._digest = 0
        self._canonicalised = 0
        self._fixed_lines = 0
        self._examples: list[Example] = []
        self.audience = 0
        self.faults = Faults()

    async def batch(
        self, rows: Sequence[tuple[int, Sequence[Any]]], clean: Clean
    ) -> tuple[list[PlannedRow], list[RefusedRow]]:
        messages: list[PlannedRow] = []
        refused: list[RefusedRow] = []
        left = iter(rows)
        while chunk := list(islice(left, _CHUNK)):
            people, refusals = clean(chunk)
            refused += refusals
            for each in people:
                refusal = self._terms.refuse(each)
                if refusal is not None:
                    refused.append(refusal)
                elif (row := self._written(each)) is not None:
                    messages.append(row)
            await asyncio.sleep(0)
        self.audience += len(rows)
        return messages, refused

    def _written(self, each: CleanPerson) -> PlannedRow | None:
        variant = self._terms.variant_of(each.person)
        rendered = self._messages[variant].render(each.variables)
        if isinstance(rendered, RenderRefusal):
            self.faults.note(rendered, each.row)
            return None
        if len(self._examples) < EXAMPLES:
            self._examples.append(Example(each.row, each.e164, variant, rendered))
        content = content_key(rendered, self._key)
        self._digest += int.from_bytes(blake2b(each.person + content, digest_size=16).digest())
        self._canonicalised += each.canonical_changed
        self._fixed_lines += each.fixed_line
        kept = {name: each.variables[name] for name in self._names if name in each.variables}
        zone, not_before, not_after = self._terms.times(each)
        return PlannedRow(
            row=each.row,
            person=each.person,
            shard=self._terms.assign(each.person),
            number=each.e164,
            variables=kept,
            content=content,
            variant=variant,
            step=self._terms.step_of(each.person),
            zone=zone,
            region=each.region,
            not_before=not_before,
            not_after=not_after,
        )

    def planned(self, tally: _Tally) -> Planned:
        return Planned(
            audience=self.audience,
            planned=tally.planned,
            refused=dict(sorted(tally.refused.items())),
            skipped=dict(sorted(tally.skipped.items())),
            canonicalised=self._canonicalised,
            fixed_lines=self._fixed_lines,
            # A sum: the same people with the same content have the same digest in any order.
            digest=(self._digest % 2**128).to_bytes(16),
            groups=dict(tally.groups),
            examples=tuple(self._examples),
        )
