"""The settings' `opt_out`: with which words and buttons people ask to get no more, and how much of ours that ends."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from campaign.domain.opt_out import BUTTONS, WORDS, OptOut, OptOutScope, folded, opt_out_of
from campaign.settings.quantities import Section, matching, refuse, shown

_QUOTED: Final = "write a word or a few, as in 'stop'; a number needs quotes"


def _word(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise refuse(f"{shown(value)} is no word", _QUOTED)
    if not folded(value):
        raise refuse(f"{shown(value)} has no letter or digit, or far too many", _QUOTED)
    return str(value)


Word = Annotated[str, BeforeValidator(_word)]
Language = Annotated[
    str,
    matching("[a-z]{2,3}", "that is no language", "write its two letters, as in en or fr; a region does not matter"),
]

_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "propertyNames": {"pattern": "^[a-z]{2,3}$"},
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
}

Words = Annotated[
    Mapping[Language, tuple[Word, ...]],
    AfterValidator(lambda found: MappingProxyType(dict(found))),
    PlainSerializer(lambda found: {language: list(words) for language, words in found.items()}),
    WithJsonSchema(_SCHEMA),
]


class OptOuts(Section):
    """Words by language, buttons by payload or label, and the scope; a language that is named replaces its own words.

    An empty list takes a language out; the same word may still stand in another.
    """

    words: Words = Field(default_factory=dict)
    buttons: tuple[Word, ...] = BUTTONS
    scope: OptOutScope = "marketing"

    @property
    def rules(self) -> OptOut:
        """Put them together with the words of the languages that are not named."""
        return opt_out_of({**WORDS, **self.words}, self.buttons, scope=self.scope)
