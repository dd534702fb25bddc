"""What people see of a plan, by the real commands: pages, previews, a question that only a number answers."""

import json
import os
import pty
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.children import CAMPAIGN, ROOT
from tests.rehearsal.world import FIRST_NUMBER, World

ROWS = ("Ada", "Bob", "Cid")
HELLO = "Hello {}, our new collection is here."


@pytest.fixture(scope="module")
def world(shared_world: World) -> World:
    shared_world.begin()
    return shared_world


@pytest.fixture(scope="module")
def people(world: World) -> str:
    """Write rows 1 to 3 of three people, row 4 of nobody, and row 5 of the second one again."""
    world.people += len(ROWS)
    lines = [f"+{FIRST_NUMBER + at},{name}" for at, name in enumerate(ROWS)]
    path = world.settings.with_name("rows.csv")
    path.write_text("\n".join(["phone,first_name", *lines, "+33612,Dan", f"+{FIRST_NUMBER + 1},Bob"]) + "\n")
    return path.name


@pytest.fixture(scope="module", params=["file", "list", "query"])
def campaign(request: pytest.FixtureRequest, world: World, people: str) -> Path:
    """Compose a campaign for the same people from each kind of source."""
    kind = request.param
    source = {"file": people, "list": "rows"}.get(kind)
    if kind == "list":
        brought = world.campaign("audience", "import", str(world.settings.with_name(people)), "--list", "rows")
        assert brought.code == 0, brought.err
    if kind == "query":
        lines = world.settings.with_name(people).read_text().splitlines()[1:]
        values = ", ".join(f"({at}, '{line.split(',')[0]}', '{line.split(',')[1]}')" for at, line in enumerate(lines))
        source = f"SELECT phone, first_name FROM (VALUES {values}) AS p (at, phone, first_name) ORDER BY at"
    return world.compose(f"previews-{kind}", people, audience={kind: source})


def test_a_row_of_any_source_is_shown_or_says_why_it_gets_nothing(world: World, campaign: Path) -> None:
    seen = world.campaign("preview", str(campaign), "--row", "2")
    again = world.campaign("preview", str(campaign), "--row", "5", "--json")

    assert seen.code == 0, seen.err
    assert "row 2, +33…" in seen.out
    assert HELLO.format("Bob") in seen.out
    if campaign.stem.endswith("list"):
        # It was refused when the list was imported.
        assert again.code == 2
        assert "when the list was imported" in again.json["error"]["remedy"]
    else:
        assert (again.code, again.json["left_out"]["reason"]) == (3, "duplicate")
        assert again.json["left_out"]["detail"].startswith("row 2 ")
        assert again.json["message"]["template"]["name"] == "launch_demo"


def test_what_the_ledger_knows_leaves_a_row_out_too(world: World, people: str) -> None:
    campaign, number = str(world.compose("known", people)), f"+{FIRST_NUMBER + 2}"
    assert world.campaign("suppress", "add", number, "--reason", "asked for it").code == 0

    told = world.campaign("preview", campaign, "--row", "3", "--json")

    assert world.campaign("suppress", "remove", number).code == 0
    assert (told.code, told.json["left_out"]["reason"]) == (3, "suppressed")
    assert number.lstrip("+") not in told.out + told.err


def test_a_row_without_a_number_says_so_and_one_that_is_not_there_names_the_last(world: World, people: str) -> None:
    campaign = str(world.compose("strange", people))

    wrong = world.campaign("preview", campaign, "--row", "4", "--json")
    missing = world.campaign("preview", campaign, "--row", "77", "--json")

    assert (wrong.code, wrong.json["left_out"]["reason"], wrong.json["message"]) == (3, "invalid", None)
    assert missing.code == 2
    assert missing.json["error"]["remedy"] == "the last row of the audience is 5"
    assert {"row", "number", "left_out", "message"} <= set(missing.json)


def test_a_plan_shows_three_messages_and_names_no_number(world: World) -> None:
    campaign = world.compose("spring", world.invite(5))
    page = world.folder / "plan.html"

    told = world.campaign("plan", str(campaign), "--json", "--html", str(page))

    assert told.code == 0, told.err
    assert [each["row"] for each in told.json["examples"]] == [1, 2, 3]
    assert not re.search(r"\d{9}", json.dumps(told.json["examples"]))
    written = page.read_text()
    assert written.count(HELLO.format("Ada")) == 3
    assert f"--plan {told.json['plan']}" in written
    assert str(FIRST_NUMBER)[:9] not in written
    assert "\x1b" not in told.err


@pytest.mark.parametrize("typed", [b"yes\n", b"\x04"], ids=["yes", "end"])
def test_anything_but_the_number_leaves_nothing_behind(world: World, typed: bytes) -> None:
    campaign = world.compose("asked", world.invite(5))

    code, screen = _at_a_terminal(world, campaign, typed)

    assert code == 2, screen
    assert "What people see" in screen
    assert "Type 5 to send it" in screen
    assert world.value("SELECT count(*) FROM run WHERE campaign = 'asked'") == 0
    assert world.value("SELECT count(*) FROM message") == 0
    assert world.platform.summary()["requests"] == 0


def _at_a_terminal(world: World, campaign: Path, typed: bytes) -> tuple[int, str]:
    """Launch where somebody can be asked, and type."""
    person, terminal = pty.openpty()
    environment = {**os.environ, **world.environment, "TERM": "xterm", "COLUMNS": "100"}
    command = (*CAMPAIGN, "launch", str(campaign))
    launch = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    screen = ""
    for said in _words(person):
        screen += said
        if typed and "anything else to leave it:" in screen:
            os.write(person, typed)
            typed = b""
    code = launch.wait(60)
    os.close(person)
    return code, screen


def _words(person: int) -> Iterator[str]:
    """Read what a terminal shows until nobody writes to it any more."""
    while True:
        try:
            said = os.read(person, 65_536)
        except OSError:
            return
        if not said:
            return
        yield said.decode(errors="replace")
