"""Every sample campaign, by the real commands, to everybody in people.csv, in both dialects.

The simulated account holds the templates they send: the look before launch and the platform both compare them.
"""

import csv
import shutil
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

from tests.rehearsal.children import Child, Ended, tell, until
from tests.rehearsal.world import World, phone_number_id
from tests.samples import FOLDER, SAMPLES, templates

# Reads from a table of one's own; every other sample reads people.csv.
OF_A_TABLE = "spring-sale"
PEOPLE = ("33199004711", "33261913008", "33353012026", "493023125042", "61870100042")

# What On-Premises never had: `campaign check` says so.
CLOUD_ALONE = {
    "interactive-address",
    "interactive-call-permission",
    "interactive-carousel",
    "interactive-carousel-products",
    "marketing-messages",
    "read",
    "template-gif",
    "template-named",
    "template-order-status",
    "template-voice-call",
}
AT_ONCE = 4


@pytest.mark.parametrize("dialect", ["cloud", "on_premises"])
def test_every_sample_is_checked_sent_and_accepted(world: World, dialect: str) -> None:
    folder = world.settings.parent / "campaigns"
    shutil.copytree(FOLDER, folder)
    world.configure((80,), dialect=dialect, shards={"count": 1, "throughput": 70})
    world.begin("calm", templates=templates(), template_checks=True)
    number = {"number": phone_number_id(0)} if dialect == "cloud" else {}
    name_messages(folder, [world.platform.write(person, text="hello", **number) for person in PEOPLE])
    until(lambda: world.value("SELECT count(*) FROM customer_window") == len(PEOPLE), what="the windows are open")

    names = [name for name in SAMPLES if name != OF_A_TABLE]
    ended = dict(zip(names, launched(world, [folder / f"{name}.yaml" for name in names]), strict=True))

    refused = {name for name, each in ended.items() if each.code == 2}
    assert refused == (CLOUD_ALONE if dialect == "on_premises" else set()), _errors(ended, refused)
    sent = [each for name, each in ended.items() if name not in refused]
    assert {each.code for each in sent} == {0}, _errors(ended, ended.keys() - refused)
    accepted = [each.json["send"]["accepted"] for each in sent]
    there = world.platform.summary()
    tell("samples", dialect=dialect, samples=len(sent), refused=len(refused), accepted=there["accepted"],
         errors=there["errors"], media=there["media_uploads"], duplicates=there["duplicates"])  # fmt: skip
    assert accepted == [len(PEOPLE)] * len(sent)
    assert there["errors"] == {}


def name_messages(folder: Path, written: Sequence[str]) -> None:
    """Put what people wrote into people.csv: only that can be marked as read."""
    with (folder / "people.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "people.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "last_message": each} for row, each in zip(rows, written, strict=True))


def launched(world: World, files: Sequence[Path]) -> Iterator[Ended]:
    """Launch a few at a time, in order: each starts a Python of its own."""
    left, running = iter(files), list[Child]()
    running += [world.launch(file) for file in islice(left, AT_ONCE)]
    while running:
        yield running.pop(0).end(within=60)
        running += [world.launch(file) for file in islice(left, 1)]


def _errors(ended: dict[str, Ended], names: set[str]) -> str:
    return "\n".join(f"{name}: {ended[name].code} {ended[name].err[-600:]}" for name in sorted(names))
