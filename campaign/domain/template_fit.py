"""What a message fills in, held against what its template asks for: names, counts, formats, buttons, cards.

Each misfit is what the platform would answer 132000, 132012 or 132018 to, for everybody. Source: Meta, "Template
components", "Media card carousel templates", "Limited-time offer templates" and "Authentication templates", Nov 2025.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from campaign.domain.catalogue.fault import Path
from campaign.domain.template_definition import (
    UNREADABLE,
    ButtonDefinition,
    HeaderDefinition,
    PartDefinition,
    TemplateDefinition,
    variables_of,
)

_HEADER_FORMS: Final = frozenset({"TEXT", "IMAGE", "VIDEO", "DOCUMENT", "GIF", "LOCATION", "PRODUCT"})
_COMPONENTS: Final[Path] = ("template", "components")


class Misfit(NamedTuple):
    """What does not fit, with its path in the message; without `blocks` it could not be told."""

    path: Path
    what: str
    remedy: str
    blocks: bool = True


class _Placed(NamedTuple):
    """A component of a message, and where it stands."""

    path: Path
    component: Mapping[str, Any]

    @property
    def parameters(self) -> list[tuple[Path, Mapping[str, Any]]]:
        return list(_objects(self.component.get("parameters"), (*self.path, "parameters")))


def misfits(components: Sequence[Any], definition: TemplateDefinition) -> Iterator[Misfit]:
    """Find everything in which a message and its template differ."""
    if UNREADABLE not in definition.strange:
        filled = _Filled(components, _COMPONENTS, definition.is_named)
        yield from filled.misfits(definition.whole, "the template")
        yield from _offer(filled, definition)
        yield from _cards(filled, definition)
    for kind in definition.strange:
        what = f"the template has {_strange(kind)} that this program does not know: that part is not checked"
        yield Misfit(_COMPONENTS, what, "send it to yourself first, with `campaign test`", blocks=False)


class _Filled:
    """What a message fills into a template, or into one of its cards."""

    def __init__(self, components: Any, path: Path, is_named: bool) -> None:  # noqa: ANN401, FBT001 - a message is any JSON value; read off the template
        self.path = path
        self._named = is_named
        placed = [_Placed(at, each) for at, each in _objects(components, path)]
        self._by_kind = {_word(each.component, "type"): each for each in placed}
        self._buttons = [each for each in placed if _word(each.component, "type") == "button"]

    def of(self, kind: str) -> _Placed | None:
        return self._by_kind.get(kind)

    def misfits(self, part: PartDefinition, whose: str) -> Iterator[Misfit]:
        yield from self._header(part.header, whose)
        yield from self._body(part, whose)
        yield from self._button_places(part.buttons, whose)
        yield from self._missing_buttons(part.buttons, whose)

    def _header(self, header: HeaderDefinition | None, whose: str) -> Iterator[Misfit]:
        filled = self.of("header")
        if header is None:
            if filled is not None:
                yield Misfit(filled.path, f"{whose} has no header", "leave this component out")
        elif header.form == "TEXT":
            yield from self._texts(filled, header.variables, f"{whose}'s header", "header")
        elif header.form in _HEADER_FORMS:
            yield from self._medium(filled, header.form.lower(), whose)
        else:
            what = f"{whose} has a header of form {header.form}, which this program does not know: it is not checked"
            yield Misfit(self.path, what, "send it to yourself first, with `campaign test`", blocks=False)

    def _medium(self, filled: _Placed | None, form: str, whose: str) -> Iterator[Misfit]:
        remedy = f"write {{type: header, parameters: [{{type: {form}, {form}: ...}}]}}"
        given = filled.parameters if filled is not None else []
        if not given:
            yield Misfit(filled.path if filled else self.path, f"{whose} has a header with {_a(form)}", remedy)
        for at, each in given:
            if _word(each, "type") != form:
                what = f"{whose} has {_a(form)} in its header, not {_a(_word(each, 'type') or 'this')}"
                yield Misfit((*at, "type"), what, remedy)

    def _body(self, part: PartDefinition, whose: str) -> Iterator[Misfit]:
        filled = self.of("body")
        if part.body is None:
            # Of one-time codes the text is WhatsApp's own; the catalogue holds the message to its one code.
            return
        yield from self._texts(filled, part.variables, f"{whose}'s body", "body")

    def _texts(self, filled: _Placed | None, names: Sequence[str], whose: str, kind: str) -> Iterator[Misfit]:
        given = filled.parameters if filled is not None else []
        where = filled.path if filled is not None else self.path
        if self._named and names:
            yield from _by_name(given, names, whose, where)
        elif len(given) != len(names):
            yield Misfit(where, f"{whose} has {_variables(names)}, the message fills in {len(given)}",
                         _as_many(names, kind))  # fmt: skip
        elif not self._named:
            for at, each in given:
                if "parameter_name" in each:
                    remedy = "leave parameter_name out: they are filled in in the order they are written"
                    yield Misfit((*at, "parameter_name"), f"the variables of {whose} have no names", remedy)

    def _button_places(self, buttons: Sequence[ButtonDefinition], whose: str) -> Iterator[Misfit]:
        for placed in self._buttons:
            index, sub_type = _index(placed.component), _word(placed.component, "sub_type")
            if index is None:
                continue
            if index >= len(buttons):
                count = f"{len(buttons)} button{'s' * (len(buttons) != 1)}" if buttons else "no buttons"
                remedy = "leave this component out" if not buttons else f"write an index from 0 to {len(buttons) - 1}"
                yield Misfit((*placed.path, "index"), f"{whose} has {count}, and none numbered {index}", remedy)
            else:
                yield from _kind_of_button(placed, buttons[index], sub_type, f"button {index} of {whose}")

    def _missing_buttons(self, buttons: Sequence[ButtonDefinition], whose: str) -> Iterator[Misfit]:
        there = {_index(each.component) for each in self._buttons}
        for index, button in enumerate(buttons):
            if button.is_filled and index not in there:
                what = f"button {index} of {whose} ({button.kind}) has something to be filled in"
                remedy = f'write {{type: button, sub_type: {button.sub_type}, index: "{index}", parameters: [...]}}'
                yield Misfit(self.path, what, remedy)


def _kind_of_button(placed: _Placed, button: ButtonDefinition, sub_type: str, whose: str) -> Iterator[Misfit]:
    if not button.is_known:
        what = f"{whose} is {button.kind}, which this program does not know: it is not checked"
        yield Misfit(placed.path, what, "send it to yourself first, with `campaign test`", blocks=False)
    elif button.sub_type is None:
        yield Misfit(placed.path, f"{whose} is {button.kind}, which takes no parameters", "leave this component out")
    elif button.sub_type != sub_type:
        what, remedy = f"{whose} is {button.kind}, not {sub_type}", f"write sub_type: {button.sub_type}"
        yield Misfit((*placed.path, "sub_type"), what, remedy)
    elif button.kind == "URL" and not variables_of(button.url) and placed.parameters:
        yield Misfit(placed.path, f"the link of {whose} has no variable", "leave this component out")


def _by_name(
    given: Sequence[tuple[Path, Mapping[str, Any]]], names: Sequence[str], whose: str, where: Path
) -> Iterator[Misfit]:
    named = [str(each.get("parameter_name")) for _, each in given if "parameter_name" in each]
    for at, each in given:
        name = each.get("parameter_name")
        if name is None:
            remedy = f"write parameter_name: one of {', '.join(names)}"
            yield Misfit(at, f"the variables of {whose} have names, and this parameter has none", remedy)
        elif name not in names:
            remedy = f"it has {', '.join(names)}"
            yield Misfit((*at, "parameter_name"), f"{whose} has no variable '{name}'", remedy)
    if missing := [name for name in names if name not in named]:
        remedy = f'add {{type: text, parameter_name: {missing[0]}, text: "{{{{ column }}}}"}}'
        yield Misfit(where, f"{whose} has {_variables(missing)} that the message does not fill in", remedy)


def _offer(filled: _Filled, definition: TemplateDefinition) -> Iterator[Misfit]:
    there = filled.of("limited_time_offer")
    if there is not None and definition.offer == "none":
        yield Misfit(there.path, "the template has no limited-time offer", "leave this component out")
    elif there is None and definition.offer == "needed":
        parameter = "{type: limited_time_offer, limited_time_offer: {expiration_time_ms: ...}}"
        remedy = f"write {{type: limited_time_offer, parameters: [{parameter}]}}"
        yield Misfit(filled.path, "the template has a limited-time offer, and the message no end of it", remedy)


def _cards(filled: _Filled, definition: TemplateDefinition) -> Iterator[Misfit]:
    there = filled.of("carousel")
    if there is None or not definition.cards:
        if there is not None:
            yield Misfit(there.path, "the template has no cards", "leave this component out")
        elif definition.cards:
            what = f"the template has {len(definition.cards)} cards, the message none"
            yield Misfit(filled.path, what, "write {type: carousel, cards: [...]}")
        return
    path = (*there.path, "cards")
    cards = list(_objects(there.component.get("cards"), path))
    if len(cards) != len(definition.cards):
        what = f"the template has {len(definition.cards)} cards, the message {len(cards)}"
        yield Misfit(path, what, "write as many as the template has: WhatsApp takes no other number")
    for (at, card), part in zip(cards, definition.cards, strict=False):
        inside = _Filled(card.get("components"), (*at, "components"), definition.is_named)
        yield from inside.misfits(part, f"card {at[-1]} of the template")


def _index(button: Mapping[str, Any]) -> int | None:
    """Read where a button stands; without an index it is the only one, and On-Premises."""
    written = str(button.get("index", 0))
    return int(written) if written.isdecimal() else None


def _variables(names: Sequence[str]) -> str:
    listed = ", ".join("{{" + name + "}}" for name in names)
    return f"{len(names)} variable{'s' * (len(names) != 1)}" + (f" ({listed})" if names else "")


def _as_many(names: Sequence[str], kind: str) -> str:
    if not names:
        return f"leave the {kind} component out" if kind == "header" else f"leave the parameters of the {kind} out"
    return f"write {len(names)} parameter{'s' * (len(names) != 1)} in the {kind} component, in the template's order"


def _a(form: str) -> str:
    return f"an {form}" if form == "image" else form if form == "this" else f"a {form}"


def _strange(kind: str) -> str:
    return kind if kind in (UNREADABLE, "a component") else f"a component {kind}"


def _objects(value: Any, path: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:  # noqa: ANN401 - a message is any JSON value
    if isinstance(value, Sequence) and not isinstance(value, str):
        for index, each in enumerate(value):
            if isinstance(each, Mapping):
                yield (*path, index), each


def _word(value: Mapping[str, Any], key: str) -> str:
    return str(value.get(key) or "").lower()
