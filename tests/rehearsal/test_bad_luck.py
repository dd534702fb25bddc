"""Bad luck while a plan is made: a signal, a kill, a full disk, a reader who left. Nothing is left behind or sent."""

import json
import os
import signal
import subprocess
from collections.abc import Sequence

import pytest

from tests.rehearsal.children import CAMPAIGN, ROOT, until
from tests.rehearsal.world import TEMPLATE, World

# So many that a plan takes longer than it takes to see that it has begun.
MANY = 12_000

PLANNING = """
SELECT count(*)::int FROM pg_stat_activity
 WHERE query ~ 'staged_message' AND xact_start < now() - interval '0.2 s' AND pid <> pg_backend_pid()"""
LEFT = "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM message) + (SELECT count(*) FROM run_window)"


@pytest.fixture(scope="module")
def world(shared_world: World) -> World:
    shared_world.begin()
    return shared_world


@pytest.fixture(scope="module")
def many(world: World) -> str:
    return world.invite(MANY)


def shell(world: World, line: str, *words: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run `campaign WORDS` as a shell would: the line holds it as "$@"."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}", "-", *CAMPAIGN, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, **world.environment, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


def interrupted(world: World, words: Sequence[object], number: int) -> int:
    """Start a command, and send it a signal while it writes its plan."""
    child = world.start(*map(str, words))
    until(lambda: world.value(PLANNING) or not child.running, what="it plans")
    assert child.running, child.err.read_text()
    child.signal(number)
    return child.end(within=30).code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_plan_that_is_stopped_leaves_nothing_behind(world: World, many: str, number: int, code: int) -> None:
    campaign = world.compose("stopped", many)
    page, left_out = world.folder / "stopped.html", world.folder / "stopped.csv"

    ended = interrupted(world, ("plan", campaign, "--html", page, "--left-out", left_out), number)

    assert ended == code
    until(lambda: not world.value(PLANNING), what="its transaction is over")
    assert world.value(LEFT) == 0
    assert not page.exists()
    assert not left_out.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_launch_that_is_stopped_while_it_plans_sends_nothing(world: World, many: str, number: int) -> None:
    campaign = world.compose("unwanted", many)

    ended = interrupted(world, ("launch", campaign, "--yes", "--json"), number)

    assert ended == 128 + number
    assert world.value(LEFT) == 0
    assert world.platform.summary()["requests"] == 0


def test_whoever_stops_reading_or_has_no_room_is_told_by_the_exit_code(world: World) -> None:
    campaign = world.compose("unread", world.invite(2))

    gone = shell(world, '"$@" | true', "plan", campaign)
    closed = shell(world, '"$@" >&- 2>&- <&-', "plan", campaign)
    full = shell(world, '"$@" > /dev/full', "plan", campaign, "--json")

    assert (gone.returncode, gone.stderr) == (141, b"")
    assert (closed.returncode, closed.stdout, closed.stderr) == (0, b"", b"")
    assert full.returncode == 1
    assert b"stdout cannot be written (No space left on device)" in full.stderr


def test_a_terminal_of_another_alphabet_gets_the_plan_all_the_same(world: World) -> None:
    campaign = world.compose("foreign", world.invite(2))

    for words in (("plan", campaign), ("preview", campaign, "--row", 1)):
        shown = shell(world, '"$@"', *words, PYTHONIOENCODING="ascii")
        assert (shown.returncode, shown.stderr) == (0, b""), words
    told = shell(world, '"$@"', "plan", campaign, "--json", PYTHONIOENCODING="ascii")

    assert json.loads(told.stdout.decode("ascii"))["go"]


def test_nothing_that_others_wrote_acts_on_the_screen_or_the_page(world: World) -> None:
    evil = "\x1b[2J\x1b]0;x\x07\u202e<script>alert(1)</script>"
    people = world.settings.with_name(f"{evil.replace('/', '')}.csv")
    people.write_text((world.settings.with_name(world.invite(2))).read_text().replace("Ada", "<b>A</b>"))
    status = {**TEMPLATE, "footer": evil, "quality": "RED"}
    page = world.folder / "evil.html"
    world.platform.change(templates=[status])

    campaign = str(world.compose("evil", people.name))
    ended = [world.campaign("plan", campaign, "--html", str(page)), world.campaign("templates")]
    ended += [
        world.campaign("plan", campaign.replace("evil", evil[0])),
        world.campaign("preview", campaign, "--row", "1"),
    ]
    world.platform.change(templates=[TEMPLATE])

    said = page.read_text() + "".join(each.out + each.err for each in ended)
    assert [each.code for each in ended] == [0, 0, 2, 0], said
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert "<script" not in page.read_text()
    assert "<b>A</b>" not in page.read_text()


def test_neither_a_device_nor_another_file_is_lost_to_a_page(world: World) -> None:
    people = world.invite(2)
    campaign = str(world.compose("careless", people))
    pipe = world.folder / "pipe"
    os.mkfifo(pipe)

    over = world.campaign("plan", campaign, "--html", str(world.settings.with_name(people)))
    forced = world.campaign("plan", campaign, "--left-out", str(pipe), "--force")

    assert (over.code, forced.code) == (2, 2)
    assert world.settings.with_name(people).read_text().startswith("phone")
    assert pipe.is_fifo()


def test_what_only_looks_wrong_is_logged_where_nobody_is_shown_the_plan(world: World) -> None:
    campaign = world.compose("late", world.invite(2), schedule={"at": "2020-01-01T09:00Z"})

    ended = world.launch(campaign, "--detach").end()

    assert ended.code == 0, ended.err
    assert any("'at' is over since" in each["what"] for each in ended.events("preflight.warned"))
