"""Everybody who is left out, for every reason there is, in known numbers: the plan's table is the truth.

The launch sends exactly the rest, and the simulator's ledger agrees.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.rehearsal.children import tell
from tests.rehearsal.crowd import REFUSED, SKIPPED, WARNED, Crowd, crowd, write_csv
from tests.rehearsal.reckoning import reckon
from tests.rehearsal.world import FIRST_NUMBER, World, phone_number_id

CONSENT = {"column": "agreed", "source": "crm"}
HEADER = ("phone", "first_name", "agreed")
CAP = {"at_most": 1, "per": "7d"}
THANKS = {"type": "text", "text": {"body": "Thank you, {{ first_name }}"}}


@dataclass(frozen=True)
class Size:
    people: int
    answered: int
    wrote: int
    patience: float


SMALL, FULL = Size(1_000, 30, 12, 60), Size(50_000, 1_000, 400, 300)
SIZES = pytest.mark.parametrize("size", [SMALL, pytest.param(FULL, marks=pytest.mark.chaos)], ids=["small", "full"])


def listed(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def suppress(world: World, made: Crowd) -> None:
    path = world.settings.with_name("stopped.csv")
    write_csv(path, ("phone",), [(phone,) for phone in made.phones["suppressed"]])
    assert world.campaign("suppress", "import", str(path)).code == 0


def send_before(world: World, made: Crowd, size: Size) -> int:
    """Send some the very same, and others something else: these are at their limit then."""
    rows = [(phone, "Ada", "yes") for phone in made.phones["already_sent"]]
    rows += [(phone, "Bob", "yes") for phone in made.phones["frequency_cap"]]
    people = write_csv(world.settings.with_name("earlier.csv"), HEADER, rows)
    ended = world.launch(world.compose("earlier", people, consent=CONSENT)).end(within=size.patience)
    assert (ended.code, ended.json["send"]["accepted"]) == (0, len(rows)), ended.err
    return len(rows)


@SIZES
def test_the_plan_is_the_truth_and_the_launch_sends_exactly_the_rest(world: World, size: Size) -> None:
    world.configure(("unlimited", "unlimited"))
    world.begin()
    made = crowd(size.people)
    world.people = size.people
    suppress(world, made)
    before = send_before(world, made, size)
    people = write_csv(world.settings.with_name("crowd.csv"), HEADER, made.rows)
    audience = {"file": people, "country": "FR"}
    spring = world.compose("spring", people, audience=audience, consent=CONSENT, frequency=CAP)
    out = world.folder / "left-out.csv"

    planned = world.campaign("plan", str(spring), "--json", "--left-out", str(out), within=size.patience).json
    page = world.campaign("plan", str(spring), within=size.patience).out
    ended = world.launch(spring, "--plan", planned["plan"]).end(within=size.patience)

    refused, skipped, gets_it = made.counted(REFUSED), made.counted(SKIPPED), made.gets_it()
    tell("everybody left out", rows=size.people, **refused, **skipped, **made.counted(WARNED), sent=len(gets_it),
         launch_s=round(ended.seconds, 1))  # fmt: skip
    # What the plan said.
    assert (planned["go"], planned["audience"]) == (True, size.people)
    assert (planned["refused"], planned["skipped"]) == (refused, skipped)
    assert planned["planned"] == size.people - sum(refused.values())
    _says_so(page, {**refused, **skipped}, len(gets_it))
    _warns(planned["findings"], made)
    assert {int(each["row"]): each["reason"] for each in listed(out)} == made.left_out()
    # What the launch did.
    assert (ended.code, ended.json["refused"], ended.json["skipped"]) == (0, refused, skipped), ended.err
    assert ended.json["send"]["accepted"] == len(gets_it)
    # What the platform says.
    entries = world.platform.ledger()[before:]
    assert Counter(digits(each["to"]) for each in entries) == Counter(gets_it)
    # And what is told afterwards.
    _exported_alike(world, "spring", out)
    world.hear_everything(within=size.patience)
    assert reckon(world).wrong == []


def _says_so(page: str, left_out: dict[str, int], sent: int) -> None:
    told = Counter(each.replace(",", "") for each in re.findall(r"  ([\d,]+)(?:\s|$)", page))
    wanted = Counter(str(count) for count in (*left_out.values(), sent))
    assert wanted <= told, page


def _warns(findings: list[dict[str, Any]], made: Crowd) -> None:
    assert [each for each in findings if each["blocks"]] == []
    for name in WARNED:
        (what,) = (each["what"] for each in findings if name in each["what"].split(":")[0])
        assert f"{len(made.phones[name]):,} people" in what


def _exported_alike(world: World, name: str, planned: Path) -> None:
    out = world.folder / f"{name}.csv"
    exported = world.campaign("export", name, "--left-out", str(out))
    assert exported.code == 0, exported.err
    assert listed(out) == listed(planned)
    assert not re.search(r"\d{8}", out.read_text(encoding="utf-8-sig"))


@SIZES
def test_who_did_not_write_is_left_out_of_an_answer(world: World, size: Size) -> None:
    world.configure(("unlimited",))
    world.begin()
    thanks = world.compose("thanks", world.invite(size.answered), message=THANKS, category="service")
    for person in range(size.wrote):
        world.platform.write(FIRST_NUMBER + person, text="hi", number=phone_number_id(0))
    world.hear_everything()
    out = world.folder / "left-out.csv"

    planned = world.campaign("plan", str(thanks), "--json", "--left-out", str(out)).json
    ended = world.launch(thanks, "--plan", planned["plan"]).end(within=size.patience)

    closed = size.answered - size.wrote
    tell("windows", rows=size.answered, window_closed=closed, sent=ended.json["send"]["accepted"])
    assert (planned["skipped"], ended.json["skipped"]) == ({"window_closed": closed}, {"window_closed": closed})
    assert (ended.code, ended.json["send"]["accepted"]) == (0, size.wrote), ended.err
    assert [int(each["row"]) for each in listed(out)] == list(range(size.wrote + 1, size.answered + 1))
    sent_to = {int(digits(each["to"])) for each in world.platform.ledger()}
    assert sent_to == set(range(FIRST_NUMBER, FIRST_NUMBER + size.wrote))
