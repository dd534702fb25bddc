"""`campaign suppress`: people who must not be written to, by command. Each returns once it is committed and obeyed."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, get_args

from campaign.adapters.file_source import FileSource
from campaign.adapters.files import open_csv
from campaign.adapters.postgres.suppressions import PostgresSuppressions, Suppressed, Tally
from campaign.adapters.spreadsheet import write_refusals
from campaign.audience import Cleaner, Columns
from campaign.bootstrap.ledger import open_ledger
from campaign.domain.countries import home
from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import Number, mask, normalise, person
from campaign.domain.opt_out import OptOutScope
from campaign.ports import SuppressionSource, Unwanted
from campaign.settings import Settings

SCOPES: Final[Sequence[OptOutScope]] = get_args(OptOutScope)

# Whoever asked to be forgotten is not written to, whatever is said later.
REVOCABLE: Final[Sequence[SuppressionSource]] = get_args(SuppressionSource)

NEWEST: Final = 20

# What a spreadsheet can show and memory can hold; the counts go on.
_REFUSALS_LISTED = 100_000

_WITH_PLUS: Final = "write it with + and the country code, as in +33612345678, or add --country"
_PHONE: Final = re.compile(r"\d(?:[\s().-]?\d){6,}")
_DATE: Final = re.compile(r"\b(?:20\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]20\d\d)\b")


@dataclass(frozen=True, slots=True)
class Added:
    """Who was suppressed, masked: `new` of them were not before; `left_out` messages were waiting for them."""

    numbers: Sequence[str]
    scope: OptOutScope
    new: int
    left_out: int


@dataclass(slots=True)
class ImportedSuppressions:
    """What became of a file: rows = people + Σ refused, where somebody twice in it counts twice."""

    scope: OptOutScope
    rows: int = 0
    people: int = 0
    new: int = 0
    left_out: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refusals: Path | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken back, and what still speaks against these people: each with its masked number."""

    taken: Sequence[tuple[str, str, str]]
    left: Sequence[tuple[str, Suppressed]]


@dataclass(frozen=True, slots=True)
class Listing:
    """Who is suppressed, as far as a ledger of keyed hashes can tell."""

    people: int
    tallies: Sequence[Tally]
    newest: Sequence[Suppressed]


async def add(
    settings: Settings, written: Sequence[str], *, scope: OptOutScope | None, reason: str, country: str | None
) -> Added:
    """Suppress people; raises ConfigurationError, and does nothing, where one of the numbers is none."""
    numbers = numbers_of(written, country=country)
    refuse_numbers_in(reason)
    wanted = scope or settings.opt_out.scope
    async with open_ledger(settings, purpose="campaign suppress", size=2) as ledger:
        unwanted = [Unwanted(person(each.e164, ledger.person_key), wanted, "command", reason) for each in numbers]
        new, left_out = await PostgresSuppressions(ledger.pool).suppress(unwanted)
    return Added([mask(each.e164) for each in numbers], wanted, new, left_out)


async def remove(
    settings: Settings, written: Sequence[str], *, scope: OptOutScope | None, country: str | None
) -> Removed:
    """Take back everything said against writing to these people, except that they were erased."""
    numbers = numbers_of(written, country=country)
    async with open_ledger(settings, purpose="campaign suppress", size=2) as ledger:
        names = {person(each.e164, ledger.person_key): mask(each.e164) for each in numbers}
        scopes = SCOPES if scope is None else (scope,)
        taken, left = await PostgresSuppressions(ledger.pool).allow(list(names), scopes=scopes, sources=REVOCABLE)
    return _removed(names, taken, left)


async def import_file(
    settings: Settings,
    path: Path,
    *,
    phone: str,
    country: str | None,
    scope: OptOutScope | None,
    reason: str,
    progress: Callable[[int, float], None],
) -> ImportedSuppressions:
    """Suppress everybody in a CSV file, batch by batch: after a failure the same import goes on where it was.

    Raises ConfigurationError where no row could be used.
    """
    refuse_numbers_in(reason)
    source = FileSource(open_csv(path))
    done = ImportedSuppressions(scope or settings.opt_out.scope)
    refusals: list[tuple[int, str, str]] = []
    async with open_ledger(settings, purpose="campaign suppress", size=2) as ledger:
        suppressions = PostgresSuppressions(ledger.pool)
        cleaner = Cleaner(await source.columns(), Columns(phone, country), key=ledger.person_key, where=str(path))
        async with aclosing(source.batches()) as batches:  # type: ignore[type-var] # it is a generator
            async for rows in batches:
                people, refused = cleaner.clean(rows)
                unwanted = [Unwanted(each.person, done.scope, "import", reason) for each in people]
                new, left_out = await suppressions.suppress(unwanted) if unwanted else (0, 0)
                done.rows, done.people = done.rows + len(rows), done.people + len(people)
                done.new, done.left_out = done.new + new, done.left_out + left_out
                done.refused.update(each.reason for each in refused)
                listed = refused[: _REFUSALS_LISTED - len(refusals)]
                refusals += [(each.row, each.reason, each.detail) for each in listed]
                progress(done.rows, source.share)
    done.refusals = _listed(path, refusals)
    if not done.people:
        raise _nobody(path, done.rows, refusals)
    return done


async def listing(settings: Settings) -> Listing:
    """Count who is suppressed, by whom, and give the newest."""
    async with open_ledger(settings, purpose="campaign suppress", size=2) as ledger:
        suppressions = PostgresSuppressions(ledger.pool)
        people, tallies = await suppressions.tally()
        return Listing(people, tallies, await suppressions.newest(NEWEST))


def numbers_of(written: Sequence[str], *, country: str | None) -> list[Number]:
    """Read numbers, each once; raises ConfigurationError for what is none."""
    if country is not None and home(country) is None:
        raise ConfigurationError("that is no country", where="--country", remedy="write its two letters, as in FR")
    found: dict[str, Number] = {}
    for place, text in enumerate(written, start=1):
        number = normalise(text, country=country)
        if not isinstance(number, Number):
            # What to do is another thing in a command than in a file.
            why, *_ = number.detail.split("; ")
            raise ConfigurationError(
                f"number {place} of {len(written)} cannot be used, and nothing was done: {why}",
                remedy=_WITH_PLUS,
            )
        found.setdefault(number.e164, number)
    return list(found.values())


def refuse_numbers_in(reason: str) -> None:
    """Refuse a reason that names somebody: it is kept, and shown."""
    if _PHONE.search(_DATE.sub("", reason)):
        raise ConfigurationError(
            "the reason holds a number, and it is kept",
            where="--reason",
            remedy="say why without naming anybody; dates and numbers of up to six digits may stay",
        )


def _removed(
    names: Mapping[bytes, str], taken: Sequence[tuple[bytes, str, str]], left: Sequence[Suppressed]
) -> Removed:
    # In the order in which they were written.
    place = {whom: index for index, whom in enumerate(names)}
    taken, left = sorted(taken, key=lambda each: place[each[0]]), sorted(left, key=lambda each: place[each.person])
    return Removed(
        [(names[whom], scope, source) for whom, scope, source in taken], [(names[each.person], each) for each in left]
    )


def _listed(path: Path, refusals: Sequence[tuple[int, str, str]]) -> Path | None:
    if not refusals:
        return None
    beside = path.with_suffix(".refused.csv")
    write_refusals(beside, refusals)
    return beside


def _nobody(path: Path, rows: int, refusals: Sequence[tuple[int, str, str]]) -> ConfigurationError:
    first = f"; row {refusals[0][0]}: {refusals[0][2]}" if refusals else ""
    return ConfigurationError(
        f"none of the {rows:,} rows can be used{first}",
        where=str(path),
        remedy="correct the file, or name its phone column with --phone and its country with --country",
    )
