"""What is written for a spreadsheet is complete or not there, does nothing when opened, and names nobody in full."""

import csv
import os
import subprocess
from pathlib import Path

import pytest

from campaign.adapters.spreadsheet import Sheet, write_refusals
from campaign.domain.errors import ConfigurationError

HEADER = ("row", "detail")


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_refusals_are_safe_in_a_spreadsheet_and_hold_no_number(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"

    write_refusals(path, [(3, "invalid", "+33…5678 is no number"), (4, "=cmd()", "call 0612345678"), (5, "x", "@a")])

    assert read(path) == [
        ["row", "reason", "what to do"],
        ["3", "invalid", "'+33…5678 is no number"],
        ["4", "'=cmd()", "call 061…5678"],
        ["5", "x", "'@a"],
    ]


def test_refusals_that_cannot_be_written_are_a_named_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_refusals(tmp_path / "no" / "refused.csv", [])


def test_a_sheet_that_was_not_completed_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    (path := tmp_path / "out.csv").write_text("mine")

    with Sheet(path, HEADER, replace=True) as sheet:
        sheet.write(1, "one")
    with pytest.raises(ValueError, match="broken"), Sheet(path, HEADER, replace=True) as sheet:
        raise ValueError("broken")

    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_there_is_replaced_by_order_alone(tmp_path: Path) -> None:
    (path := tmp_path / "out.csv").write_text("mine")

    with pytest.raises(ConfigurationError, match="there already") as raised, Sheet(path, HEADER, replace=False):
        pass
    assert (path.read_text(), raised.value.remedy) == ("mine", "choose another name, or add --force")

    with Sheet(path, HEADER, replace=True) as sheet:
        sheet.write(1, "one")
        sheet.complete()
    assert (read(path), sheet.rows) == ([list(HEADER), ["1", "one"]], 1)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("replace", [True, False])
def test_what_is_no_regular_file_is_never_replaced(tmp_path: Path, *, replace: bool) -> None:
    """Root may put a file in the place of a device, and nobody could read from it again."""
    os.mkfifo(pipe := tmp_path / "pipe")

    for path in (pipe, tmp_path, Path()):
        with pytest.raises(ConfigurationError, match="no regular file"), Sheet(path, HEADER, replace=replace):
            pass

    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_what_a_killed_writer_left_goes_with_the_next_and_a_living_ones_stays(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    for name in (f".out.csv.{gone.pid}", f".out.csv.{os.getppid()}", ".out.csv.mine", ".other.csv.1"):
        (tmp_path / name).write_text("x")

    with Sheet(tmp_path / "out.csv", HEADER, replace=True) as sheet:
        sheet.complete()

    left = {f".out.csv.{os.getppid()}", ".out.csv.mine", ".other.csv.1", "out.csv"}
    assert {each.name for each in tmp_path.iterdir()} == left
