"""What an interactive message looks like: buttons, lists, products, forms, cards."""

from collections.abc import Iterator, Mapping
from typing import Final

from campaign.domain.preview.bubble import Bubble, Button, Card, Media, Section
from campaign.domain.preview.reading import FILES, Json, Names, items, link, media, part, product, products, text

# Buttons whose label WhatsApp itself writes, in the reader's language.
# Source: Meta, "Interactive ... messages", 3 Nov 2025, by its pictures.
_OWN_LABELS: Final[Mapping[str, Button]] = {
    "location_request_message": Button("open", "Send location", "asks for their place on the map"),
    "address_message": Button("open", "Provide address", "a form for their address"),
    "call_permission_request": Button("open", "Allow calls", "asks whether you may call"),
    "catalog_message": Button("open", "View catalog", "your catalogue"),
    "product_list": Button("open", "View items", "the products below"),
    "product": Button("open", "View", "the product"),
}


def interactive(message: Json, names: Names) -> Bubble:
    """Draw an interactive message of any type."""
    kind, header, action = str(message.get("type")), part(message, "header"), part(message, "action")
    return Bubble(
        media=product(action) if kind == "product" else _file(header, names),
        title=text(header.get("text")),
        body=text(part(message, "body").get("text")),
        footer=text(part(message, "footer").get("text")),
        buttons=tuple(_buttons(kind, action)),
        sections=_sections(kind, action),
        cards=tuple(_card(each, names) for each in items(action, "cards")),
    )


def _file(header: Json, names: Names) -> Media | None:
    kind = str(header.get("type"))
    return media(kind, header, names) if kind in FILES else None


def _sections(kind: str, action: Json) -> tuple[Section, ...]:
    if kind == "product_list":
        return products(action)
    return tuple(
        Section(text(each.get("title")), tuple(_row(row) for row in items(each, "rows")))
        for each in items(action, "sections")
    )


def _row(row: Json) -> tuple[str, str]:
    return text(row.get("title")), text(row.get("description"))


def _buttons(kind: str, action: Json) -> Iterator[Button]:
    parameters = part(action, "parameters")
    if kind == "button":
        for each in items(action, "buttons"):
            reply = part(each, "reply")
            yield Button("reply", text(reply.get("title")), text(reply.get("id")))
    elif kind == "cta_url":
        yield link(parameters)
    elif kind == "list":
        yield Button("open", text(action.get("button")), "the list below")
    elif kind == "flow":
        yield Button("open", text(parameters.get("flow_cta")), "a form in WhatsApp")
    elif kind in _OWN_LABELS:
        yield _OWN_LABELS[kind]


def _card(card: Json, names: Names) -> Card:
    action = part(card, "action")
    if card.get("type") == "product":
        return Card(media=product(action))
    return Card(
        media=_file(part(card, "header"), names),
        body=text(part(card, "body").get("text")),
        buttons=(link(part(action, "parameters")),),
    )
