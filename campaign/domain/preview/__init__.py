"""A rendered message in the API's shape -> what its reader sees, in no particular medium."""

from typing import Final

from campaign.domain.preview.bubble import Bubble, Button, Card, Filled, Media, Section
from campaign.domain.preview.free_form import FREE_FORM
from campaign.domain.preview.interactive import interactive
from campaign.domain.preview.marks import Span, neutral, spans
from campaign.domain.preview.reading import Json, Names, part
from campaign.domain.preview.template import template
from campaign.domain.template_definition import TemplateDefinition

__all__ = ["Bubble", "Button", "Card", "Filled", "Media", "Section", "Span", "neutral", "preview", "spans"]

READ: Final = Bubble(body="(no message: it marks what they wrote as read, with two blue ticks)")


def preview(message: Json, definition: TemplateDefinition | None = None, *, names: Names | None = None) -> Bubble:
    """Show a message as its reader will see it; what is not understood is left out.

    `definition`: the template's own words, where they are known. `names`: what the files a message carries are called,
    by the word that stands for each (sha256:...).
    """
    known = names or {}
    kind = str(message.get("type", ""))
    if kind == "template":
        return template(part(message, "template"), definition, known)
    if kind == "interactive":
        return interactive(part(message, "interactive"), known)
    draw = FREE_FORM.get(kind)
    return draw(message, known) if draw else READ
