"""A plan as one page of HTML that needs nothing else."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from campaign.domain.errors import ConfigurationError
from campaign.domain.outlook import PlanFinding
from campaign.entrypoints.cli.plan_html import html, refuse_unwritable, write_html
from tests.plans import NOW, SECTIONS, everything, plan, shown

EVIL = "<script>alert(1)</script> & \"x\" 'y'"
VOID = {"meta", "br"}


class Tags(HTMLParser):
    """Lists every element with its attributes, and sees to it that each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    text = html(everything(), made_at=NOW)

    tags = Tags(text)
    assert tags.open == []
    assert not {tag for tag, _ in tags.found} & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert not [
        name for _, attributes in tags.found for name in attributes if name in {"src", "href"} or name[:2] == "on"
    ]
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_whatever_stands_in_a_plan_is_text_and_nothing_else() -> None:
    finding = PlanFinding(EVIL, EVIL, EVIL, blocks=True)
    hostile = replace(plan(findings=(finding,), shown=[shown(EVIL)]), campaign=EVIL)

    text = html(hostile, made_at=NOW)

    assert "<script>" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4


def test_sections_stand_in_the_order_of_reading() -> None:
    titles = re.findall(r"<h2>(.+?)</h2>", html(everything(), made_at=NOW))

    assert titles == list(SECTIONS)


def test_what_has_nothing_to_say_is_not_there() -> None:
    text = html(plan(findings=(), outlook=replace(everything().outlook, cost=None)), made_at=NOW)  # type: ignore[type-var] # a plan with everything has an outlook

    assert "Cost" not in text
    assert "Variants" not in text
    assert "What stands in the way" not in text


def test_marks_are_drawn_and_texts_may_run_either_way() -> None:
    text = html(plan(shown=[shown("*שלום* _b_ ~c~ ```d```")]), made_at=NOW)

    assert '<p class="body" dir="auto"><b>שלום</b> <i>b</i> <s>c</s> <code>d</code></p>' in text


def test_the_page_names_the_plan_and_the_command() -> None:
    text = html(plan(), made_at=NOW)

    assert "campaign launch config/spring.yaml --plan 1a2b3c4d-5e6f7a8b-9c0d1e2f" in text
    assert "Plan 1a2b3c4d-5e6f7a8b-9c0d1e2f, made on" in text


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no folder"):
        refuse_unwritable(tmp_path / "nowhere" / "plan.html")
    with pytest.raises(ConfigurationError, match="is a folder"):
        refuse_unwritable(tmp_path)
    refuse_unwritable(tmp_path / "plan.html")


def test_a_disk_that_refuses_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write_html(tmp_path / "nowhere" / "plan.html", "x")
