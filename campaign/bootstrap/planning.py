"""From a campaign's file to a planned run, and what is foreseen of it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Literal

import structlog

from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.media import PostgresMedia
from campaign.adapters.postgres.plans import PostgresPlans
from campaign.adapters.postgres.process import Process
from campaign.bootstrap import exclusions, ramping
from campaign.bootstrap.forecasting import forecast
from campaign.bootstrap.intent import Intent, compiled
from campaign.bootstrap.ledger import Ledger
from campaign.bootstrap.people import audience_of
from campaign.bootstrap.preflight import Look
from campaign.bootstrap.pricing import price
from campaign.bootstrap.timetable import Timetable, timetable
from campaign.domain.errors import CampaignError, Unreachable
from campaign.domain.outlook import Outlook, PlanFinding
from campaign.domain.sharding import Assigner
from campaign.plan import Planned, Terms, plan
from campaign.ports import PlanStore, PlanWriting

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What was planned, and what is foreseen of it."""

    planned: Planned
    outlook: Outlook


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans one run; `judge` sees what is foreseen before anything is committed, and raises where it refuses."""

    intent: Intent
    ledger: Ledger
    look: Look
    judge: Callable[[Outlook], None]

    async def into(
        self,
        store: PlanStore,
        run: int,
        *,
        state: Literal["running", "scheduled"],
        progress: Callable[[int], None],
    ) -> Foreseen:
        """Write the run's rows into `store`."""
        intent, hours = self.intent, timetable(self.intent, datetime.now(UTC))
        outlooks: list[Outlook] = []

        async def approve(planned: Planned, writing: PlanWriting) -> dict[str, Any]:
            outlook = await self._foresee(planned, hours, writing, suspects)
            outlooks.append(outlook)
            self.judge(outlook)
            await hours.write(writing)
            return outlook.kept()

        async with audience_of(intent, self.ledger) as audience:
            messages = [compiled(intent)]
            suspects = [
                PlanFinding(each, intent.campaign.where("message"))
                for message in messages
                for each in message.suspects(audience.columns)
            ]
            planned = await plan(
                run,
                audience,
                messages,
                terms=terms_of(intent, hours),
                key=self.ledger.person_key,
                store=store,
                state=state,
                progress=progress,
                approve=approve,
            )
        return Foreseen(planned, outlooks[0])

    async def _foresee(
        self, planned: Planned, hours: Timetable, writing: PlanWriting, suspects: list[PlanFinding]
    ) -> Outlook:
        intent, ledger = self.intent, self.ledger
        cost, over_budget = price(intent, planned)
        findings = [
            *self.look.findings,
            *await exclusions.remarks(intent, planned, writing),
            *await ramping.remarks(intent, ledger, planned, writing),
            *hours.remarks(planned),
            *over_budget,
            *suspects,
        ]
        return Outlook(
            findings=sorted(findings, key=lambda each: not each.blocks),
            forecast=await forecast(intent, ledger, planned, hours, writing),
            cost=cost,
            plan=plan_id(intent, planned, self.look),
        )


def terms_of(intent: Intent, hours: Timetable) -> Terms:
    """Put together what a plan decides for each person."""
    return Terms(
        assign=Assigner(intent.weights).assign,
        refuse=exclusions.refuser(intent),
        times=hours.times,
    )


def plan_id(intent: Intent, planned: Planned, look: Look) -> str:
    """Name file, audience and template as they are, each by eight digits of its hash."""
    file = sha256(repr(sorted(intent.campaign.fingerprints().items())).encode()).hexdigest()
    template = sha256(look.template.encode()).hexdigest()
    return f"{file[:8]}-{planned.digest.hex()[:8]}-{template[:8]}"


async def write_plan(
    planning: Planning, run: int, *, process: Process, progress: Callable[[int], None], ask: bool
) -> Foreseen:
    """Plan the run: with `ask` it stays scheduled until somebody has said yes, else it runs at once."""
    intent, ledger = planning.intent, planning.ledger
    store = PostgresPlans(ledger.pool, process=process.id)
    await introduce(intent, ledger)
    # Before the plan: whoever sends it, on whatever machine, finds the files.
    await PostgresMedia(ledger.pool).keep(intent.campaign.files)
    try:
        return await planning.into(store, run, state="scheduled" if ask else "running", progress=progress)
    except CampaignError:
        # Also where the audience could not even be opened: a run that nothing was planned for leaves no trace.
        with suppress(Unreachable):
            await store.forget(run)
        raise


async def introduce(intent: Intent, ledger: Ledger) -> None:
    """Make the shards known with their numbers, which customer service windows go by."""
    shards = {shard.id: shard.address for shard in intent.settings.shards}
    await PostgresLedger(ledger.pool, process=0).introduce_shards(shards)


async def gather_statistics(ledger: Ledger, run: int, *, process: Process) -> None:
    """Tell the database how many rows there are now; without it the run is sent all the same."""
    try:
        await PostgresPlans(ledger.pool, process=process.id).analyze(run)
    except Unreachable as error:
        log.warning("plan.not_analyzed", error=type(error).__name__)
