"""People -> ledger rows, once per person: rendered, hashed and written in one transaction, before anything is sent."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from typing import Any, Literal, Self

from campaign.domain.errors import ConfigurationError, RefusedByPlan, Unreachable
from campaign.domain.rendering import CompiledMessage
from campaign.plan.draft import Audience, Draft, Planned, Terms
from campaign.ports import Group, PlannedRow, PlanStore, PlanWriting, RefusedRow

Approve = Callable[[Planned, PlanWriting], Awaitable[dict[str, Any]]]
Examine = Callable[[PlanWriting], Awaitable[None]]


class NobodyLeft(RefusedByPlan):
    """No row of the audience becomes a message; `planned` counts why."""

    def __init__(self, message: str, *, where: str, remedy: str, planned: Planned) -> None:
        super().__init__(message, where=where, remedy=remedy)
        self.planned = planned


async def plan(
    run: int,
    audience: Audience,
    messages: Sequence[CompiledMessage],
    *,
    terms: Terms,
    key: bytes,
    store: PlanStore,
    state: Literal["running", "scheduled"] = "running",
    progress: Callable[[int], None] = lambda _: None,
    approve: Approve | None = None,
    examine: Examine | None = None,
) -> Planned:
    """Write the run's messages and set it going, or leave no trace of it.

    `messages`: one for each variant. `key` is what content is hashed under, at most 64 bytes. `approve` sees what was
    planned before it is committed, and returns what the run keeps of it, or raises RefusedByPlan. `examine` looks at
    the rows before anybody judges them, even where nobody is left. Raises ConfigurationError for a variable no column
    fills, and RefusedByPlan for rows whose message cannot be written, or if nobody is left. `store.analyze` is to
    follow, beside the sending.
    """
    try:
        for message in messages:
            _require_columns(message, audience)
        async with store.writing(run) as writing:
            planned = await _write(writing, audience, Draft(messages, terms, key), progress)
            if examine is not None:
                await examine(writing)
            _refuse_nobody(planned, audience)
            outlook = await approve(planned, writing) if approve is not None else {}
            await writing.finish(audience=planned.audience, digest=planned.digest, state=state, outlook=outlook)
    except BaseException:
        # What cannot be forgotten now is planned again by whoever launches it next.
        with suppress(Unreachable):
            await store.forget(run)
        raise
    return planned


async def _write(writing: PlanWriting, audience: Audience, draft: Draft, progress: Callable[[int], None]) -> Planned:
    batches = audience.source.batches()
    async with _Behind(writing) as behind, aclosing(batches):  # type: ignore[type-var] # a generator in every source
        async for rows in batches:
            messages, refused = await draft.batch(rows, audience.clean)
            # After the first message that cannot be written the rest is only looked at.
            if not draft.faults:
                await behind.write(messages, refused)
            progress(draft.audience)
    draft.faults.raise_if_any(audience.where)
    return draft.planned(behind)


class _Behind:
    """Writes one batch while the next one is prepared."""

    def __init__(self, writing: PlanWriting) -> None:
        self._writing = writing
        self._task: asyncio.Task[None] | None = None
        self.planned = 0
        self.refused: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.groups: Counter[Group] = Counter()

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
        self.groups.update(written.groups)


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
        raise NobodyLeft(
            "the audience is empty", where=audience.where, remedy="look at what the query returns", planned=planned
        )
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in planned.refused.items())
    raise NobodyLeft(
        f"none of the {planned.audience:,} rows becomes a message: {reasons}",
        where=audience.where,
        remedy="correct the rows, or audience.phone, audience.country and consent in the file",
        planned=planned,
    )
