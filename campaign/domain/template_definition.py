"""A template as WhatsApp holds it: what it says, and what a message has to fill in.

Source: Meta, "Template components" (21 Nov 2025) and the fields of `message_templates` (Graph reference, Nov 2025).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

APPROVED: Final = "APPROVED"
# Categories of before 2023, which old templates still have.
OLD_CATEGORIES: Final[Mapping[str, str]] = MappingProxyType({"OTP": "AUTHENTICATION", "TRANSACTIONAL": "UTILITY"})

UNREADABLE: Final = "components"

_VARIABLE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")

# What a message calls each kind of button that it may fill in. A one-time password is sent as the end of a link.
_SENT_AS: Final[Mapping[str, str | None]] = MappingProxyType(
    {
        "QUICK_REPLY": "quick_reply",
        "URL": "url",
        "OTP": "url",
        "COPY_CODE": "copy_code",
        "CATALOG": "catalog",
        "MPM": "mpm",
        "FLOW": "flow",
        "VOICE_CALL": "voice_call",
        "SPM": None,
        "PHONE_NUMBER": None,
        "REQUEST_CONTACT_INFO": None,
    }
)
_FILLED: Final = frozenset({"COPY_CODE", "MPM", "OTP"})


def variables_of(text: str) -> tuple[str, ...]:
    """Name the variables of a text, each once; numbered ones by their number."""
    names = dict.fromkeys(_VARIABLE.findall(text))
    return tuple(sorted(names, key=int)) if all(name.isdecimal() for name in names) else tuple(names)


@dataclass(frozen=True, slots=True)
class HeaderDefinition:
    """A header: `form` is TEXT, IMAGE, VIDEO, DOCUMENT, GIF, LOCATION, PRODUCT, or a word of tomorrow."""

    form: str
    text: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        return variables_of(self.text)


@dataclass(frozen=True, slots=True)
class ButtonDefinition:
    """A button, in the template's order."""

    kind: str
    text: str = ""
    url: str = ""

    @property
    def is_known(self) -> bool:
        return self.kind in _SENT_AS

    @property
    def sub_type(self) -> str | None:
        """Name it as a message does; None where a message leaves it out."""
        return _SENT_AS.get(self.kind)

    @property
    def is_filled(self) -> bool:
        """Tell whether a message has to fill something in."""
        return self.kind in _FILLED or (self.kind == "URL" and bool(variables_of(self.url)))


@dataclass(frozen=True, slots=True)
class PartDefinition:
    """A template itself, or one card of its carousel; `body` None where WhatsApp does not tell it.

    `examples` are what was written for each variable when the template was made.
    """

    header: HeaderDefinition | None = None
    body: str | None = None
    footer: str = ""
    buttons: tuple[ButtonDefinition, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> tuple[str, ...]:
        """Name the variables of the body."""
        return variables_of(self.body or "")

    @property
    def all_variables(self) -> tuple[str, ...]:
        """Name everything to be filled in, in the order people see it: header, body, buttons."""
        header = self.header.variables if self.header else ()
        links = [name for each in self.buttons if each.is_filled for name in variables_of(each.url) or (each.kind,)]
        return (
            *(f"header.{name}" for name in header),
            *self.variables,
            *(f"button.{name.lower()}" for name in links),
        )


# Whether a message says when the offer ends: it must, it may, or there is no offer.
Offer = Literal["needed", "possible", "none"]


@dataclass(frozen=True, slots=True)
class TemplateDefinition:
    """One language of a template. Words are WhatsApp's own, empty where it said nothing.

    `strange` names components this program does not know, UNREADABLE where none could be read; `digest` changes
    with any component, category or status.
    """

    name: str
    language: str
    status: str = ""
    category: str = ""
    quality: str = ""
    whole: PartDefinition = PartDefinition()
    cards: tuple[PartDefinition, ...] = ()
    offer: Offer = "none"
    is_named: bool = False
    strange: tuple[str, ...] = ()
    digest: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        """Name everything to be filled in; of the cards of a carousel, with the number of the card."""
        cards = [f"card {at}.{name}" for at, card in enumerate(self.cards, start=1) for name in card.all_variables]
        return (*self.whole.all_variables, *cards)
