"""Messages of a plan as their readers will see them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from campaign.bootstrap.intent import Intent
from campaign.bootstrap.preflight import Look
from campaign.domain.media import frozen_name
from campaign.domain.numbers import mask
from campaign.domain.preview import Bubble, preview
from campaign.domain.template_definition import TemplateDefinition
from campaign.plan import Example

# What a message answers to: base64 around the number of whoever wrote it.
_MESSAGE_ID: Final = re.compile(rb"wamid\.[\w+/=.-]+")


class Shown(NamedTuple):
    """One message: whose, by the row and the masked number, of which variant, and what they see.

    `message` is in the API's shape; the ID of a message that it answers to is left out.
    """

    row: int
    number: str
    variant: str
    message: Mapping[str, Any]
    bubble: Bubble


def shown(intent: Intent, look: Look, examples: Sequence[Example]) -> tuple[Shown, ...]:
    """Show examples of a plan."""
    names = {frozen_name(file.sha256): file.name for file in intent.campaign.files}
    return tuple(_shown(intent, look, names, each) for each in examples)


def _shown(intent: Intent, look: Look, names: Mapping[str, str], each: Example) -> Shown:
    message: Mapping[str, Any] = orjson.loads(_MESSAGE_ID.sub(b"wamid.(hidden)", each.content))
    bubble = preview(message, _definition(look, message), names=names)
    return Shown(each.row, mask(each.number), intent.wordings[each.variant].name, message, bubble)


def _definition(look: Look, message: Mapping[str, Any]) -> TemplateDefinition | None:
    """Find the template's own words, if the account told them."""
    if message.get("type") != "template":
        return None
    name, language = message["template"]["name"], message["template"]["language"]["code"]
    return next((each for each in look.definitions if (each.name, each.language) == (name, language)), None)
