"""A wheel is the whole program: installed away from the checkout it finds its queries, migrations and samples."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from campaign.resources import resource

CHECKOUT = Path(__file__).resolve().parents[2]
PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
ENVIRON = {"WHATSAPP_TOKEN": "EAAxxxxxxxxxxxxxxxxxxxxxxxxxx"}

WHERE = """
import json, campaign
from campaign.adapters.postgres.migrate import migrations
from campaign.adapters.postgres.queries import load_queries
from campaign.adapters.rate_cards import read_rates
from campaign.resources import resource
from campaign.settings import bundled_country_rules
print(json.dumps({
    "package": campaign.__file__,
    "sql": str(resource("sql", "queries")),
    "config": str(resource("config", "settings.yaml")),
    "migrations": [each.name for each in migrations()],
    "marks": "mark" in load_queries("dispatch"),
    "rules": len(bundled_country_rules()),
    "cards": len(read_rates(resource("config", "rates")).cards),
}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as pip does, with what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    _python(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(CHECKOUT))
    (built,) = folder.glob("campaign-*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty folder."""
    folder = tmp_path_factory.mktemp("site")
    _python(*PIP, "install", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    return folder


def _python(*arguments: str, site: Path | None = None, cwd: Path | None = None) -> str:
    """Run Python, with a folder of packages before all others; returns what it printed."""
    environ = {**os.environ, **ENVIRON, "PYTHONPATH": str(site) if site else "", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_every_query_migration_and_sample_and_no_test(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    shared = {path for folder in ("sql", "config") for path in (CHECKOUT / folder).rglob("*") if path.is_file()}
    assert {f"campaign/_share/{path.relative_to(CHECKOUT)}" for path in shared} <= packed
    pages = {"campaign/entrypoints/html/plan.html.j2", "campaign/entrypoints/html/plan.css"}
    assert pages <= packed
    assert {name.split("/")[0].split("-")[0] for name in packed} == {"campaign"}


def test_an_installed_wheel_finds_its_own_files(site: Path, tmp_path: Path) -> None:
    found = json.loads(_python("-c", WHERE, site=site, cwd=tmp_path))

    share = site / "campaign" / "_share"
    assert found["package"] == str(site / "campaign" / "__init__.py")
    assert (found["sql"], found["config"]) == (str(share / "sql/queries"), str(share / "config/settings.yaml"))
    assert found["marks"]
    assert found["migrations"]
    assert found["rules"]
    assert found["cards"]


def test_a_checkout_finds_its_own_files() -> None:
    assert str(resource("sql", "queries")) == str(CHECKOUT / "sql" / "queries")
    assert str(resource("config", "settings.yaml")) == str(CHECKOUT / "config" / "settings.yaml")


def test_the_commands_of_an_installed_wheel_work_without_the_checkout(site: Path, tmp_path: Path) -> None:
    samples = site / "campaign" / "_share" / "config"
    settings, file = str(samples / "settings.yaml"), str(samples / "campaigns" / "spring-sale.yaml")

    said = _python("-m", "campaign", "--settings", settings, "check", file, site=site, cwd=tmp_path)
    schema = json.loads(_python("-m", "campaign", "schema", "settings", site=site, cwd=tmp_path))

    assert said.startswith("ok:")
    assert "not compared" not in said
    assert "account" in schema["properties"]
