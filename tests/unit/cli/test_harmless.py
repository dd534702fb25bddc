"""A terminal, a browser and a log show what others wrote, and obey none of it."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from rich.table import Table
from rich.text import Text

from campaign.domain.errors import CampaignError, ConfigurationError
from campaign.domain.outlook import PlanFinding
from campaign.entrypoints.cli.failure import Failure, Finding
from campaign.entrypoints.cli.harmless import HarmlessConsole
from campaign.entrypoints.cli.output import Output
from campaign.entrypoints.cli.plan_html import html, refuse_unwritable, write_html
from campaign.entrypoints.logs import configure
from tests.plans import NOW, everything

# Clears a screen, names a window, turns a line around, in one byte what ESC [ is in two, and breaks a line.
EVIL = "a\x1b[2J\x1b]0;x\x07\u202eb\x9b31m\u2066c\nerror: d"
ACTS = ("\x1b", "\x07", "\u202e", "\x9b", "\u2066")


def acts(text: str) -> list[str]:
    return [each for each in ACTS if each in text]


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    handlers, level = list(logging.root.handlers), logging.root.level
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    logging.root.handlers, logging.root.level = handlers, level


class Stdout(io.TextIOWrapper):
    """A stdout that takes letters of one encoding alone."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def said(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


class Full(io.StringIO):
    """A disk with no room left."""

    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")


def test_nothing_in_a_page_acts_but_its_own_colours() -> None:
    console = HarmlessConsole(file=io.StringIO(), force_terminal=True, width=80)
    table = Table(title=EVIL)
    table.add_row(Text(EVIL, "red"))

    console.print(table, Text(EVIL))

    file = console.file
    assert isinstance(file, io.StringIO)
    said = file.getvalue()
    assert acts(said.replace("\x1b[", "")) == []
    assert "\x1b[2J" not in said
    assert "\x1b[31m" in said


def test_the_direction_of_a_frame_is_kept() -> None:
    console = HarmlessConsole(file=io.StringIO(), width=40)

    console.print(Text("\u200e\N{HEBREW LETTER SHIN}\u200e"))

    assert "\u200e" in getattr(console.file, "getvalue", str)()


def test_nothing_in_a_line_or_an_error_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := Stdout("utf-8"))

    Output(json=False).say(f"/tmp/{EVIL}.csv: written")
    failure = Failure(2, (Finding(f"no column {EVIL}", EVIL, EVIL),)).text()

    assert acts(stdout.said() + failure) == []
    assert len(failure.splitlines()) == 2


def test_nothing_in_json_acts_and_all_of_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := Stdout("utf-8"))

    Output(json=True).tell({"name": EVIL, "city": "Köln"})

    assert acts(stdout.said()) == []
    assert "Köln" in stdout.said()
    assert json.loads(stdout.said())["name"] == EVIL


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_json_is_whole_wherever_it_is_written(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := Stdout(encoding))

    Output(json=True).tell({"city": "Köln ✓ 😀", "file": "\udcff.csv"})

    assert json.loads(stdout.said()) == {"city": "Köln ✓ 😀", "file": "\udcff.csv"}


@pytest.mark.parametrize("as_json", [True, False])
def test_a_full_disk_under_stdout_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch, *, as_json: bool) -> None:
    monkeypatch.setattr(sys, "stdout", Full())
    said = Output(json=as_json)

    with pytest.raises(CampaignError, match=r"stdout cannot be written \(No space left on device\)"):
        said.tell({}) if as_json else said.show(Text("x"))


@pytest.mark.parametrize("form", ["json", "console"])
@pytest.mark.usefixtures("logs_as_before")
def test_nothing_in_a_log_acts(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr(sys, "stderr", stderr := Stdout("utf-8"))
    configure(level="info", format="json" if form == "json" else "console")

    structlog.get_logger().info("named", name=EVIL, path=Path(EVIL), half="\ud800")

    assert acts(stderr.said()) == []
    assert len(stderr.said().splitlines()) == 1


def test_nothing_in_the_html_acts() -> None:
    made = everything()
    assert made.outlook is not None
    finding = PlanFinding(f"<script>{EVIL}</script>", f"{EVIL}<b>", f"{EVIL}\ud800")
    page = html(replace(made, outlook=replace(made.outlook, findings=(finding,))), made_at=NOW)

    assert acts(page) == []
    assert "<script>" not in page
    page.encode()


def test_a_page_takes_the_place_of_a_page_and_of_nothing_else(tmp_path: Path) -> None:
    page, audience = tmp_path / "plan.html", tmp_path / "people.csv"
    audience.write_text("phone\n+33612345678\n")

    write_html(page, "<!doctype html>old")
    refuse_unwritable(page)
    write_html(page, "<!doctype html>new")
    with pytest.raises(ConfigurationError, match="something else than a page"):
        refuse_unwritable(audience)

    assert page.read_text().endswith("new")
    assert [each.name for each in sorted(tmp_path.iterdir())] == ["people.csv", "plan.html"]


def test_a_page_that_the_disk_has_no_room_for_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "plan.html"
    page.write_text("<!doctype html>old")

    def full(path: Path, text: str, **_: object) -> int:
        path.write_bytes(text[:5].encode())
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        write_html(page, "<!doctype html>new")

    assert page.read_text().endswith("old")
    assert list(tmp_path.iterdir()) == [page]
