"""Whatever is wrong with what people write: one clear error, the exit code that cron understands, nothing sent."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.rehearsal.children import Ended
from tests.rehearsal.world import World, free_ports

CAMPAIGN = """\
campaign: spring
audience: {file: people.csv}
consent: recorded_elsewhere
message:
  type: template
  template:
    name: launch_demo
    language: {code: en}
    components:
      - {type: body, parameters: [{type: text, text: "{{ first_name }}"}]}
rate: 50
"""
PEOPLE = "phone,first_name\n+33612000001,Ada\n+33612000002,Bob\n"

NOBODY = "{query: \"SELECT * FROM (VALUES ('+33612000001', 'Ada')) AS p (phone, first_name) WHERE false\"}"


@dataclass(frozen=True)
class Case:
    """What is wrong, as replacements in the campaign, the audience or the settings, and what is said of it."""

    name: str
    code: int
    says: tuple[str, ...]
    campaign: tuple[str, str] = ("", "")
    people: str | bytes | None = PEOPLE
    settings: tuple[str, str] = ("", "")


CASES = [
    Case("unknown key", 2, ("spring.yaml:11", "ratee", "rate"), campaign=("rate:", "ratee:")),
    Case("wrong type", 2, ("spring.yaml:2", "audience"), campaign=("{file: people.csv}", "[people.csv]")),
    Case("rate of nothing", 2, ("spring.yaml:11", "rate"), campaign=("rate: 50", "rate: 0")),
    Case("rate in words", 2, ("spring.yaml:11", "rate"), campaign=("rate: 50", "rate: fast")),
    Case("missing variable", 2, ("people.csv", "frist_name", "first_name"), campaign=("first_name", "frist_name")),
    Case("broken YAML", 2, ("spring.yaml:3",), campaign=("{file: people.csv}", "{file: people.csv")),
    Case(
        "undefined environment variable",
        2,
        ("settings.yaml:", "NOBODY_SET_THIS"),
        settings=("WHATSAPP_TOKEN", "NOBODY_SET_THIS"),
    ),
    Case(
        "secret written down",
        2,
        ("settings.yaml:", "access_token", "environment"),
        settings=("${WHATSAPP_TOKEN}", "in-the-clear-0123456789"),
    ),
    Case("no such audience file", 2, ("people.csv",), people=None),
    Case("empty audience", 2, ("people.csv",), people="phone,first_name\n"),
    Case("query of nobody", 3, ("spring.yaml",), campaign=("{file: people.csv}", NOBODY)),
    Case("empty file", 2, ("people.csv",), people=""),
    Case("UTF-16", 2, ("people.csv", "UTF-8"), people=PEOPLE.encode("utf-16")),
    Case("ragged row", 2, ("people.csv:3",), people=PEOPLE.replace(",Bob", ",Bob,Bobson")),
    Case(
        "no such column", 2, ("mobile", "phone"), campaign=("{file: people.csv}", "{file: people.csv, phone: mobile}")
    ),
    Case(
        "query that is no SELECT",
        2,
        ("spring.yaml:2", "SELECT"),
        campaign=("{file: people.csv}", "{query: DELETE FROM message}"),
    ),
    Case(
        "query of no such table",
        2,
        ("spring.yaml", "customers"),
        campaign=("{file: people.csv}", "{query: SELECT phone FROM customers}"),
    ),
    Case("unreachable database", 69, ("database",), settings=('"shards"', '"database": "${NO_DATABASE}", "shards"')),
    Case("unreachable API", 69, ("settings.yaml:3", "API"), settings=("API_PORT", "CLOSED_PORT")),
    Case(
        "wrong token",
        2,
        ("settings.yaml:6", "access token"),
        settings=("${WHATSAPP_TOKEN}", "${WHATSAPP_VERIFY_TOKEN}"),
    ),
    Case("unknown shard", 2, ("spring.yaml:11", "lyon", "s0"), campaign=("rate: 50", "shards: [lyon]")),
]


@pytest.fixture(scope="module")
def world(shared_world: World) -> World:
    shared_world.begin()
    shared_world.environment["NO_DATABASE"] = f"postgresql://campaign@127.0.0.1:{free_ports(1)[0]}/campaign"
    return shared_world


def launch(world: World, folder: Path) -> Ended:
    """Launch from a folder of its own, over the ledger that all share."""
    command = ("launch", str(folder / "spring.yaml"), "--yes", "--json", "--settings", str(folder / "settings.yaml"))
    return world.campaign(*command, within=60)


def written(world: World, case: Case) -> Path:
    """Write the files of a case, beside each other in a folder beside `config`."""
    folder = world.folder / case.name.replace(" ", "-")
    folder.mkdir()
    (folder / "spring.yaml").write_text(CAMPAIGN.replace(*case.campaign))
    (folder / "settings.yaml").write_text(_settings(world, case))
    if case.people is not None:
        content = case.people if isinstance(case.people, bytes) else case.people.encode()
        (folder / "people.csv").write_bytes(content)
    return folder


def _settings(world: World, case: Case) -> str:
    text = world.settings.read_text()
    old, new = case.settings
    if new == "CLOSED_PORT":
        old, new = str(world.platform.port), str(free_ports(1)[0])
    return text.replace(old, new)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_one_clear_error(world: World, case: Case) -> None:
    ended = launch(world, written(world, case))

    said = ended.err
    assert ended.code == case.code, said
    assert said.count("error: ") == 1
    assert "Traceback" not in said + ended.out
    for words in case.says:
        assert words in said, said
    error = ended.json["error"]
    assert error["code"] == case.code
    assert error["remedy"], error
    assert error["where"] or case.code == 69, error
    assert ended.json["send"]["accepted"] == 0
    assert world.platform.summary()["requests"] == 0


def test_without_db_init_nothing_is_sent(world: World) -> None:
    """A ledger made in passing would send to everyone again."""
    folder = world.folder / "elsewhere" / "config"
    folder.mkdir(parents=True)
    (folder / "settings.yaml").write_text(world.settings.read_text())
    (folder / "spring.yaml").write_text(CAMPAIGN)
    (folder / "people.csv").write_text(PEOPLE)

    ended = launch(world, folder)

    assert ended.code == 2, ended.err
    assert "campaign db init" in ended.json["error"]["remedy"]
    assert "Traceback" not in ended.err
    assert not (folder.parent / ".campaign").exists()
    assert world.platform.summary()["requests"] == 0


COMMAND_LINES: dict[str, Callable[[World], tuple[str, ...]]] = {
    "no terminal and no --yes": lambda world: ("launch", str(world.compose("spring", world.invite(1)))),
    "unknown command": lambda world: ("lanch", "spring.yaml"),
    "unknown option": lambda world: ("launch", "spring.yaml", "--fast"),
    "no such file": lambda world: ("launch", str(world.folder / "nowhere.yaml"), "--yes"),
    "no such run": lambda world: ("report", "nobody"),
    "no such settings": lambda world: ("status", "--settings", str(world.folder / "nowhere.yaml")),
}


@pytest.mark.parametrize("command", COMMAND_LINES.values(), ids=COMMAND_LINES)
def test_a_wrong_command_line_exits_2_and_says_why(world: World, command: Callable[[World], tuple[str, ...]]) -> None:
    ended = world.campaign(*command(world), "--json", within=60)

    assert ended.code == 2, ended.err
    assert ended.err.count("error: ") == 1
    assert "Traceback" not in ended.err
    assert ended.json["error"]["code"] == 2
    assert world.platform.summary()["requests"] == 0
