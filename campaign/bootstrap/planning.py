"""From a campaign's file to a planned run."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from campaign.adapters.file_source import FileSource
from campaign.adapters.files import open_csv
from campaign.adapters.postgres.audience import ListSource, QuerySource
from campaign.adapters.postgres.plans import PostgresPlans
from campaign.adapters.postgres.process import Process
from campaign.audience import NO_CONSENT, Cleaner, Columns, consented
from campaign.bootstrap.ledger import Ledger
from campaign.domain.errors import CampaignError, Unreachable
from campaign.domain.rendering import compile_message
from campaign.domain.sharding import Assigner
from campaign.lists import MemberCleaner
from campaign.plan import Audience, Planned, plan
from campaign.ports import NewRun
from campaign.settings import CampaignFile, ConsentColumn, Settings

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Intent:
    """A campaign's file, read: what is wanted, and where it says so."""

    settings: Settings
    campaign: CampaignFile
    path: Path

    @property
    def shards(self) -> tuple[str, ...]:
        """Name the shards it uses: those it lists, or all."""
        return self.campaign.shards or tuple(shard.id for shard in self.settings.shards)

    @property
    def weights(self) -> list[tuple[str, float]]:
        """Give each shard its weight, the throughput; unlimited ones weigh the same."""
        return [
            (shard.id, 1.0 if shard.throughput == "unlimited" else float(shard.throughput))
            for shard in self.settings.shards
            if shard.id in self.shards
        ]


def new_run(intent: Intent, *, key: str) -> NewRun:
    """Freeze what a run of this file is."""
    settings, campaign = intent.settings, intent.campaign
    frozen = campaign.frozen()
    return NewRun(
        campaign=campaign.campaign,
        key=key,
        definition=frozen,
        fingerprints=campaign.fingerprints(),
        portfolio=settings.account.portfolio_id,
        template=template_of(frozen["message"]),
        high=campaign.priority == "high",
        when_held=campaign.quality.when_held,
        held_limit=settings.held_limit,
        duplicate_window=campaign.duplicates.within,
        own_runs=campaign.duplicates.own_runs == "allow",
        tolerate=campaign.quality.tolerate,
        settle=campaign.quality.settle,
        rate=campaign.rate,
        shards=intent.shards,
    )


def template_of(message: Mapping[str, Any]) -> str:
    """Name what a quality assessment holds back: the template, or the type of a free-form message."""
    name: str = message["template"]["name"] if message["type"] == "template" else f"({message['type']})"
    return name


async def write_plan(
    intent: Intent, ledger: Ledger, run: int, *, process: Process, progress: Callable[[int], None], ask: bool
) -> Planned:
    """Plan the run: with `ask` it stays scheduled until somebody has said yes, else it runs at once."""
    store = PostgresPlans(ledger.pool, process=process.id)
    message = compile_message(intent.campaign.frozen()["message"])
    try:
        async with audience_of(intent, ledger) as audience:
            return await plan(
                run,
                audience,
                message,
                assign=Assigner(intent.weights).assign,
                key=ledger.person_key,
                store=store,
                state="scheduled" if ask else "running",
                progress=progress,
            )
    except CampaignError:
        # Also where the audience could not even be opened: a run that nothing was planned for leaves no trace.
        with suppress(Unreachable):
            await store.forget(run)
        raise


async def gather_statistics(ledger: Ledger, run: int, *, process: Process) -> None:
    """Tell the database how many rows there are now; without it the run is sent all the same."""
    try:
        await PostgresPlans(ledger.pool, process=process.id).analyze(run)
    except Unreachable as error:
        log.warning("plan.not_analyzed", error=type(error).__name__)


@asynccontextmanager
async def audience_of(intent: Intent, ledger: Ledger) -> AsyncIterator[Audience]:
    """Open the audience of a campaign: a list, a file or a query."""
    section, consent = intent.campaign.audience, intent.campaign.consent
    consent_column = consent.column if isinstance(consent, ConsentColumn) else None
    where = intent.campaign.where("audience", section.kind)
    if section.list is not None:
        members = ListSource(ledger.pool, section.list, where=where)
        columns = await members.columns()
        judge = MemberCleaner(consent=consent_column, consented=consented, detail=NO_CONSENT)
        yield Audience(members, judge.clean, columns, where)
        return
    asked = Columns(section.phone, section.country, section.numbers, consent_column)
    if section.file is not None:
        file = FileSource(open_csv(section.file))
        columns = await file.columns()
        cleaner = Cleaner(columns, asked, key=ledger.person_key, where=str(section.file))
        yield Audience(file, cleaner.clean, _variables(columns, section.phone), str(section.file))
        return
    dsn = section.database.reveal() if section.database else ledger.dsn
    async with QuerySource(dsn, section.query or "", where) as query:
        columns = await query.columns()
        cleaner = Cleaner(columns, asked, key=ledger.person_key, where=where)
        yield Audience(query, cleaner.clean, _variables(columns, section.phone), where)


def _variables(columns: Sequence[str], phone: str) -> list[str]:
    return [column for column in columns if column != phone]
