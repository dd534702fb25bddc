"""The pieces of a message in the API's shape, read without a fault whatever they hold."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from campaign.domain.preview.bubble import Button, Media, MediaKind, Section
from campaign.domain.preview.marks import neutral

Json = Mapping[str, Any]
Names = Mapping[str, str]

FILES: Final = frozenset({"image", "video", "gif", "document", "audio", "voice", "sticker"})


def part(holder: Json, key: str) -> Json:
    """Give the object under a key, an empty one where there is none."""
    found = holder.get(key)
    return found if isinstance(found, Mapping) else {}


def items(holder: Json, key: str) -> list[Json]:
    """Give the objects of the list under a key."""
    found = holder.get(key)
    several = isinstance(found, Sequence) and not isinstance(found, str)
    return [each for each in cast("Sequence[Any]", found) if isinstance(each, Mapping)] if several else []


def text(value: object) -> str:
    """Write a value as harmless text; nothing for no value."""
    return "" if value is None else neutral(str(value)).strip("\n")


def media(kind: str, holder: Json, names: Names) -> Media:
    """Draw a file under the name its reader sees, else as it is called where it comes from."""
    sent = part(holder, kind)
    drawn = cast("MediaKind", "voice" if sent.get("voice") is True else kind)
    name = sent.get("filename") or names.get(str(sent.get("file"))) or _last(str(sent.get("link") or ""))
    return Media(drawn, text(name))


def place(holder: Json) -> Media:
    """Draw a place on the map."""
    spot = part(holder, "location")
    where = text(spot.get("name")) or f"{text(spot.get('latitude'))}, {text(spot.get('longitude'))}"
    return Media("location", where, text(spot.get("address")))


def product(item: Json) -> Media:
    """Draw a product of a catalogue, whose picture, title and price WhatsApp knows."""
    return Media("product", text(item.get("product_retailer_id")))


def products(holder: Json) -> tuple[Section, ...]:
    """List the products of a message, section by section."""
    return tuple(
        Section(
            text(each.get("title")),
            tuple((text(item.get("product_retailer_id")), "") for item in items(each, "product_items")),
        )
        for each in items(holder, "sections")
    )


def link(parameters: Json) -> Button:
    """Draw a button that opens an address."""
    return Button("url", text(parameters.get("display_text")), text(parameters.get("url")))


def _last(address: str) -> str:
    """Name a linked file by the end of its address."""
    split = urlsplit(address)
    return unquote(split.path.rsplit("/", 1)[-1]) or split.netloc
