"""What one message says about the template it uses, and what it fills in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

TemplateKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """What is filled into a template, or into one card: kind of header, count of body values, buttons by place."""

    header: str | None = None
    body: int = 0
    names: tuple[str, ...] = ()
    buttons: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """A template and all that is filled into it; `offer` says whether a limited-time offer is."""

    key: TemplateKey
    whole: Part = Part()
    cards: tuple[Part, ...] = ()
    offer: bool = False


def use_of(template: Mapping[str, Any]) -> TemplateUse:
    """Read the content of a template message that nothing speaks against."""
    components = template.get("components", ())
    kinds = {each["type"].lower(): each for each in components}
    return TemplateUse(
        (template["name"], template["language"]["code"]),
        _part(components),
        tuple(_part(card["components"]) for card in _cards(kinds.get("carousel", {}))),
        offer="limited_time_offer" in kinds,
    )


def _cards(carousel: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return sorted(carousel.get("cards", ()), key=lambda card: int(card["card_index"]))


def _part(components: Sequence[Mapping[str, Any]]) -> Part:
    header, body, names, buttons = None, 0, (), {}
    for component in components:
        match component["type"].lower():
            case "header":
                header = component["parameters"][0]["type"]
            case "body":
                parameters = component.get("parameters", ())
                body = len(parameters)
                names = tuple(each["parameter_name"] for each in parameters if "parameter_name" in each)
            case "button":
                # Without an index it is the only one, and On-Premises.
                buttons[int(component.get("index", 0))] = component["sub_type"].lower()
    return Part(header, body, names, buttons)
