"""The documents say what the program does: every log event and every table has its row, and every link a target."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from campaign.domain.errors import AlreadyRunning, CampaignError, ConfigurationError, RefusedByPlan, Unreachable
from campaign.domain.verdict import FINISHED, FINISHED_WITH_DOUBTS, WAITING

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDERS = ("campaign", "sql", "config", "tests", "benchmarks", "docs", ".ci")
DOCUMENTS = [CHECKOUT / "README.md", CHECKOUT / "CHANGELOG.md", *sorted((CHECKOUT / "docs").glob("*.md"))]
LEVELS = {"debug", "info", "warning", "error"}

# Taken apart, so that this file does not find itself.
NOT_OURS = [
    re.compile("/" + r"(work|root|farm)/"),
    re.compile(r"pypi\." + "org|file.//" + r"\S*simple|--index" + "-url|--extra" + "-index"),
]


def _events() -> Mapping[str, tuple[set[str], set[str]]]:
    """Find every log call: event -> its levels, and the fields named in the call itself."""
    found: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for path in (CHECKOUT / "campaign").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in LEVELS):
                continue
            if not (isinstance(call.func.value, ast.Name) and call.func.value.id == "log"):
                continue
            for name in _texts(call.args[0]):
                found[name][0].add(call.func.attr)
                found[name][1].update(each.arg for each in call.keywords if each.arg)
    return found


def _texts(node: ast.expr) -> Iterator[str]:
    """Give the text an event's name is, or those it may be."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _rows(heading: str) -> Mapping[str, list[str]]:
    """Read the table under a heading of docs/architecture.md: first cell -> the other cells."""
    text = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return {name.strip().strip("`"): [cell.strip() for cell in rest] for name, *rest in cells}


def test_every_log_event_has_its_row_and_every_row_its_event() -> None:
    assert set(_rows("Log events")) == set(_events())


def test_a_row_of_a_log_event_names_its_level_and_its_fields() -> None:
    rows = _rows("Log events")
    for name, (levels, fields) in _events().items():
        level, documented, *_ = rows[name]
        assert set(level.split(", ")) == levels, name
        assert fields <= set(re.findall(r"`(\w+)`", documented)), name


def test_every_table_of_the_ledger_has_its_row() -> None:
    made = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(?:campaign\.)?(\w+)", re.MULTILINE)
    texts = [*(CHECKOUT / "sql" / "migrations").glob("*.sql"), CHECKOUT / "sql" / "queries" / "migrate.sql"]
    tables = {name for path in texts for name in made.findall(path.read_text(encoding="utf-8"))}
    partitions = {"message_default"}
    assert set(_rows("Tables")) == tables - partitions


def test_every_dependency_is_accounted_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[^\w.-]", requirement)[0] for requirement in wanted}
    decided = (CHECKOUT / "docs" / "decisions.md").read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in decided} == set()


def test_the_exit_codes_of_the_readme_are_those_of_the_program() -> None:
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    told = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", readme, re.MULTILINE) for code in row.split(",")}
    errors = (CampaignError, ConfigurationError, RefusedByPlan, Unreachable, AlreadyRunning)
    assert told == {FINISHED, FINISHED_WITH_DOUBTS, WAITING, 130, 143} | {error.exit_code for error in errors}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    relative = [target for target in targets if "://" not in target]
    assert [target for target in relative if not (document.parent / target).exists()] == []


def test_no_text_names_a_folder_of_our_machines_or_a_package_index() -> None:
    found = {
        f"{path.relative_to(CHECKOUT)}: {pattern.pattern}"
        for path in _texts_of_the_project()
        for pattern in NOT_OURS
        if pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert found == set()


def _texts_of_the_project() -> Iterator[Path]:
    yield from (path for path in CHECKOUT.iterdir() if path.is_file() and path.name != ".git")
    for folder in FOLDERS:
        inside = (path for path in (CHECKOUT / folder).rglob("*") if path.is_file())
        yield from (path for path in inside if "__pycache__" not in path.parts and ".campaign" not in path.parts)
