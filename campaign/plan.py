"""People -> ledger rows, once per person: rendered, hashed and written in one transaction, before anything is sent."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Any, Literal, Self

from campaign.domain.errors import ConfigurationError, RefusedByPlan, Unreachable
from campaign.domain.rendering import CompiledMessage, RenderRefusal, content_key
from campaign.domain.unwritable import Faults
from campaign.ports import AudienceSource, Clean, CleanPerson, OpenedRun, PlannedRow, PlanStore, PlanWriting, RefusedRow

# Rows prepared without a pause: about 10 ms, so that the heartbeat and the writing of the last batch go on.
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Audience:
    """Where people come from and how they are judged; `columns` are those a message may use."""

    source: AudienceSource
    clean: Clean
    columns: Sequence[str]
    where: str


@dataclass(frozen=True, slots=True)
class Planned:
    """What became of an audience: audience = planned + Σ refused; skipped rows are planned ones."""

    audience: int
    planned: int
    refused: Mapping[str, int]
    skipped: Mapping[str, int]
    canonicalised: int
    fixed_lines: int
    digest: bytes


async def plan(
    run: int,
    audience: Audience,
    message: CompiledMessage,
    *,
    assign: Callable[[bytes], str],
    key: bytes,
    store: PlanStore,
    state: Literal["running", "scheduled"] = "running",
    progress: Callable[[int], None] = lambda _: None,
) -> Planned:
    """Write the run's messages and set it going, or leave no trace of it.

    `assign` names a person's shard; `key` is what content is hashed under, at most 64 bytes. Raises ConfigurationError
    for a variable no column fills, and RefusedByPlan for rows whose message cannot be written, or if nobody is left.
    `store.analyze` is to follow, beside the sending.
    """
    try:
        _require_columns(message, audience)
        async with store.writing(run) as writing:
            planned = await _write(writing, audience, _Draft(message, assign, key), progress)
            await writing.finish(audience=planned.audience, digest=planned.digest, state=state)
    except BaseException:
        # What cannot be forgotten now is planned again by whoever launches it next.
        with suppress(Unreachable):
            await store.forget(run)
        raise
    return planned


async def _write(writing: PlanWriting, audience: Audience, draft: "_Draft", progress: Callable[[int], None]) -> Planned:
    batches = audience.source.batches()
    async with _Behind(writing) as behind, aclosing(batches):  # type: ignore[type-var] # a generator in every source
        async for rows in batches:
            messages, refused = await draft.batch(rows, audience.clean)
            # After the first message that cannot be written the rest is only looked at.
            if not draft.faults:
                await behind.write(messages, refused)
            progress(draft.audience)
    draft.faults.raise_if_any(audience.where)
    planned = draft.planned(behind)
    _refuse_nobody(planned, audience)
    return planned


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Name the sections of a campaign's file that differ from those a run was planned with."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def refuse_changes(run: OpenedRun, now: Mapping[str, str], *, name: str, where: str) -> None:
    """Raise RefusedByPlan if the file says something else than the run that was planned from it."""
    sections = changed(run.fingerprints, now)
    if sections:
        raise RefusedByPlan(
            f"the {' and the '.join(sections)} section changed since {name} was planned",
            where=where,
            remedy="launch it as a new run with --run NEW, or put the section back",
        )


class _Draft:
    """Turns rows into messages, and keeps count."""

    def __init__(self, message: CompiledMessage, assign: Callable[[bytes], str], key: bytes) -> None:
        self._message = message
        self._assign = assign
        self._key = key
        self._names = sorted(message.names)
        self._digest = 0
        self._canonicalised = 0
        self._fixed_lines = 0
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
            messages += [row for each in people if (row := self._written(each)) is not None]
            refused += refusals
            await asyncio.sleep(0)
        self.audience += len(rows)
        return messages, refused

    def _written(self, each: CleanPerson) -> PlannedRow | None:
        rendered = self._message.render(each.variables)
        if isinstance(rendered, RenderRefusal):
            self.faults.note(rendered, each.row)
            return None
        content = content_key(rendered, self._key)
        self._digest += int.from_bytes(blake2b(each.person + content, digest_size=16).digest())
        self._canonicalised += each.canonical_changed
        self._fixed_lines += each.fixed_line
        kept = {name: each.variables[name] for name in self._names if name in each.variables}
        return PlannedRow(each.row, each.person, self._assign(each.person), each.e164, kept, content)

    def planned(self, behind: "_Behind") -> Planned:
        return Planned(
            audience=self.audience,
            planned=behind.planned,
            refused=dict(sorted(behind.refused.items())),
            skipped=dict(sorted(behind.skipped.items())),
            canonicalised=self._canonicalised,
            fixed_lines=self._fixed_lines,
            # A sum: the same people with the same content have the same digest in any order.
            digest=(self._digest % 2**128).to_bytes(16),
        )


class _Behind:
    """Writes one batch while the next one is prepared."""

    def __init__(self, writing: PlanWriting) -> None:
        self._writing = writing
        self._task: asyncio.Task[None] | None = None
        self.planned = 0
        self.refused: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        """Wait for the last batch; if something else went wrong already, that is what is told."""
        if kind is None:
            await self._finish()
        elif self._task is not None:
            await asyncio.wait([self._task])

    async def write(self, messages: Sequence[PlannedRow], refused: Sequence[RefusedRow]) -> None:
        await self._finish()
        self._task = asyncio.create_task(self._write(messages, refused), name="plan: write a batch")

    async def _finish(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await task

    async def _write(self, messages: Sequence[PlannedRow], refused: Sequence[RefusedRow]) -> None:
        written = await self._writing.write(messages, refused)
        self.planned += written.planned
        self.refused.update(written.refused)
        self.skipped.update(written.skipped)


def _require_columns(message: CompiledMessage, audience: Audience) -> None:
    missing = message.missing(audience.columns)
    if missing:
        raise ConfigurationError(
            "; ".join(missing), where=audience.where, remedy="return the column, or give it a default in the message"
        )


def _refuse_nobody(planned: Planned, audience: Audience) -> None:
    if planned.planned:
        return
    if not planned.audience:
        raise RefusedByPlan("the audience is empty", where=audience.where, remedy="look at what the query returns")
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in planned.refused.items())
    raise RefusedByPlan(
        f"none of the {planned.audience:,} rows becomes a message: {reasons}",
        where=audience.where,
        remedy="correct the rows, or audience.phone, audience.country and consent in the file",
    )
