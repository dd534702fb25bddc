"""What several places of a message must agree on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from campaign.domain.catalogue.fault import Fault, Path, has_expression
from campaign.domain.catalogue.limits import LIMITS
from campaign.domain.catalogue.vocabulary import Around, Rule

Place = tuple[Path, Any]


def items(value: Any, path: Path) -> Iterator[Place]:  # noqa: ANN401 - a message is any JSON value
    """Give the items of a list with their paths; nothing where there is no list."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        yield from (((*path, index), item) for index, item in enumerate(value))


def found(value: Any, *steps: str) -> Any:  # noqa: ANN401 - see above
    """Give what lies under some keys, or None."""
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def counted(limit: str, places: Sequence[Place], path: Path) -> Iterator[Fault]:
    """Check a number of items against LIMITS; point at the first one too many."""
    least, most = LIMITS[limit].least, LIMITS[limit].most
    if len(places) > most:
        yield Fault(places[most][0], f"{len(places)} {limit}", f"keep at most {most}")
    elif len(places) < least:
        yield Fault(path, f"{len(places)} {limit}", f"write {least} to {most}" if most > least else f"write {least}")


def another_part_of_the_name(parts: Sequence[str]) -> Rule:
    """Ask for one more part: a formatted name alone is refused (131009)."""

    def rule(name: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
        if not any(part in name for part in parts):
            yield Fault(
                path, "a contact's name needs another part beside formatted_name", f"write one of {', '.join(parts)}"
            )

    return rule


def unique(*steps: str, inside: str | None = None) -> Rule:
    """Ask that what lies under some keys is nowhere the same; with `inside`, over the items of all the lists there."""

    def rule(value: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
        places = list(items(value, path))
        if inside:
            places = [deep for at, each in places for deep in items(found(each, inside), (*at, inside))]
        seen = set[str]()
        for at, each in places:
            text = found(each, *steps)
            if isinstance(text, str) and text in seen and not has_expression(text):
                yield Fault((*at, *steps), f"another one has the same {steps[-1]}", f"give each {steps[-1]} once")
            seen.add(str(text))

    return rule


def counted_together(inside: str, limit: str) -> Rule:
    """Count the items of all the lists under a key against LIMITS."""

    def rule(sections: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
        places = [deep for at, each in items(sections, path) for deep in items(found(each, inside), (*at, inside))]
        if len(places) > LIMITS[limit].most:
            yield from counted(limit, places, path)
        for at, each in items(sections, path):
            if found(each, inside) == []:
                yield Fault((*at, inside), f"'{inside}' is empty", "write at least one item")

    return rule


def titled(sections: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Ask for a title of each section where there is more than one."""
    several = list(items(sections, path))
    for at, section in several if len(several) > 1 else ():
        if isinstance(section, Mapping) and "title" not in section:
            yield Fault(at, "a section beside others needs a title", "write title: ...")


def indexed_in_order(cards: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Ask that cards are numbered 0, 1, 2 as they stand."""
    for number, (at, card) in enumerate(items(cards, path)):
        index = found(card, "card_index")
        if index is not None and str(index) != str(number):
            yield Fault((*at, "card_index"), f"the card stands at place {number}", f"write card_index: {number}")


def same_everywhere(*steps: str) -> Rule:
    """Ask that all cards have the same under some keys, where they have it at all."""

    def rule(cards: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
        there = [(at, found(card, *steps)) for at, card in items(cards, path)]
        first = next((value for _, value in there if isinstance(value, str)), None)
        for at, value in there:
            if isinstance(value, str) and value != first:
                what = f"the cards' {' '.join(steps)} is '{first}' in the first one"
                yield Fault((*at, *steps), what, "write the same in every card")

    return rule


def navigates(flow: Any, path: Path, _: Around) -> Iterator[Fault]:  # noqa: ANN401 - see above
    """Refuse a first screen where the endpoint is asked for it."""
    if flow.get("flow_action") == "data_exchange" and "flow_action_payload" in flow:
        remedy = "leave it out: with data_exchange your endpoint chooses the screen"
        yield Fault((*path, "flow_action_payload"), "'flow_action_payload' goes with flow_action: navigate", remedy)
