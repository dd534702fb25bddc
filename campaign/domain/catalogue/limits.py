"""How long and how many: the platform's limits on a message, each with its source.

Where Meta's own pages disagree, the smaller figure is in force and the larger one is in `elsewhere`: what is refused
here can be shortened, what the platform refuses in mid-campaign cannot. No page gives the two dialects different
figures for one version of the API; where the figures of `elsewhere` belong to one dialect, it says so.

Pages are those of Meta's "Business messaging, WhatsApp" documentation with their date; OpenAPI is Meta's description
of the Business Messaging API v23.0 (21 Nov 2025); the On-Premises reference is that of its `/messages` node.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal["characters", "items", "line breaks"]


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many; `least` is for items alone."""

    most: int
    source: str
    elsewhere: str = ""
    unit: Unit = "characters"
    least: int = 0


def _items(most: int, source: str, *, least: int = 0) -> Limit:
    return Limit(most, source, unit="items", least=least)


TEXT: Final = "Text messages, 3 Nov 2025"
BUTTONS: Final = "Interactive reply buttons messages, 3 Nov 2025; OpenAPI"
LIST: Final = "Interactive list messages, 3 Nov 2025; OpenAPI; On-Premises reference"
CTA: Final = "Interactive call-to-action URL button messages, 3 Nov 2025"
PRODUCTS: Final = "Share products, 6 Nov 2025; OpenAPI; On-Premises reference"
CARDS: Final = "Interactive media carousel messages, 21 Oct 2025"
COMPONENTS: Final = "Template components, 21 Nov 2025"
MPM: Final = "Multi-product message templates, 4 Nov 2025"
CARD_TEMPLATES: Final = "Media card carousel templates, 4 Nov 2025"

LIMITS: Final[Mapping[str, Limit]] = {
    "text body": Limit(4096, TEXT),
    "caption": Limit(1024, "Image, video and document messages, 3 Nov 2025; OpenAPI"),
    "contacts": Limit(257, "Contacts messages, 3 Nov 2025", "5 in OpenAPI, which the page contradicts", "items", 1),
    # Interactive messages.
    "interactive body": Limit(1024, BUTTONS, "4096 for a list in the Cloud API's own page, 3 Nov 2025"),
    "interactive header": Limit(60, BUTTONS),
    "interactive header sub-text": Limit(60, "OpenAPI"),
    "interactive footer": Limit(60, BUTTONS),
    "reply buttons": _items(3, BUTTONS, least=1),
    "reply button id": Limit(256, BUTTONS),
    "reply button title": Limit(20, BUTTONS),
    "list button": Limit(20, LIST),
    "list sections": _items(10, LIST, least=1),
    "list rows": _items(10, LIST, least=1),
    "section title": Limit(24, LIST),
    "row id": Limit(200, LIST),
    "row title": Limit(24, LIST),
    "row description": Limit(72, LIST),
    "link button": Limit(20, CTA),
    "product": Limit(100, "On-Premises reference"),
    "product sections": _items(10, PRODUCTS, least=1),
    "products": _items(30, PRODUCTS, least=1),
    "flow button": Limit(20, "On-Premises reference", "30 in OpenAPI, for the Cloud API"),
    "carousel cards": _items(10, CARDS, least=2),
    "carousel card body": Limit(160, CARDS),
    "carousel card line breaks": Limit(2, CARDS, unit="line breaks"),
    # Templates. A parameter can never be longer than the finished text around it (132005).
    "template name": Limit(512, "Templates overview, Nov 2025"),
    "template header": Limit(60, COMPONENTS),
    "template body": Limit(1024, COMPONENTS, "a parameter alone may have 32,768 in OpenAPI"),
    "template offer body": Limit(600, "Limited-time offer templates, 4 Nov 2025"),
    "template card body": Limit(160, CARD_TEMPLATES),
    "template URL": Limit(2000, COMPONENTS),
    "coupon code": Limit(15, COMPONENTS, "20 since 3 Dec 2025, in one copy of the Cloud API's page"),
    "one-time code": Limit(15, "Authentication templates, Nov 2025"),
    "header parameters": _items(1, COMPONENTS, least=1),
    "button parameters": _items(1, COMPONENTS, least=1),
    "offer parameters": _items(1, "Limited-time offer templates, 4 Nov 2025", least=1),
    "template buttons": _items(10, COMPONENTS),
    "template quick replies": _items(10, COMPONENTS),
    "template URL buttons": _items(2, COMPONENTS),
    "template copy code buttons": _items(1, COMPONENTS),
    "template card buttons": _items(2, CARD_TEMPLATES),
    "template cards": _items(10, CARD_TEMPLATES, least=2),
    "template product sections": _items(10, MPM, least=1),
    "template products": _items(30, MPM, least=1),
    "template section title": Limit(24, MPM),
}
