"""Each limit of the table, for each recipient: the longest allowed is written, one more is refused."""

import re
from pathlib import Path

import pytest

from campaign.domain.catalogue.limits import LIMITS
from campaign.domain.message import check_message, spelled
from campaign.domain.rendering import RenderRefusal, UnusableMessage, compile_message
from tests.unit.catalogue.cases import CATEGORIES, ITEMS, TEXTS, filled, of_length, place_of

CONSTANT = {"template name"}
CATALOGUE = Path(__file__).parents[3] / "campaign" / "domain" / "catalogue"


def test_every_limit_has_its_case_and_every_case_its_limit() -> None:
    assert {name for name, limit in LIMITS.items() if limit.unit != "items"} == set(TEXTS)
    assert {name for name, limit in LIMITS.items() if limit.unit == "items"} == set(ITEMS)


def test_every_limit_is_used_and_says_where_it_comes_from() -> None:
    tables = "".join(path.read_text() for path in CATALOGUE.glob("*.py") if path.name != "limits.py")
    assert [name for name in LIMITS if f'"{name}"' not in tables] == []
    assert [name for name, limit in LIMITS.items() if not re.search(r"2025|reference|OpenAPI", limit.source)] == []


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - CONSTANT))
def test_the_longest_text_is_written_for_a_recipient_and_one_more_is_refused(name: str) -> None:
    limit, message = LIMITS[name], TEXTS[name]
    compiled = compile_message(filled(message, "{{ value }}"), category=CATEGORIES.get(name))
    assert isinstance(compiled.render({"value": of_length(limit.unit, limit.most)}), bytes)
    refusal = compiled.render({"value": of_length(limit.unit, limit.most + 1)})
    assert isinstance(refusal, RenderRefusal)
    path = place_of(message)
    assert path is not None
    assert (refusal.path, refusal.reason in {"too_long", "malformed"}) == (spelled(path), True)
    assert str(limit.most) in refusal.what


@pytest.mark.parametrize("name", sorted(TEXTS.keys() - CONSTANT))
def test_what_stands_around_an_expression_counts_too(name: str) -> None:
    limit = LIMITS[name]
    message = filled(TEXTS[name], of_length(limit.unit, limit.most) + "{{ value }}")
    category = CATEGORIES.get(name)
    assert check_message(message, category=category) == []
    refusal = compile_message(message, category=category).render({"value": of_length(limit.unit, 1)})
    assert isinstance(refusal, RenderRefusal)
    assert refusal.reason in {"too_long", "malformed"}


@pytest.mark.parametrize("name", sorted(CONSTANT))
def test_what_is_the_same_for_everybody_takes_no_expression(name: str) -> None:
    with pytest.raises(UnusableMessage):
        compile_message(filled(TEXTS[name], "{{ value }}"))


@pytest.mark.parametrize("name", [name for name, limit in LIMITS.items() if limit.least])
def test_too_few_are_refused_too(name: str) -> None:
    message = ITEMS[name][0](LIMITS[name].least - 1)
    assert check_message(message) != []


# What Meta's pages and its OpenAPI description say, once more and apart: a slip of the pen in the table shows here.
FIGURES = {
    4096: {"text body"},
    2000: {"template URL"},
    1024: {"caption", "interactive body", "template body"},
    600: {"template offer body"},
    512: {"template name"},
    257: {"contacts"},
    256: {"reply button id"},
    200: {"row id"},
    160: {"carousel card body", "template card body"},
    100: {"product"},
    72: {"row description"},
    60: {"interactive header", "interactive header sub-text", "interactive footer", "template header"},
    30: {"products", "template products"},
    24: {"section title", "row title", "template section title"},
    20: {"reply button title", "list button", "link button", "flow button"},
    15: {"coupon code", "one-time code"},
    10: {
        *("list sections", "list rows", "product sections", "carousel cards", "template buttons"),
        *("template quick replies", "template cards", "template product sections"),
    },
    3: {"reply buttons"},
    2: {"carousel card line breaks", "template URL buttons", "template card buttons"},
    1: {"template copy code buttons", "header parameters", "button parameters", "offer parameters"},
}


def test_the_figures_are_those_of_the_sources() -> None:
    assert {name: limit.most for name, limit in LIMITS.items()} == {
        name: figure for figure, names in FIGURES.items() for name in names
    }
