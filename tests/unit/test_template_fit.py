"""A message held against its template: by hand, and against the simulator's own judgement of the same pair."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from campaign.adapters.whatsapp.reading_templates import read_template
from campaign.domain.template_definition import TemplateDefinition
from campaign.domain.template_fit import Misfit, misfits
from campaign.simulator.template_listing import listed
from campaign.simulator.template_use import use_of
from campaign.simulator.templates import Template
from tests.samples import SAMPLES, sample, templates

SIMULATED = {(each["name"], each["language"]): Template.model_validate(each) for each in templates()}
USES = {
    name: wording.message["template"]
    for name in SAMPLES
    for wording in sample(name).wordings
    if wording.message.get("type") == "template"
}


def definition(template: Template) -> TemplateDefinition:
    """Read a template as the simulated account lists it."""
    found = read_template(json.loads(json.dumps(listed(template))))
    assert found is not None
    return found


def simulated(use: Mapping[str, Any]) -> Template:
    return SIMULATED[use["name"], use["language"]["code"]]


def found(use: Mapping[str, Any], template: Template) -> list[Misfit]:
    return list(misfits(use.get("components") or (), definition(template)))


@pytest.mark.parametrize("name", USES)
def test_every_sample_fits_the_template_it_sends(name: str) -> None:
    use = USES[name]

    assert found(use, simulated(use)) == []
    assert simulated(use).use_objection(use_of(use)) is None


def without(kind: str) -> Callable[[dict[str, Any]], None]:
    def spoil(use: dict[str, Any]) -> None:
        use["components"] = [each for each in use["components"] if each["type"] != kind]

    return spoil


def _one_more(use: dict[str, Any]) -> None:
    body = next(each for each in use["components"] if each["type"] == "body")
    body["parameters"].append({**body["parameters"][0], "parameter_name": "more"} if "parameter_name" in
                              body["parameters"][0] else body["parameters"][0])  # fmt: skip


def _one_less(use: dict[str, Any]) -> None:
    next(each for each in use["components"] if each["type"] == "body")["parameters"].pop()


def _a_button_more(use: dict[str, Any]) -> None:
    use["components"].append(
        {"type": "button", "sub_type": "url", "index": "9", "parameters": [{"type": "text", "text": "x"}]}
    )


def _another_sub_type(use: dict[str, Any]) -> None:
    next(each for each in use["components"] if each["type"] == "button")["sub_type"] = "flow_of_sorts"


def _another_header(use: dict[str, Any]) -> None:
    header = next(each for each in use["components"] if each["type"] == "header")
    header["parameters"] = [{"type": "image" if header["parameters"][0]["type"] == "video" else "video"}]


def _a_card_less(use: dict[str, Any]) -> None:
    next(each for each in use["components"] if each["type"] == "carousel")["cards"].pop()


def _a_card_without(kind: str) -> Callable[[dict[str, Any]], None]:
    def spoil(use: dict[str, Any]) -> None:
        card = next(each for each in use["components"] if each["type"] == "carousel")["cards"][1]
        there = [each for each in card["components"] if each["type"] == kind]
        card["components"].remove(there[-1])

    return spoil


def _no_names(use: dict[str, Any]) -> None:
    for each in next(each for each in use["components"] if each["type"] == "body")["parameters"]:
        del each["parameter_name"]


def _another_name(use: dict[str, Any]) -> None:
    next(each for each in use["components"] if each["type"] == "body")["parameters"][0]["parameter_name"] = "nickname"


SPOILT: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "no header": without("header"),
    "no body": without("body"),
    "no buttons": without("button"),
    "no offer": without("limited_time_offer"),
    "no cards": without("carousel"),
    "one value more": _one_more,
    "one value less": _one_less,
    "a button more": _a_button_more,
    "another kind of button": _another_sub_type,
    "another header": _another_header,
    "a card less": _a_card_less,
    "a card without its header": _a_card_without("header"),
    "a card without its link": _a_card_without("button"),
    "values without names": _no_names,
    "another name": _another_name,
}


def spoilt(name: str, how: str) -> dict[str, Any] | None:
    """Spoil a sample; None where it has nothing to spoil in that way."""
    use = copy.deepcopy(USES[name])
    try:
        SPOILT[how](use)
    except (StopIteration, KeyError, IndexError):
        return None
    return use if use != USES[name] else None


@pytest.mark.parametrize("how", SPOILT)
def test_what_the_platform_would_refuse_is_a_misfit_and_nothing_else_is(how: str) -> None:
    """Two readings of one reference: the simulator shares no code with us."""
    tried = 0
    for name in USES:
        use = spoilt(name, how)
        if use is None:
            continue
        tried += 1
        seen = found(use, simulated(use))
        refused = simulated(use).use_objection(use_of(use)) is not None
        assert any(each.blocks for each in seen) == refused, (name, seen)
        assert all(each.remedy and each.what for each in seen)
        assert all(each.path[:2] == ("template", "components") for each in seen)
    assert tried


def plain(**said: Any) -> TemplateDefinition:
    return definition(Template.model_validate({"name": "sale", "language": "fr", "body": "Oui {{1}} et {{2}}", **said}))


def filled(*texts: str, **more: Any) -> dict[str, Any]:
    return {"type": "body", "parameters": [{"type": "text", "text": each, **more} for each in texts]}


def test_a_count_names_the_variables_and_where_they_are_filled_in() -> None:
    (misfit,) = misfits([filled("a")], plain())

    assert misfit.what == "the template's body has 2 variables ({{1}}, {{2}}), the message fills in 1"
    assert misfit.path == ("template", "components", 0)
    assert misfit.remedy.startswith("write 2 parameters in the body component")


def test_names_are_held_against_names_one_by_one() -> None:
    named = plain(body="{{first_name}} {{city}}")
    strange, missing = misfits(
        [
            filled("a", parameter_name="first_nam"),
        ],
        named,
    )

    assert strange.path[-2:] == (0, "parameter_name")
    assert "first_name, city" in strange.remedy
    assert "2 variables ({{first_name}}, {{city}})" in missing.what


def test_a_name_where_the_template_counts_is_refused() -> None:
    (misfit,) = {each._replace(path=()) for each in misfits([filled("a", "b", parameter_name="x")], plain())}

    assert "have no names" in misfit.what


def test_a_link_without_a_variable_and_a_button_that_takes_nothing_are_left_out() -> None:
    template = plain(body="Oui", buttons=[{"type": "URL", "url": "https://example.com"}, {"type": "PHONE_NUMBER"}])
    url = {"type": "button", "sub_type": "url", "parameters": [{"type": "text", "text": "x"}]}

    link, phone = misfits([{**url, "index": 0}, {**url, "index": "1"}], template)

    assert "no variable" in link.what
    assert "takes no parameters" in phone.what
    assert {link.remedy, phone.remedy} == {"leave this component out"}


def test_what_this_program_does_not_know_is_a_warning() -> None:
    said = listed(Template(name="sale", language="fr", body="Oui"))
    said["components"] += [
        {"type": "HEADER", "format": "HOLOGRAM"},
        {"type": "ORIGAMI"},
        {"type": "BUTTONS", "buttons": [{"type": "TELEPORT"}]},
    ]
    template = read_template(json.loads(json.dumps(said)))
    assert template is not None

    seen = list(misfits([{"type": "button", "sub_type": "url", "index": 0}], template))

    assert [each.blocks for each in seen] == [False, False, False]
    assert [word for word in ("HOLOGRAM", "TELEPORT", "ORIGAMI") if any(word in each.what for each in seen)] == [
        "HOLOGRAM",
        "TELEPORT",
        "ORIGAMI",
    ]


def test_a_one_time_code_whose_words_nobody_tells_takes_its_code() -> None:
    said = listed(SIMULATED["login_code", "en"])
    said["components"][0] = {"type": "BODY", "add_security_recommendation": True}
    template = read_template(json.loads(json.dumps(said)))
    assert template is not None

    assert list(misfits(USES["template-code"]["components"], template)) == []


@pytest.mark.parametrize("components", [None, "x", {}, [], [None, 1]])
def test_a_template_whose_components_nobody_tells_refuses_no_message(components: Any) -> None:
    template = read_template({"name": "sale", "language": "fr", "components": components})
    assert template is not None

    (told,) = misfits([filled("a", "b")], template)

    assert not told.blocks
    assert "that part is not checked" in told.what


def test_a_thousand_parts_that_nobody_knows_are_told_in_ten_lines() -> None:
    parts = [{"type": "BODY", "text": "Oui"}, *({"type": f"K{at}"} for at in range(1000))]
    template = read_template({"name": "sale", "language": "fr", "components": parts})
    assert template is not None

    assert len(list(misfits([], template))) == 10
