"""A launch keeps to the plan that somebody looked at, asks before it sends, and repeats no campaign by accident."""

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.rehearsal.children import CAMPAIGN, ROOT, tell
from tests.rehearsal.world import World

PEOPLE = 30


def plan_of(world: World, campaign: Path) -> dict[str, Any]:
    return world.campaign("plan", str(campaign), "--json").json


def test_a_launch_of_anything_but_the_agreed_plan_is_refused_by_name(world: World) -> None:
    world.begin()
    people = world.invite(PEOPLE)
    spring = world.compose("spring", people)
    agreed = plan_of(world, spring)["plan"]
    csv = world.settings.with_name(people)
    before = csv.read_text()

    nonsense = world.launch(spring, "--plan", "spring").end()
    csv.write_text(before + "+33611111111,Eve\n")
    more = world.launch(spring, "--plan", agreed).end()
    csv.write_text(before.replace("Ada", "Eve"))
    others = world.launch(spring, "--plan", agreed).end()
    csv.write_text(before)
    world.compose("spring", people, rate=20)
    faster = world.launch(spring, "--plan", agreed).end()
    world.compose("spring", people)
    same = world.launch(spring, "--plan", agreed).end()
    again = world.launch(spring, "--plan", agreed).end()
    afterwards = world.campaign("plan", str(spring), "--json").json

    assert (nonsense.code, "no plan's ID" in nonsense.err) == (2, True), nonsense.err
    for ended, changed in ((more, "audience"), (others, "audience"), (faster, "file")):
        assert ended.code == 3, ended.err
        error = ended.json["error"]
        assert error["message"] == f"the {changed} changed since plan {agreed} was made"
        assert "campaign plan FILE" in error["remedy"]
    assert (same.code, same.json["send"]["accepted"]) == (0, PEOPLE), same.err
    assert (again.code, world.platform.summary()["requests"]) == (0, PEOPLE), again.err
    assert "spring@once is finished: nothing is sent" in again.err
    assert afterwards["findings"][0]["what"].startswith("spring@once is finished already")
    tell("agreed plan", refused=3, sent=same.json["send"]["accepted"])


def test_a_run_that_is_planned_goes_on_under_its_own_plan_alone(world: World) -> None:
    world.configure((2,))
    world.begin()
    spring = world.compose("spring", world.invite(PEOPLE))
    agreed = plan_of(world, spring)["plan"]
    assert world.launch(spring, "--detach", "--plan", agreed).end().code == 0
    other = f"{agreed[:8]}-00000000-{agreed[18:]}"

    refused = world.launch(spring, "--plan", other).end()

    assert (refused.code, refused.json["error"]["message"]) == (3, f"the audience changed since plan {other} was made")
    assert world.platform.summary()["requests"] == 0


@contextmanager
def typing(world: World, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command at a terminal; gives the process and the end a person types at."""
    person, terminal = pty.openpty()
    environment = {**os.environ, **world.environment, "TERM": "xterm", "COLUMNS": "200"}
    command = (*CAMPAIGN, *words)
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    )
    os.close(terminal)
    try:
        yield process, person
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        process.wait()
        os.close(person)


def read_until(person: int, text: str, *, within: float = 60) -> str:
    """Read what the terminal shows until a text is there, or the process has ended."""
    seen, deadline = b"", time.monotonic() + within
    while text.encode() not in seen and time.monotonic() < deadline:
        if not select.select([person], [], [], 0.2)[0]:
            continue
        try:
            seen += os.read(person, 65536)
        except OSError:
            break
    return seen.decode(errors="replace")


def test_at_a_terminal_the_number_of_people_is_typed_before_anything_leaves(world: World) -> None:
    world.begin()
    spring = world.compose("spring", world.invite(PEOPLE))
    agreed = plan_of(world, spring)["plan"]

    for typed in ("y", str(PEOPLE + 1)):
        with typing(world, "launch", str(spring), "--plan", agreed) as (process, person):
            shown = read_until(person, "anything else to leave it:")
            assert f"Type {PEOPLE} to send it" in shown, shown
            os.write(person, f"{typed}\n".encode())
            told = read_until(person, "the plan is gone")
            assert (process.wait(60), "nothing was sent" in told) == (2, True), told
    assert world.platform.summary()["requests"] == 0

    with typing(world, "launch", str(spring), "--plan", agreed) as (process, person):
        read_until(person, "anything else to leave it:")
        os.write(person, f"{PEOPLE}\n".encode())
        read_until(person, "finished")
        assert process.wait(60) == 0
    assert world.platform.summary()["requests"] == PEOPLE


def test_a_campaign_that_half_of_the_people_have_already_is_a_no_go_that_names_the_run(world: World) -> None:
    world.begin()
    people = world.invite(PEOPLE)
    assert world.launch(world.compose("spring", people)).end().code == 0
    csv = world.settings.with_name(people)
    number = 33611111111
    new = "".join(f"+{number + each},Ada\n" for each in range(PEOPLE))
    csv.write_text(csv.read_text() + new)

    again = world.compose("spring-again", people)
    planned = world.campaign("plan", str(again), "--json")
    ended = world.launch(again).end()
    csv.write_text(csv.read_text() + f"+{number + PEOPLE},Ada\n")
    rest = world.launch(again).end()

    (blocking,) = (each for each in planned.json["findings"] if each["blocks"])
    assert (planned.code, planned.json["go"], ended.code) == (3, False, 3), ended.err
    assert blocking["what"].startswith(f"{PEOPLE} of {2 * PEOPLE} people got the same content already")
    assert f"spring@once ({PEOPLE})" in blocking["what"]
    assert world.report("spring")["send"]["accepted"] == PEOPLE
    # One more who does not have it, and those who do are fewer than half.
    assert (rest.code, rest.json["send"]["accepted"]) == (0, PEOPLE + 1), rest.err
    assert rest.json["skipped"] == {"already_sent": PEOPLE}
    assert world.platform.summary()["duplicates"] == 0
