"""From a campaign's file to a planned run."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from campaign.adapters.file_source import FileSource
from campaign.adapters.files import open_csv
from campaign.adapters.postgres.audience import ListSource, QuerySource
from campaign.adapters.postgres.ledger import PostgresLedger
from campaign.adapters.postgres.media import PostgresMedia
from campaign.adapters.postgres.plans import PostgresPlans
from campaign.adapters.postgres.process import Process
from campaign.audience import NO_CONSENT, Cleaner, Columns, consented
from campaign.bootstrap.ledger import Ledger
from campaign.domain.errors import CampaignError, Unreachable
from campaign.domain.message import is_free_form
from campaign.domain.rendering import CompiledMessage, compile_message
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
    # Who gets it in the audience's place: a test goes to other people, in the words of the audience.
    instead: Callable[[Audience], Awaitable[Audience]] | None = None

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
        free_form=is_free_form(frozen["message"]),
    )


def template_of(message: Mapping[str, Any]) -> str:
    """Name what a quality assessment holds back: the template, or the type of a free-form message."""
    kind = message.get("type", "status")
    name: str = message["template"]["name"] if kind == "template" else f"({kind})"
    return name


def compiled(intent: Intent) -> CompiledMessage:
    """Compile the message by the rules of the account's dialect."""
    campaign = intent.campaign
    return compile_message(campaign.frozen()["message"], intent.settings.account.dialect, category=campaign.category)


async def write_plan(
    intent: Intent, ledger: Ledger, run: int, *, process: Process, progress: Callable[[int], None], ask: bool
) -> Planned:
    """Plan the run: with `ask` it stays scheduled until somebody has said yes, else it runs at once."""
    store = PostgresPlans(ledger.pool, process=process.id)
    await introduce(intent, ledger)
    # Before the plan: whoever sends it, on whatever machine, finds the files.
    await PostgresMedia(ledger.pool).keep(intent.campaign.files)
    message = compiled(intent)
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


@asynccontextmanager
async def audience_of(intent: Intent, ledger: Ledger) -> AsyncIterator[Audience]:
    """Open the people a campaign goes to: those of its audience, or those in their place."""
    async with _audience(intent, ledger) as audience:
        yield audience if intent.instead is None else await intent.instead(audience)


@asynccontextmanager
async def _audience(intent: Intent, ledger: Ledger) -> AsyncIterator[Audience]:
    """Open the audience: a list, a file or a query."""
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
