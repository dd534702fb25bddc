"""docs/answers.md holds the tables of answers row for row, so that nobody reads something else than what is done."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from campaign.domain.answers import Action, Listed, cloud, on_premises

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "answers.md").read_text(encoding="utf-8")
ROWS = (*cloud.ROWS, *on_premises.ROWS)
MARKS = {"high": "H", "medium": "M", "low": "L"}


def line(row: Listed) -> str:
    """Write a row as the document has it."""
    cells = (_codes(row), row.meaning, f"`{row.action}`{_timing(row)}", row.remedy, _source(row))
    return f"| {' | '.join(cells)} |"


def _codes(row: Listed) -> str:
    return ", ".join(f"{first}-{last}" if first != last else str(first) for first, last in _stretches(row.codes))


def _stretches(codes: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Give runs of three codes and more as first and last, others one by one."""
    start = 0
    for end in range(1, len(codes) + 1):
        if end < len(codes) and codes[end] == codes[end - 1] + 1:
            continue
        stretch = codes[start:end]
        yield from [(stretch[0], stretch[-1])] if len(stretch) > 2 else [(code, code) for code in stretch]
        start = end


def _timing(row: Listed) -> str:
    seconds = f", {row.seconds:g} s" if row.seconds else ""
    longest = f" doubling to {row.longest:g} s" if row.longest else ""
    return seconds + longest + (", slows" if row.slows else "")


def _source(row: Listed) -> str:
    note = f": {row.note}" if row.note else ""
    return f"{row.source.key} {MARKS[row.source.confidence]}{note}"


@pytest.mark.parametrize(("heading", "rows"), [("Cloud API", cloud.ROWS), ("On-Premises", on_premises.ROWS)])
def test_the_document_has_every_row_and_no_other(heading: str, rows: tuple[Listed, ...]) -> None:
    section = DOCUMENT.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    written = [each for each in section.splitlines() if each.startswith("| ") and each[2].isdigit()]

    assert written == [line(row) for row in sorted(rows, key=lambda row: row.codes[0])]


def test_every_action_and_every_source_is_explained() -> None:
    assert {action for action in Action if f"| `{action}` |" not in DOCUMENT} == set()
    assert {row.source for row in ROWS if f"- **{row.source.key}**: {row.source.name}\n" not in DOCUMENT} == set()
