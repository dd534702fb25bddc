"""A message as its reader sees it, whoever draws it: what stands above the text, the text, and what can be tapped."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

MediaKind = Literal[
    "image", "video", "gif", "document", "audio", "voice", "sticker", "location", "product", "contact", "reaction"
]

# Leads to: reply, the answer it sends back; url, an address; copy, a code; call, a phone; open, something in WhatsApp.
ButtonKind = Literal["reply", "url", "copy", "call", "open"]

# What WhatsApp puts where the template's own words are not known.
UNKNOWN_LABEL: Final = "(label of the template)"


class Media(NamedTuple):
    """Something that is no text; `name`: a file's, a place's or a product's, `detail` more of the same."""

    kind: MediaKind
    name: str = ""
    detail: str = ""


class Button(NamedTuple):
    """Something to tap; `leads_to` says what it does, '' if that is not known."""

    kind: ButtonKind
    label: str
    leads_to: str = ""


class Filled(NamedTuple):
    """A value of the file whose place in the template is not known: `place` names it, as in body 1."""

    place: str
    value: str


class Section(NamedTuple):
    """A part of the list that a button opens: rows of (title, what it says below)."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One of several to swipe."""

    media: Media | None = None
    body: str = ""
    filled: tuple[Filled, ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Bubble:
    """A whole message. Texts may have WhatsApp's marks in them; control characters have been made harmless.

    `template` names the template; `known` is False where only what the file fills into it can be shown.
    """

    media: Media | None = None
    title: str = ""
    body: str = ""
    footer: str = ""
    filled: tuple[Filled, ...] = ()
    buttons: tuple[Button, ...] = ()
    sections: tuple[Section, ...] = ()
    cards: tuple[Card, ...] = ()
    template: str = ""
    known: bool = True
