"""The ledger counts what nobody may ever see twice."""

from pathlib import Path

import orjson
import pytest

from campaign.simulator.dialect import Message, Submission
from campaign.simulator.ledger import Ledger, LedgerError


def message(to: str, content: str = "c0", *, seq: int = 1) -> Message:
    person = "".join(filter(str.isdigit, to))
    submission = Submission(to=to, person=person, content=content, callback_data="c1.x", template=None)
    return Message(seq, 1.5, "106", f"wamid.{seq}", submission, "marketing", held=False)


def test_one_person_written_in_two_ways_is_a_duplicate() -> None:
    ledger = Ledger()

    ledger.record(message("+33 6 00 00 00 01"), answered="ok")
    ledger.record(message("33600000001"), answered="reset")

    assert (ledger.accepted, ledger.recipients, ledger.duplicates) == (2, 1, 1)
    assert ledger.repeated() == {"33600000001": 2}


def test_another_content_to_the_same_person_is_no_duplicate_by_content() -> None:
    ledger = Ledger()

    for content in ("spring", "summer", "summer"):
        ledger.record(message("+33600000001", content), answered="ok")

    assert (ledger.duplicates, ledger.duplicates_by_content) == (2, 1)


def test_each_acceptance_is_one_line_with_what_its_sender_was_told() -> None:
    ledger = Ledger()

    ledger.record(message("+33600000001"), answered="truncated")

    assert [orjson.loads(line) for line in b"".join(ledger.chunks()).splitlines()] == [
        {
            "seq": 1,
            "at": 1.5,
            "phone_number_id": "106",
            "to": "+33600000001",
            "wamid": "wamid.1",
            "callback_data": "c1.x",
            "content": "c0",
            "category": "marketing",
            "held": False,
            "answered": "truncated",
        }
    ]


def test_a_file_is_written_through_without_being_closed(tmp_path: Path) -> None:
    """A killed simulator must not forget whom it accepted."""
    path = tmp_path / "ledger.ndjson"
    ledger = Ledger(path)

    ledger.record(message("+33600000001"), answered="ok")

    assert len(path.read_bytes().splitlines()) == 1
    ledger.close()


def test_a_restarted_simulator_knows_whom_it_accepted_before(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    before = Ledger(path)
    before.record(message("+33600000001"), answered="ok")
    before.close()

    after = Ledger(path)
    after.record(message("+33600000001"), answered="ok")

    assert (after.accepted, after.duplicates, after.duplicates_by_content) == (2, 1, 1)
    after.close()


def test_a_file_that_is_no_ledger_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("remember the milk\n", encoding="utf-8")

    with pytest.raises(LedgerError, match=r"notes\.txt:1: not a line of a ledger"):
        Ledger(path)


def test_clearing_forgets_lines_and_counts(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    ledger = Ledger(path)
    ledger.record(message("+33600000001"), answered="ok")

    ledger.clear()

    assert (ledger.accepted, ledger.recipients, path.read_bytes()) == (0, 0, b"")
    ledger.close()
