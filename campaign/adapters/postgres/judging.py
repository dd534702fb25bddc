"""Runs that feel their way: counted, released step by step, and stopped."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

import asyncpg

from campaign.adapters.postgres.database import patiently
from campaign.adapters.postgres.queries import load_queries
from campaign.domain.ramp import Step
from campaign.domain.stop_loss import Tally
from campaign.ports import JudgedRun, Outcomes

_SQL = load_queries("judging")
_COUNTED = ("rejected", "unknown", "failed", "held", "dropped")


class PostgresJudgements:
    """The port `Judgements`, for the process `process`."""

    def __init__(self, pool: asyncpg.Pool, *, process: int) -> None:
        self._pool = pool
        self._process = process

    async def runs(self) -> Sequence[JudgedRun]:
        found = await patiently(lambda: self._pool.fetch(_SQL["runs_to_judge"], self._process))
        return [
            JudgedRun(
                run=row["run"],
                step=row["step"],
                ramp=tuple(row["ramp"]),
                stop_if=row["stop_if"],
                judged_from=row["judged_from"],
                unreleased=row["unreleased"],
                left=row["left"],
            )
            for row in found
        ]

    async def release(self, run: int, *, limit: int) -> int:
        released: int = await patiently(lambda: self._pool.fetchval(_SQL["release_step"], run, limit))
        return released

    async def outcomes(self, run: JudgedRun) -> Outcomes:
        """Count: the cost grows with the messages that have an outcome."""
        rows = await self._counted("outcomes", run)
        asked = run.stop_if is not None and "opt_out" in run.stop_if
        opt_outs = {row["present"]: row["opt_out"] for row in (await self._counted("opt_outs", run) if asked else ())}
        present = [row for row in rows if row["present"]]
        return Outcomes(
            run=_tally(rows, sum(opt_outs.values())),
            step=_tally(present, opt_outs.get(True, 0)),
            present=_step(present[0] if present else None, left=run.left),
        )

    async def open_step(self, run: JudgedRun, *, detail: Mapping[str, Any]) -> bool:
        return await self._changed("open_step", run.run, run.step, detail)

    async def pause(
        self, run: JudgedRun, reason: Literal["quality", "stop_loss"], *, detail: Mapping[str, Any]
    ) -> bool:
        return await self._changed("pause_judged", run.run, run.step, run.judged_from, reason, detail)

    async def _counted(self, name: str, run: JudgedRun) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await patiently(
            lambda: self._pool.fetch(_SQL[name], run.run, run.step, run.judged_from)
        )
        return rows

    async def _changed(self, name: str, *args: object) -> bool:
        return await patiently(lambda: self._pool.fetchval(_SQL[name], *args)) is not None


def _tally(rows: Iterable[asyncpg.Record], opt_outs: int) -> Tally:
    settled, wrong = 0, Counter({"opt_out": opt_outs})
    for row in rows:
        settled += row["settled"]
        wrong.update({kind: row[kind] for kind in _COUNTED})
    return Tally(settled, wrong)


def _step(row: asyncpg.Record | None, *, left: bool) -> Step:
    if row is None:
        return Step(left=left, settled=0, accepted=0, told=0, quiet=timedelta(0))
    quiet = row["quiet"] or timedelta(0)
    return Step(left, row["ever_settled"], row["accepted"], row["told"], quiet)
