"""The life of runs: opened once, launched by one process, paused, resumed and cancelled by command."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from campaign.adapters.postgres.asking import ask
from campaign.adapters.postgres.queries import load_queries
from campaign.ports import Cancelled, NewRun, OpenedRun, Owner, RunOwned

_SQL = load_queries("runs")

# One batch of a cancel holds its row locks for about 0.1 s.
_CANCEL_BATCH = 5_000


class PostgresRuns:
    """Changes runs for the process `process`."""

    def __init__(self, pool: asyncpg.Pool, *, process: int) -> None:
        self._pool = pool
        self._process = process

    async def open(self, new: NewRun) -> OpenedRun:
        while True:
            row = await self._fetchrow("create_run", *columns(new, self._process))
            if row is not None:
                return _opened(row, to_plan=True)
            known = await self._fetchrow("known_run", new.campaign, new.key)
            # It may have been forgotten in between: then the name is free.
            if known is not None:
                return await self._reopen(known, new)

    async def _reopen(self, known: asyncpg.Record, new: NewRun) -> OpenedRun:
        if known["state"] != "planning":
            return _opened(known, to_plan=False)
        if known["planner"] != self._process:
            await self._refuse_if_owned(known["planner"], run=f"{new.campaign}@{new.key}")
            row = await self._fetchrow("replan_run", *columns(new, self._process))
            return _opened(row, to_plan=True) if row is not None else await self.open(new)
        return _opened(known, to_plan=True)

    async def definition(self, run: int) -> Mapping[str, Any]:
        row = await self._fetchrow("run_definition", run)
        return row["definition"] if row is not None else {}

    async def take_settings_over(self, run: int, new: NewRun) -> tuple[str, ...]:
        row = await self._fetchrow(
            "take_settings_over",
            run,
            new.rate,
            new.high,
            new.when_held,
            new.held_limit,
            new.tolerate,
            new.settle,
            list(new.shards),
            new.stop_if,
            new.when_limited,
        )
        return tuple(row["shards"]) if row is not None else ()

    async def claim_launch(self, run: int) -> None:
        while await self._fetchrow("claim_launch", run, self._process) is None:
            launcher = await self._fetchrow("launcher", run)
            if launcher is None:
                return
            await self._refuse_if_owned(launcher["launcher"], run="this run")

    async def release_launch(self, run: int) -> None:
        await self._fetchrow("release_launch", run, self._process)

    async def start(self, run: int) -> str:
        """Set a scheduled run going; return the state it is in now."""
        row = await self._fetchrow("start_run", run)
        return str(row[0]) if row is not None else ""

    async def discard(self, run: int) -> None:
        """Forget a scheduled run with all its rows: nothing of it was sent."""
        await self._fetchrow("discard_run", run)

    async def pause(self, run: int, *, detail: Mapping[str, Any]) -> str:
        return await self._state_after("pause_by_command", run, detail)

    async def resume(self, run: int, *, detail: Mapping[str, Any]) -> str:
        return await self._state_after("resume_run", run, detail)

    async def cancel(self, run: int, *, detail: Mapping[str, Any]) -> Cancelled:
        """Cancel the run at once, then its pending rows in batches; repeating it finishes what a crash left."""
        state = await self._state_after("cancel_run", run, detail)
        cancelled = last = 0
        while state == "cancelled" and (batch := await self._cancel_batch(run, last))["rows"]:
            cancelled, last = cancelled + batch["rows"], batch["last"]
        counted = await self._fetchrow("count_in_flight", run)
        return Cancelled(state, cancelled, counted[0] if counted is not None else 0)

    async def _cancel_batch(self, run: int, last: int) -> asyncpg.Record:
        return await self._fetchrow("cancel_pending", run, last, _CANCEL_BATCH)

    async def _refuse_if_owned(self, process: int | None, *, run: str) -> None:
        """Raise RunOwned unless that process was found dead; looking for the dead is the watchman's."""
        row = await self._fetchrow("living_process", process)
        if row is not None:
            raise RunOwned(Owner(*row), run=run)

    async def _state_after(self, name: str, run: int, detail: Mapping[str, Any]) -> str:
        row = await self._fetchrow(name, run, detail)
        return str(row[0]) if row is not None else ""

    async def _fetchrow(self, name: str, *args: object) -> asyncpg.Record | None:
        return await ask(lambda: self._pool.fetchrow(_SQL[name], *args))


def columns(new: NewRun, process: int | None) -> tuple[object, ...]:
    """Spell a new run in the order of the parameters of create_run and replan_run."""
    return (
        new.campaign,
        new.key,
        process,
        new.high,
        new.definition,
        new.fingerprints,
        new.portfolio,
        new.template,
        new.when_held,
        new.held_limit,
        new.duplicate_window,
        new.own_runs,
        new.tolerate,
        new.settle,
        new.rate,
        list(new.shards),
        new.free_form,
        list(new.templates or (new.template,)),
        new.until,
        list(new.ramp),
        new.stop_if,
        new.frequency.at_most if new.frequency else None,
        new.frequency.per if new.frequency else None,
        new.when_limited,
    )


def _opened(row: asyncpg.Record, *, to_plan: bool) -> OpenedRun:
    known = row["id"], row["public_id"], row["state"], row["reason"], row["fingerprints"]
    return OpenedRun(*known, to_plan, row.get("plan"))
