"""What a template looks like: its own words with the file's values in them, or, unknown, the values by their places."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from campaign.domain.preview.bubble import UNKNOWN_LABEL, Bubble, Button, ButtonKind, Card, Filled, Media, Section
from campaign.domain.preview.reading import FILES, Json, Names, items, media, part, place, product, products, text
from campaign.domain.template_definition import ButtonDefinition, PartDefinition, TemplateDefinition

_VARIABLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")

# How each kind of button of a message, and of a template, behaves, and its label where WhatsApp writes it.
_SENT: Final[Mapping[str, tuple[ButtonKind, str]]] = {
    "quick_reply": ("reply", ""),
    "url": ("url", ""),
    "copy_code": ("copy", "Copy code"),
    "catalog": ("open", "View catalog"),
    "flow": ("open", ""),
    "mpm": ("open", "View items"),
    "voice_call": ("call", ""),
    "otp": ("copy", "Copy code"),
    "spm": ("open", "View"),
    "phone_number": ("call", ""),
}
_OPENS: Final[Mapping[str, str]] = {
    "catalog": "your catalogue",
    "flow": "a form in WhatsApp",
    "mpm": "the products below",
    "spm": "the product",
    "voice_call": "calls you in WhatsApp",
    "phone_number": "calls you",
}


def template(message: Json, definition: TemplateDefinition | None, names: Names) -> Bubble:
    """Draw a template message."""
    components = items(message, "components")
    whole = definition.whole if definition is not None else None
    card = _card(components, whole, names)
    cards = definition.cards if definition is not None else ()
    return Bubble(
        media=card.media,
        title=_title(components, whole),
        body=card.body,
        footer=text(whole.footer) if whole is not None else "",
        filled=(*card.filled, *_extras(components)),
        buttons=card.buttons,
        sections=_sections(components),
        cards=tuple(_cards(components, cards, names)),
        template=text(f"{message.get('name')} ({part(message, 'language').get('code')})"),
        known=whole is not None,
    )


def _card(components: Sequence[Json], words: PartDefinition | None, names: Names) -> Card:
    body = words.body if words is not None else None
    values = _values(_of_kind(components, "body"))
    unknown = () if body is not None else tuple(Filled(f"text {name}", value) for name, value in values.items())
    header = _values(_of_kind(components, "header")) if words is None else {}
    return Card(
        media=_media(components, words, names),
        body=_filled(body or "", values),
        filled=(*(Filled("heading", value) for value in header.values() if value), *unknown),
        buttons=tuple(_buttons(components, words)),
    )


def _cards(components: Sequence[Json], words: Sequence[PartDefinition], names: Names) -> Iterator[Card]:
    for at, each in enumerate(items(_of_kind(components, "carousel"), "cards")):
        yield _card(items(each, "components"), words[at] if at < len(words) else None, names)


def _of_kind(components: Sequence[Json], kind: str) -> Json:
    return next((each for each in components if str(each.get("type")).lower() == kind), {})


def _title(components: Sequence[Json], words: PartDefinition | None) -> str:
    header = words.header if words is not None else None
    return _filled(header.text, _values(_of_kind(components, "header"))) if header is not None else ""


def _media(components: Sequence[Json], words: PartDefinition | None, names: Names) -> Media | None:
    for parameter in items(_of_kind(components, "header"), "parameters"):
        kind = str(parameter.get("type")).lower()
        if kind in FILES:
            return media(kind, parameter, names)
        if kind == "location":
            return place(parameter)
        if kind == "product":
            return product(part(parameter, "product"))
    form = words.header.form.lower() if words is not None and words.header is not None else ""
    return Media(form) if form in FILES else None  # type: ignore[arg-type] # those are kinds


def _values(component: Json) -> dict[str, str]:
    """Read what a component fills in, by the variable's name or number."""
    found = {}
    for at, parameter in enumerate(items(component, "parameters"), start=1):
        kind = str(parameter.get("type")).lower()
        value = parameter.get("text") if kind == "text" else part(parameter, kind).get("fallback_value")
        if value is not None:
            found[str(parameter.get("parameter_name") or at)] = text(value)
    return found


def _filled(words: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text(words))


def _buttons(components: Sequence[Json], words: PartDefinition | None) -> Iterator[Button]:
    sent = {str(each.get("index", at)): each for at, each in enumerate(_sent_buttons(components))}
    if words is None:
        yield from (_button(str(each.get("sub_type")).lower(), each, None) for each in sent.values())
        return
    for at, each in enumerate(words.buttons):
        yield _button(each.kind.lower(), sent.get(str(at), {}), each)


def _sent_buttons(components: Sequence[Json]) -> list[Json]:
    return [each for each in components if str(each.get("type")).lower() == "button"]


def _button(kind: str, sent: Json, words: ButtonDefinition | None) -> Button:
    drawn, label = _SENT.get(kind, ("open", ""))
    parameter = next(iter(items(sent, "parameters")), {})
    own = text(words.text) if words is not None else ""
    return Button(drawn, own or label or UNKNOWN_LABEL, _leads_to(kind, parameter, words))


def _leads_to(kind: str, parameter: Json, words: ButtonDefinition | None) -> str:
    if kind in _OPENS:
        return _OPENS[kind]
    value = text(next((parameter[key] for key in ("text", "coupon_code", "payload") if key in parameter), None))
    if kind != "url":
        return value
    # The end of the address alone is known, if the template is not.
    return _VARIABLE.sub(lambda found: value or found[0], text(words.url)) if words else f"…{value}" if value else ""


def _sections(components: Sequence[Json]) -> tuple[Section, ...]:
    for each in _sent_buttons(components):
        for parameter in items(each, "parameters"):
            if found := products(part(parameter, "action")):
                return found
    return ()


def _extras(components: Sequence[Json]) -> Iterator[Filled]:
    for parameter in items(_of_kind(components, "limited_time_offer"), "parameters"):
        ends = part(parameter, "limited_time_offer").get("expiration_time_ms")
        if isinstance(ends, (int, float)):
            yield Filled("the offer ends", f"{datetime.fromtimestamp(ends / 1000, UTC):%d %b %Y %H:%M} UTC")
    for parameter in items(_of_kind(components, "order_status"), "parameters"):
        order = part(part(parameter, "order_status"), "order")
        yield Filled("the order is", text(order.get("description") or order.get("status")))
