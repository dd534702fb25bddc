"""Each row of the file says who, why and what to do, in words."""

import csv
from collections.abc import AsyncIterator, Collection, Sequence
from pathlib import Path

import pytest

from campaign.bootstrap.exporting import left_out_file
from campaign.entrypoints import words
from campaign.entrypoints.cli.left_out import HEADER, cells, told
from campaign.ports import Excluded, SentBefore

REFUSAL = Excluded(3, "invalid", "06…5678 is no valid number of FR; correct it, or add a country", "", None)


class Given:
    """Exclusions that are known."""

    def __init__(self, *rows: Excluded) -> None:
        self._rows = rows

    async def rows(self) -> AsyncIterator[Excluded]:
        for each in self._rows:
            yield each

    async def sent_before(self) -> Sequence[SentBefore]:
        raise NotImplementedError

    async def prefixed(self, regions: Collection[str], prefixes: Collection[str]) -> int:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("excluded", "number", "detail", "remedy"),
    [
        (REFUSAL, "06…5678", "06…5678 is no valid number of FR", "correct it, or add a country"),
        (
            Excluded(4, "duplicate", "the same person as row 1; leave one of the two out", "+33…5678", None),
            "+33…5678",
            "the same person as row 1",
            "leave one of the two out",
        ),
        (
            Excluded(5, "already_sent", "", "+33…5678", "winter@once"),
            "+33…5678",
            "got the same content lately: winter@once",
            words.SKIPPED["already_sent"].remedy,
        ),
        (
            Excluded(6, "suppressed", "", "+33…5678", "stop_word"),
            "+33…5678",
            "not to be written to any more: stop word or button",
            words.SKIPPED["suppressed"].remedy,
        ),
        (
            Excluded(7, "window_closed", "", "+33…5678", None),
            "+33…5678",
            "have not written in the last 24 hours",
            words.SKIPPED["window_closed"].remedy,
        ),
        (Excluded(8, "no_consent", "there is none", "", None), "", "there is none", words.REFUSED["no_consent"].remedy),
    ],
)
def test_a_row_says_who_why_and_what_to_do(excluded: Excluded, number: str, detail: str, remedy: str) -> None:
    assert cells(excluded) == (number, excluded.reason, detail, remedy)


async def test_the_file_holds_every_row_and_no_number_in_full(tmp_path: Path) -> None:
    skipped = Excluded(4, "already_sent", "", "+33612345678", "winter@once")
    path = tmp_path / "out.csv"

    with left_out_file(path, header=HEADER, spell=cells, replace=False) as file:
        await file.write(Given(REFUSAL, skipped))

    with path.open(encoding="utf-8-sig", newline="") as written:
        rows = list(csv.DictReader(written))
    assert [(each["row"], each["number"], each["reason"]) for each in rows] == [
        ("3", "06…5678", "invalid"),
        ("4", "'+33…5678", "already_sent"),
    ]
    assert told(file) == f"left out, row by row, with what to do: {path} (2 rows)"


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (None, ""),
        ({"column": "agreed", "source": "crm"}, "by the column agreed, recorded in crm"),
        ({"column": "agreed", "source": None}, "by the column agreed"),
        ("recorded_elsewhere", "recorded elsewhere, says the file; nobody was asked for it here"),
    ],
)
def test_consent_is_told_with_its_source(kept: dict[str, str | None] | str | None, said: str) -> None:
    assert words.consent(kept) == said
