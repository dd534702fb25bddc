"""From a campaign's file to a planned run, and what is foreseen of it."""

from collections.abc import Callable, Sequence
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
from campaign.bootstrap import exclusions, forecasting, limits, ramping
from campaign.bootstrap.exporting import LeftOutFile
from campaign.bootstrap.intent import Intent, compiled, variant_of
from campaign.bootstrap.ledger import Ledger
from campaign.bootstrap.people import audience_of
from campaign.bootstrap.preflight import Look
from campaign.bootstrap.previewing import Shown, shown
from campaign.bootstrap.pricing import RateCards, price, rate_cards
from campaign.bootstrap.timetable import Timetable, timetable
from campaign.domain.errors import CampaignError, Unreachable
from campaign.domain.outlook import Outlook, PlanFinding
from campaign.domain.plan_id import PlanId
from campaign.domain.rendering import CompiledMessage
from campaign.domain.sharding import Assigner
from campaign.plan import Planned, Terms, plan
from campaign.ports import PlanStore, PlanWriting

log = structlog.get_logger()

# Rows read so far, and which part of all that is, from 0 to 1, if anybody can tell.
Progress = Callable[[int, float | None], None]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What was planned, what is foreseen of it, and what some of the messages look like."""

    planned: Planned
    outlook: Outlook
    shown: Sequence[Shown] = ()


@dataclass(frozen=True, slots=True)
class Planning:
    """Plans one run; `judge` sees what is foreseen before anything is committed, and raises where it refuses.

    `left_out` is filled with those who get no message.
    """

    intent: Intent
    ledger: Ledger
    look: Look
    judge: Callable[[Outlook], None]
    left_out: LeftOutFile | None = None

    async def into(
        self,
        store: PlanStore,
        run: int,
        *,
        state: Literal["running", "scheduled"],
        progress: Progress,
    ) -> Foreseen:
        """Write the run's rows into `store`."""
        intent, hours = self.intent, timetable(self.intent, datetime.now(UTC))
        # Before the audience: a card that cannot be read is told at once.
        rates = rate_cards(intent.settings)
        foreseen: list[tuple[Planned, Outlook]] = []

        async def approve(planned: Planned, writing: PlanWriting) -> dict[str, Any]:
            stepped = await ramping.topped_up(intent, planned, writing)
            outlook = await self._foresee(stepped, hours, writing, suspects, rates=rates)
            foreseen.append((stepped, outlook))
            self.judge(outlook)
            await hours.write(writing)
            return outlook.kept()

        async with audience_of(intent, self.ledger) as audience:
            messages = compiled(intent)
            suspects = _suspects(intent, messages, audience.columns)
            planned = await plan(
                run,
                audience,
                messages,
                terms=terms_of(intent, hours),
                key=self.ledger.person_key,
                store=store,
                state=state,
                progress=lambda rows: progress(rows, audience.source.share),
                approve=approve,
                examine=self._list_left_out,
            )
        return Foreseen(*foreseen[0], shown(intent, self.look, planned.examples))

    async def _list_left_out(self, writing: PlanWriting) -> None:
        if self.left_out is not None:
            await self.left_out.write(writing.exclusions)

    async def _foresee(
        self,
        planned: Planned,
        hours: Timetable,
        writing: PlanWriting,
        suspects: list[PlanFinding],
        *,
        rates: RateCards,
    ) -> Outlook:
        intent, ledger = self.intent, self.ledger
        cost, over_budget = price(intent, planned, rates)
        reached = await limits.reach(intent.settings, ledger, self.look.portfolio_limit, writing)
        foreseen = forecasting.forecast(intent, planned, hours, reached)
        findings = [
            *self.look.findings,
            *await exclusions.remarks(intent, planned, writing),
            *await ramping.remarks(intent, ledger),
            *hours.remarks(planned),
            *limits.remarks(intent.settings, reached, pauses=intent.campaign.quality.when_limited == "pause"),
            *forecasting.remarks(intent, foreseen),
            *over_budget,
            *suspects,
        ]
        findings += exclusions.nobody(intent, planned, findings)
        return Outlook(
            findings=sorted(findings, key=lambda each: not each.blocks),
            forecast=foreseen,
            cost=cost,
            plan=str(plan_id(intent, self.look, audience=planned.digest.hex())),
            room=limits.room(reached),
        )


def _suspects(intent: Intent, messages: Sequence[CompiledMessage], columns: Sequence[str]) -> list[PlanFinding]:
    """Name what looks like a column that the audience does not have."""
    return [
        PlanFinding(each, intent.campaign.where(*wording.keys))
        for wording, message in zip(intent.wordings, messages, strict=True)
        for each in message.suspects(columns)
    ]


def terms_of(intent: Intent, hours: Timetable) -> Terms:
    """Put together what a plan decides for each person."""
    return Terms(
        assign=Assigner(intent.weights).assign,
        refuse=exclusions.refuser(intent),
        variant_of=variant_of(intent),
        step_of=ramping.step_of(intent),
        times=hours.times,
    )


def plan_id(intent: Intent, look: Look, *, audience: str) -> PlanId:
    """Name file and template as they are now, and an audience by its digest."""
    campaign = intent.campaign
    # What a run freezes of the file, and the rest as it was read: passwords are in neither.
    rest = campaign.model_dump(exclude={"message", "variants", "audience"})
    file = sha256(repr((campaign.frozen(), rest)).encode()).hexdigest()
    return PlanId.of(file=file, audience=audience, template=sha256(look.template.encode()).hexdigest())


async def write_plan(planning: Planning, run: int, *, process: Process, progress: Progress, ask: bool) -> Foreseen:
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
