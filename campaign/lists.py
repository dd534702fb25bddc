"""A file of people -> a list in the ledger, its numbers judged once."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

from campaign.domain.errors import ConfigurationError
from campaign.domain.numbers import region_of
from campaign.ports import AudienceSource, Clean, CleanPerson, Lists, ListWriting, RefusedRow

# What a spreadsheet can show and memory can hold; the counts go on.
REFUSALS_LISTED = 100_000

FORGOTTEN = "they asked to be forgotten; delete the row at its source"


@dataclass(slots=True)
class Imported:
    """What became of a file's rows: rows = imported + Σ refused."""

    rows: int = 0
    imported: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    canonicalised: int = 0
    fixed_lines: int = 0
    refusals: list[tuple[int, str, str]] = field(default_factory=list)

    def refuse(self, row: int, reason: str, detail: str) -> None:
        self.refused[reason] += 1
        if len(self.refusals) < REFUSALS_LISTED:
            self.refusals.append((row, reason, detail))


async def import_list(
    name: str,
    source: AudienceSource,
    clean: Clean,
    *,
    columns: Sequence[str],
    lists: Lists,
    progress: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Put the source's people in the place of the list `name`, each person once; refused rows are left out.

    `columns` are the variables' names. A run that was planned from the old list keeps its people. Raises
    ConfigurationError, and leaves the old list alone, where no row could be used.
    """
    done = Imported()
    async with lists.replacing(name, columns=columns) as writing:
        digest = 0
        async with aclosing(source.batches()) as batches:  # type: ignore[type-var] # a generator in every source
            async for rows in batches:
                people, refused = clean(rows)
                await _write(writing, people, refused, done)
                digest += sum(_digest(each) for each in people)
                done.rows += len(rows)
                progress(done.rows)
        if not done.imported:
            raise _nobody(name, done)
        await writing.finish(digest=(digest % 2**128).to_bytes(16))
    return done


async def _write(
    writing: ListWriting, people: Sequence[CleanPerson], refused: Iterable[RefusedRow], done: Imported
) -> None:
    for each in refused:
        done.refuse(each.row, each.reason, each.detail)
    left_out = await writing.write(people)
    for row, first in left_out:
        if first is None:
            done.refuse(row, "forgotten", FORGOTTEN)
        else:
            done.refuse(row, "duplicate", f"the same person as row {first}; leave one of the two out")
    done.imported += len(people) - len(left_out)
    done.canonicalised += sum(each.canonical_changed for each in people)
    done.fixed_lines += sum(each.fixed_line for each in people)


def _digest(person: CleanPerson) -> int:
    """Hash one member so that the sum over a list does not depend on the order of its rows."""
    said = repr(sorted(person.variables.items())).encode()
    return int.from_bytes(blake2b(person.person + said, digest_size=16).digest())


def _nobody(name: str, done: Imported) -> ConfigurationError:
    reasons = ", ".join(f"{count} {reason}" for reason, count in done.refused.most_common())
    first = f"; row {done.refusals[0][0]}: {done.refusals[0][2]}" if done.refusals else ""
    return ConfigurationError(
        f"none of the {done.rows} rows can be used ({reasons or 'there are none'}){first}",
        where=f"list {name}",
        remedy="correct the file, or name its phone column with --phone and its country with --country",
    )


class Member(NamedTuple):
    """A person of a list, as the plan takes them; what the number was is told at import."""

    row: int
    e164: str
    region: str
    person: bytes
    variables: Mapping[str, Any]
    canonical_changed: bool = False
    fixed_line: bool = False


class NotConsented(NamedTuple):
    """A member without consent on record."""

    row: int
    detail: str
    person: bytes
    reason: str = "no_consent"


class MemberCleaner:
    """Judges members of a list, whose numbers were judged at import: only consent is left to ask."""

    def __init__(self, *, consent: str | None, consented: Callable[[object], bool], detail: str) -> None:
        self._consent = consent
        self._consented = consented
        self._detail = detail

    def clean(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[list[Member], list[NotConsented]]:
        people: list[Member] = []
        refused: list[NotConsented] = []
        for row, (number, person, variables) in rows:
            if self._consent is not None and not self._consented(variables.get(self._consent)):
                refused.append(NotConsented(row, self._detail, person))
            else:
                people.append(Member(row, number, region_of(number), person, variables))
        return people, refused
