"""A file of people becomes a list; its members are judged once."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from campaign import lists
from campaign.audience import Recipient, Refused, consented
from campaign.domain.errors import ConfigurationError
from campaign.lists import Imported, Member, MemberCleaner, import_list
from campaign.ports import CleanPerson, LeftOut


class Rows:
    def __init__(self, *numbers: str) -> None:
        self._numbers = numbers

    async def columns(self) -> Sequence[str]:
        return ["phone"]

    async def batches(self) -> AsyncIterator[Sequence[tuple[int, Sequence[Any]]]]:
        for row, number in enumerate(self._numbers, start=1):
            yield [(row, (number,))]


def clean(rows: Iterable[tuple[int, Sequence[Any]]]) -> tuple[list[Recipient], list[Refused]]:
    people, refused = [], []
    for row, (number,) in rows:
        if number.startswith("+"):
            people.append(Recipient(row, number, "FR", number.encode(), {"n": number}, False, False))
        else:
            refused.append(Refused(row, "invalid", "write it with +"))
    return people, refused


class MemoryLists:
    def __init__(self, *forgotten: bytes) -> None:
        self.forgotten = forgotten
        self.people: dict[bytes, int] = {}
        self.digest: bytes | None = None

    @asynccontextmanager
    async def replacing(self, name: str, *, columns: Sequence[str]) -> AsyncIterator["MemoryLists"]:
        yield self

    async def write(self, people: Sequence[CleanPerson]) -> Sequence[LeftOut]:
        left_out = []
        for each in people:
            first = None if each.person in self.forgotten else self.people.setdefault(each.person, each.row)
            if first != each.row:
                left_out.append(LeftOut(each.row, first))
        return left_out

    async def finish(self, *, digest: bytes) -> None:
        self.digest = digest


async def imported(*numbers: str, ledger: MemoryLists | None = None) -> Imported:
    return await import_list("friends", Rows(*numbers), clean, columns=["n"], lists=ledger or MemoryLists())


async def test_every_row_is_imported_or_refused_with_what_to_do() -> None:
    done = await imported("+331", "332", "+331", "+333")

    assert (done.rows, done.imported, dict(done.refused)) == (4, 2, {"invalid": 1, "duplicate": 1})
    assert done.refusals == [
        (2, "invalid", "write it with +"),
        (3, "duplicate", "the same person as row 1; leave one of the two out"),
    ]


async def test_nobody_who_asked_to_be_forgotten_is_imported_again() -> None:
    ledger = MemoryLists(b"+332")

    done = await imported("+331", "+332", ledger=ledger)

    assert (done.imported, dict(done.refused)) == (1, {"forgotten": 1})
    assert done.refusals == [(2, "forgotten", "they asked to be forgotten; delete the row at its source")]
    assert list(ledger.people) == [b"+331"]


async def test_the_digest_of_a_list_does_not_depend_on_its_order() -> None:
    one, other = MemoryLists(), MemoryLists()

    await imported("+331", "+332", ledger=one)
    await imported("+332", "+331", ledger=other)

    assert one.digest == other.digest


async def test_a_file_without_a_usable_row_is_refused_with_its_first_reason() -> None:
    ledger = MemoryLists()

    with pytest.raises(ConfigurationError, match=r"none of the 2 rows can be used \(2 invalid\); row 1: write it with"):
        await imported("331", "332", ledger=ledger)

    assert ledger.digest is None


async def test_refusals_beyond_what_a_spreadsheet_shows_are_counted_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "REFUSALS_LISTED", 2)

    done = await imported("+331", "2", "3", "4")

    assert done.refused["invalid"] == 3
    assert [row for row, _, _ in done.refusals] == [2, 3]


def test_members_are_asked_for_consent_alone() -> None:
    cleaner = MemberCleaner(consent="opt_in", consented=consented, detail="ask the person")

    people, refused = cleaner.clean(
        [
            (1, ("+33612345678", b"a", {"opt_in": "yes"})),
            (2, ("+33612345679", b"b", {"opt_in": "no"})),
            (3, ("+33612345670", b"c", {})),
        ]
    )

    assert people == [Member(1, "+33612345678", "FR", b"a", {"opt_in": "yes"})]
    assert [(each.row, each.reason, each.detail, each.person) for each in refused] == [
        (2, "no_consent", "ask the person", b"b"),
        (3, "no_consent", "ask the person", b"c"),
    ]
