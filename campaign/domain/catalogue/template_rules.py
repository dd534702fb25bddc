"""What the components of a template must agree on."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final

from campaign.domain.catalogue.fault import Fault, Path, has_expression
from campaign.domain.catalogue.rules import Place, counted, found, items
from campaign.domain.catalogue.vocabulary import Around

SINGLE: Final = ("header", "body", "limited_time_offer", "carousel")
COUNTED: Final = {
    "quick_reply": "template quick replies",
    "url": "template URL buttons",
    "copy_code": "template copy code buttons",
}
PRINTED: Final = frozenset({"text", "currency", "date_time"})


def of_kind(components: Any, kind: str, path: Path = ()) -> list[Place]:  # noqa: ANN401 - a message is any JSON value
    """Give the components of a type with their paths."""
    return [(at, each) for at, each in items(components, path) if _word(each, "type") == kind]


def is_offer(template: Mapping[str, Any]) -> bool:
    """Tell whether the template has a limited-time offer, which shortens its body."""
    return bool(of_kind(template.get("components"), "limited_time_offer"))


def once_each(components: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Refuse a second component of a type that a template has once."""
    for kind in SINGLE:
        for at, _again in of_kind(components, kind, path)[1:]:
            yield Fault((*at, "type"), f"a second component of type {kind}", "keep one, with all its parameters")


def buttons(components: Any, path: Path, around: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Check how many buttons there are, and their places."""
    there = of_kind(components, "button", path)
    yield from counted("template buttons", there, path)
    for kind, limit in COUNTED.items():
        yield from counted(limit, [(at, each) for at, each in there if _word(each, "sub_type") == kind], path)
    yield from _indexes(there, around)
    yield from _groups(there)


def card_buttons(components: Any, path: Path, around: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Check the buttons of one card."""
    there = of_kind(components, "button", path)
    yield from counted("template card buttons", there, path)
    yield from _indexes(there, around)


def _indexes(there: list[Place], around: Around) -> Iterator[Fault]:
    seen = Counter[str]()
    for at, button in there:
        index = found(button, "index")
        seen[str(index)] += 1
        if index is not None and seen[str(index)] > 1:
            yield Fault((*at, "index"), "another button has the same index", "count them as in the template, from 0")
        # On-Premises takes a lone button without its index; the Cloud API never does (131008).
        if index is None and isinstance(button, Mapping) and (around.dialect == "cloud" or len(there) > 1):
            yield Fault(at, "'index' is missing", "write index: 0 for the template's first button, 1 for its second")


def _groups(there: list[Place]) -> Iterator[Fault]:
    """Ask that quick replies stand together; buttons without parameters are not in the message, and cannot be seen."""
    placed = [(position, place) for place in there if (position := _position(place[1])) is not None]
    ordered = [place for _, place in sorted(placed, key=itemgetter(0))]
    kinds = [(at, _word(button, "sub_type") == "quick_reply") for at, button in ordered]
    changes = [after[0] for before, after in pairwise(kinds) if before[1] != after[1]]
    if len(changes) > 1:
        what = "quick replies and other buttons alternate, which no template can"
        yield Fault((*changes[1], "index"), what, "write the indexes of the approved template")


def _position(button: Any) -> int | None:  # noqa: ANN401 - see above
    index = str(found(button, "index"))
    return int(index) if index.isdecimal() else None


def offer_buttons(template: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Ask for the places an offer's buttons have: its code first, its link after it."""
    where = (*path, "components")
    there = of_kind(template.get("components"), "button", where)
    codes = [each for _, each in there if _word(each, "sub_type") == "copy_code"]
    expected = 1 if codes else 0
    for at, button in there:
        if _word(button, "sub_type") == "url" and _position(button) not in {None, expected}:
            what = f"an offer's link is button {expected} " + ("after its code" if codes else "where it has no code")
            yield Fault((*at, "index"), what, f"write index: {expected}")


def named_or_not(template: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Refuse a mixture of named and positional parameters, and a name twice in one component."""
    places = list(_printed(template.get("components"), (*path, "components")))
    if any("parameter_name" in each for _, each in places):
        for at, each in places:
            if "parameter_name" not in each:
                remedy = "write parameter_name: ... here too, or nowhere"
                yield Fault(at, "this parameter has no name, and others have", remedy)
    seen = set[tuple[Path, str]]()
    for at, each in places:
        name = (at[:-1], str(each.get("parameter_name")))
        if "parameter_name" in each and name in seen:
            yield Fault((*at, "parameter_name"), "another parameter has the same name", "write each name once")
        seen.add(name)


def _printed(components: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:  # noqa: ANN401 - see above
    for at, component in items(components, path):
        for card_at, card in items(found(component, "cards"), (*at, "cards")):
            yield from _printed(found(card, "components"), (*card_at, "components"))
        if _word(component, "type") in {"header", "body"}:
            for deep, each in items(found(component, "parameters"), (*at, "parameters")):
                if isinstance(each, Mapping) and _word(each, "type") in PRINTED:
                    yield deep, each


def same_cards(cards: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Ask that all cards have the same components, headers of one type included."""
    there = [(at, _shape(card)) for at, card in items(cards, path)]
    for at, shape in there[1:]:
        if shape != there[0][1]:
            what = "the card has other components, or another type of header, than the first one"
            yield Fault(at, what, "give all cards the components of the approved template, in one order")


def _shape(card: Any) -> list[tuple[str, ...]]:  # noqa: ANN401 - see above
    return [
        (
            _word(each, "type"),
            _word(each, "sub_type"),
            str(found(each, "index")),
            *(_word(parameter, "type") for _, parameter in items(found(each, "parameters"), ())),
        )
        for _, each in items(found(card, "components"), ())
    ]


def code_twice(template: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Ask for a one-time code in the body and, the same one, in the first button."""
    where = (*path, "components")
    body, button = (_texts(template.get("components"), kind, where) for kind in ("body", "button"))
    if len(body) != 1 or len(button) != 1:
        what = "a one-time code stands once in the body and once in the button"
        yield Fault(where, what, "write one text parameter in each, with the same code")
    elif body[0][1] != button[0][1] and not has_expression(body[0][1] + button[0][1]):
        yield Fault(button[0][0], "the button's code is not the body's", "write the same code in both")


def _texts(components: Any, kind: str, where: Path) -> list[tuple[Path, str]]:  # noqa: ANN401 - see above
    return [
        ((*at, "text"), str(found(each, "text")))
        for component_at, component in of_kind(components, kind, where)
        for at, each in items(found(component, "parameters"), (*component_at, "parameters"))
    ]


def _word(value: Any, key: str) -> str:  # noqa: ANN401 - see above
    return str(found(value, key) or "").lower()
