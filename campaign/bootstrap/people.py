"""The people a campaign goes to, opened."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from campaign.adapters.file_source import FileSource
from campaign.adapters.files import open_csv
from campaign.adapters.postgres.audience import ListSource, QuerySource
from campaign.audience import NO_CONSENT, Cleaner, Columns, consented
from campaign.bootstrap.intent import Intent
from campaign.bootstrap.ledger import Ledger
from campaign.lists import MemberCleaner
from campaign.plan import Audience
from campaign.settings import ConsentColumn


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
