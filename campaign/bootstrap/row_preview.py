"""`campaign preview`: what one row of the audience would get, or why it gets nothing."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from campaign.adapters.postgres.plans import RehearsedPlans
from campaign.bootstrap import exclusions
from campaign.bootstrap.intent import Intent, new_run
from campaign.bootstrap.ledger import Ledger, open_ledger
from campaign.bootstrap.people import audience_of
from campaign.bootstrap.planning import Foreseen, Planning, Progress, introduce
from campaign.bootstrap.preflight import Look, look
from campaign.bootstrap.previewing import Shown
from campaign.domain.errors import ConfigurationError, RefusedByPlan, Unreachable
from campaign.domain.unwritable import UnwritableRows
from campaign.plan import Audience
from campaign.ports import CleanPerson

# No run has this id; what is counted under it is rolled back.
_NO_RUN = -1


class LeftOut(NamedTuple):
    """Why a row gets no message: a reason of refusals or skipped rows, 'unwritable', or 'duplicate'; `detail` adds."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RowPreview:
    """What a row would get; `shown` even to somebody who is left out, where it can be made.

    `told`: whether WhatsApp could be asked for the template's own words.
    """

    campaign: str
    row: int
    shown: Shown | None
    left_out: LeftOut | None
    told: bool

    def as_json(self) -> dict[str, Any]:
        """Spell it for `--json`."""
        shown, left_out = self.shown, self.left_out
        return {
            "campaign": self.campaign,
            "row": self.row,
            "number": shown.number if shown else None,
            "variant": (shown.variant or None) if shown else None,
            "left_out": left_out._asdict() if left_out else None,
            "message": shown.message if shown else None,
        }


async def preview_row(intent: Intent, row: int, progress: Progress) -> RowPreview:
    """Make the message of one row, by its number in the source; raises ConfigurationError for a row there is not."""
    name = intent.campaign.campaign
    async with open_ledger(intent.settings, purpose="campaign preview", size=2) as ledger:
        seen = await _look(intent)
        async with audience_of(intent, ledger) as audience:
            cells = await _cells(audience, row, progress, is_list=intent.campaign.audience.kind == "list")
            people, refused = audience.clean([(row, cells)])
            if not people:
                return RowPreview(name, row, None, LeftOut(refused[0].reason, refused[0].detail), seen is not None)
            earlier = await _earlier(audience, people[0])
            judged = exclusions.refuser(intent)(people[0])
        shown, left_out = await _rehearsed(intent, ledger, seen or Look(), row, cells)
        if judged is not None:
            left_out = LeftOut(judged.reason, judged.detail)
        elif earlier is not None:
            left_out = LeftOut("duplicate", f"row {earlier:,} is the same person, and gets it")
    return RowPreview(name, row, shown, left_out, seen is not None)


async def _look(intent: Intent) -> Look | None:
    """Ask for the template's own words; without them there is less to see, but something."""
    try:
        return await look(intent.settings, intent.campaign, intent.shards)
    except Unreachable:
        return None


async def _cells(audience: Audience, row: int, progress: Progress, *, is_list: bool) -> Sequence[Any]:
    rows, last = 0, 0
    async with aclosing(audience.source.batches()) as batches:  # type: ignore[type-var] # a generator in every source
        async for batch in batches:
            found = next((cells for number, cells in batch if number == row), None)
            if found is not None:
                return found
            rows += len(batch)
            last = batch[-1][0]
            progress(rows, audience.source.share)
            if last > row:
                break
    if is_list:
        what = f"row {row:,} is not in the list"
        remedy = f"it was refused when the list was imported, or the file ended before it; the last row is {last:,}"
    else:
        what, remedy = f"there is no row {row:,}", f"the last row of the audience is {last:,}"
    raise ConfigurationError(what, where=audience.where, remedy=remedy)


async def _earlier(audience: Audience, person: CleanPerson) -> int | None:
    """Find the first row of the same person before this one."""
    async with aclosing(audience.source.batches()) as batches:  # type: ignore[type-var] # a generator in every source
        async for batch in batches:
            before = [each for each in batch if each[0] < person.row]
            people, _ = audience.clean(before)
            same = next((each.row for each in people if each.person == person.person), None)
            if same is not None or len(before) < len(batch):
                return same
    return None


async def _rehearsed(
    intent: Intent, ledger: Ledger, seen: Look, row: int, cells: Sequence[Any]
) -> tuple[Shown | None, LeftOut | None]:
    """Plan this row alone without a trace: the ledger knows who is suppressed, and who has the same content."""
    await introduce(intent, ledger)

    async def alone(audience: Audience) -> Audience:
        return replace(audience, source=_OneRow(audience.columns, row, cells))

    planning = Planning(replace(intent, instead=alone), ledger, seen, judge=lambda _: None)
    store = RehearsedPlans(ledger.pool, new_run(intent, key="plan"))
    try:
        made = await planning.into(store, _NO_RUN, state="running", progress=lambda *_: None)
    except UnwritableRows as unwritable:
        first = unwritable.findings[0]
        return None, LeftOut("unwritable", f"{first.message}; {first.remedy}")
    except RefusedByPlan as refused:
        return None, LeftOut("refused", refused.message)
    return (made.shown[0] if made.shown else None), _skipped(made)


def _skipped(made: Foreseen) -> LeftOut | None:
    reason = next(iter(made.planned.skipped), None)
    return LeftOut(reason) if reason is not None else None


class _OneRow:
    """An audience of one row, under its own number."""

    def __init__(self, columns: Sequence[str], row: int, cells: Sequence[Any]) -> None:
        self._columns = columns
        self._row = row
        self._cells = cells

    @property
    def share(self) -> None:
        """Nobody waits for one row."""

    async def columns(self) -> Sequence[str]:
        return self._columns

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        yield [(self._row, self._cells)]
