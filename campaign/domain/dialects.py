"""One message, two dialects: the canonical message is the Cloud API's; On-Premises spells some of it otherwise.

Source: Meta, "Migrating from On-Premises to Cloud API", Nov 2025, and the reference of the On-Premises `/messages`
node. What On-Premises has no word for at all is refused by the catalogue before it comes here.
"""

from collections.abc import Mapping
from typing import Any

from campaign.domain.catalogue.fault import Dialect

__all__ = ["Dialect", "shaped"]


def shaped(message: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """Write a canonical message as a dialect's wire wants it; the message itself stays as it is."""
    if dialect == "cloud":
        return dict(message)
    match message:
        case {"type": "text", "text": {"preview_url": preview, **text}, **others}:
            return {**others, "type": "text", "text": text, "preview_url": preview}
        case {"type": "audio", "audio": {"voice": voice, **audio}, **others}:
            kind = "voice" if voice else "audio"
            return {**others, "type": kind, kind: audio}
        case {"type": "template", "template": Mapping() as template}:
            return {**message, "template": _template(template)}
        case _:
            return dict(message)


def _template(template: Mapping[str, Any]) -> dict[str, Any]:
    """Name the one language policy there is, and count buttons in text as On-Premises does."""
    language = {**template.get("language", {}), "policy": "deterministic"}
    components = [_component(component) for component in template.get("components", ())]
    return {**template, "language": language, **({"components": components} if components else {})}


def _component(component: Mapping[str, Any]) -> dict[str, Any]:
    cards = [{**card, "components": [_component(each) for each in card["components"]]} for card in _cards(component)]
    index = {"index": str(component["index"])} if "index" in component else {}
    return {**component, **index, **({"cards": cards} if cards else {})}


def _cards(component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(component.get("cards", ()))
