"""`campaign export`, and what `campaign plan --left-out` writes: who gets no message, row by row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from campaign.adapters.postgres.exclusions import exclusions_of
from campaign.adapters.postgres.reports import PostgresReports
from campaign.adapters.spreadsheet import Sheet
from campaign.bootstrap.ledger import open_ledger
from campaign.domain.numbers import mask
from campaign.ports import Excluded, Exclusions
from campaign.report import resolve
from campaign.settings import Settings


@dataclass(frozen=True, slots=True)
class LeftOutFile:
    """A file of those who get no message; `spell` gives the cells after the row, from a row whose number is masked."""

    sheet: Sheet
    spell: Callable[[Excluded], Sequence[str]]

    async def write(self, exclusions: Exclusions) -> None:
        """Write every row, in the order of the audience, and call the file complete."""
        async for each in exclusions.rows():
            shown = each._replace(number=mask(each.number) if each.number else "")
            self.sheet.write(each.row, *self.spell(shown))
        self.sheet.complete()


@contextmanager
def left_out_file(
    path: Path, *, header: Sequence[str], spell: Callable[[Excluded], Sequence[str]], replace: bool
) -> Iterator[LeftOutFile]:
    """Open the file before anything is read; it appears when it is complete. Raises ConfigurationError."""
    with Sheet(path, header, replace=replace) as sheet:
        yield LeftOutFile(sheet, spell)


async def export_left_out(settings: Settings, name: str, file: LeftOutFile) -> None:
    """Write who was left out of a run, up to now; raises ConfigurationError for a name nobody has."""
    async with open_ledger(settings, purpose="campaign export", size=2) as ledger:
        run = await resolve(PostgresReports(ledger.pool), name)
        async with exclusions_of(ledger.pool, run) as exclusions:
            await file.write(exclusions)
