"""`campaign audience import`: a CSV file becomes a list in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from campaign.adapters.file_source import FileSource
from campaign.adapters.files import open_csv
from campaign.adapters.postgres.audience import PostgresLists
from campaign.adapters.spreadsheet import write_refusals
from campaign.audience import Cleaner, Columns
from campaign.bootstrap.ledger import open_ledger
from campaign.lists import Imported, import_list
from campaign.settings import Settings


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What became of a file; `refusals` names the file that lists the rows left out, if there are any."""

    counts: Imported
    refusals: Path | None


async def import_file(
    settings: Settings,
    path: Path,
    *,
    list_name: str,
    phone: str,
    country: str | None,
    progress: Callable[[int, float], None],
) -> ImportedFile:
    """Import a file as a list, replacing the one of that name; `progress` gets rows and the share read."""
    file = open_csv(path)
    source = FileSource(file)
    async with open_ledger(settings, purpose="campaign audience import", size=2) as ledger:
        columns = await source.columns()
        cleaner = Cleaner(columns, Columns(phone, country), key=ledger.person_key, where=str(path))
        counts = await import_list(
            list_name,
            source,
            cleaner.clean,
            columns=[column for column in columns if column != phone],
            lists=PostgresLists(ledger.pool),
            progress=lambda rows: progress(rows, source.share),
        )
    return ImportedFile(counts, _listed(path, counts))


def _listed(path: Path, counts: Imported) -> Path | None:
    if not counts.refusals:
        return None
    beside = path.with_suffix(".refused.csv")
    write_refusals(beside, counts.refusals)
    return beside
