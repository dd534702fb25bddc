"""The page of a plan, as a browser draws it: wide, on a phone, in the dark and on paper."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaign.entrypoints.cli.plan_html import html, write_html
from tests.plans import NOW, everything

pytestmark = pytest.mark.needs("chromium")

# As root, as in a container, it has no sandbox of its own; of itself it asks nobody anything.
QUIETLY = [
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
PHONE = 390
WIDE = 1100


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start the system's own Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not there where the test is skipped

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIETLY)
        yield started
        started.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.html"
    write_html(path, html(everything(), made_at=NOW))
    return path


@pytest.mark.parametrize("width", [PHONE, WIDE])
def test_nothing_runs_over_the_side_and_nothing_is_fetched(browser: Any, page_file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))

    page.goto(page_file.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert asked == [page_file.as_uri()]
    assert said == []
    page.close()


def test_three_phones_stand_beside_each_other_and_on_a_phone_below(browser: Any, page_file: Path) -> None:
    def tops(width: int) -> list[float]:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(page_file.as_uri())
        found = [each.bounding_box()["y"] for each in page.query_selector_all(".phone")]
        page.close()
        return found

    assert len(set(tops(WIDE))) == 1
    assert len(set(tops(PHONE))) == 3


def test_it_is_dark_where_the_reader_wants_it_dark(browser: Any, page_file: Path) -> None:
    def colours(scheme: str) -> tuple[int, int]:
        page = browser.new_page(color_scheme=scheme)
        page.goto(page_file.as_uri())
        read = "const s = getComputedStyle(document.body); [s.backgroundColor, s.color].map(c => +c.match(/\\d+/)[0])"
        paper, ink = page.evaluate(read)
        page.close()
        return paper, ink

    (light_paper, light_ink), (dark_paper, dark_ink) = colours("light"), colours("dark")
    assert light_paper > light_ink
    assert dark_paper < dark_ink


def test_it_can_be_printed(browser: Any, page_file: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto(page_file.as_uri())

    printed = page.pdf(format="A4")
    page.emulate_media(media="print")

    assert printed.startswith(b"%PDF")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    page.close()
